"""Every address. Each view declares what it needs (`people.access`); a test walks them all."""

from allauth.account import views as account
from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from medvirk.config.start import start
from medvirk.people.access import for_everyone, for_signed_in
from medvirk.people.views.account import change_password

urlpatterns = [
    path("", start, name="start"),
    path("language/", for_everyone(set_language), name="set_language"),
    path("accounts/login/", for_everyone(account.login), name="account_login"),
    path("accounts/logout/", for_everyone(account.logout), name="account_logout"),
    path("accounts/inactive/", for_everyone(account.account_inactive), name="account_inactive"),
    path("accounts/password/", for_signed_in(change_password), name="account_change_password"),
    path("people/", include("medvirk.people.urls")),
    path("a/", include("medvirk.answers.urls")),
    path("feedback/", include("medvirk.feedback.urls")),
]

if settings.DEMO:
    from medvirk.config.demo.views import try_as

    urlpatterns.append(path("try/<slug:who>/", try_as, name="try_as"))
