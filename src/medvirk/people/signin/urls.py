"""Addresses of sign-in and one's own security. allauth knows them by these names, so they stand in no namespace."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from medvirk.people.access import for_everyone, for_signed_in
from medvirk.people.signin.factors import shows_a_factor
from medvirk.people.views import account as own
from medvirk.people.views.handover import handed_over

urlpatterns = [
    path("login/", own.sign_in, name="account_login"),
    path("login/code/", for_everyone(factors.authenticate), name="mfa_authenticate"),
    path("login/passkey/", for_everyone(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("login/<slug:provider>/", own.sign_in_with, name="sign_in_with"),
    path("login/<slug:provider>/back/", own.sign_in_back, name="sign_in_back"),
    path("logout/", for_everyone(account.logout), name="account_logout"),
    path("inactive/", for_everyone(account.account_inactive), name="account_inactive"),
    path("password/", for_signed_in(own.change_password), name="account_change_password"),
    path("again/", for_signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("again/code/", for_signed_in(factors.reauthenticate), name="mfa_reauthenticate"),
    path(
        "again/passkey/", for_signed_in(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"
    ),
    path("screen/", handed_over, name="account_handed_over"),
    path("stay/", own.stay, name="account_stay"),
    path("left/", own.time_left, name="account_time_left"),
    path("security/", own.security, name="mfa_index"),
    path("security/everywhere/", own.sign_out_everywhere, name="account_sign_out_everywhere"),
    path("security/app/", for_signed_in(shows_a_factor(totp.activate_totp)), name="mfa_activate_totp"),
    path("security/app/remove/", own.remove_app, name="mfa_deactivate_totp"),
    path("security/passkeys/", for_signed_in(shows_a_factor(passkeys.add_webauthn)), name="mfa_add_webauthn"),
    path("security/passkeys/remove/", own.remove_passkey, name="account_remove_passkey"),
    path("security/codes/", own.recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "security/codes/new/",
        for_signed_in(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
