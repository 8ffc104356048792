"""One's own account: ways in, second factors, and when the session ends."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.utils import perform_login
from allauth.account.views import LoginView, password_change
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import view_recovery_codes
from allauth.mfa.totp.views import deactivate_totp
from allauth.mfa.webauthn.internal.flows import remove_authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, for_everyone, for_signed_in, needs
from medvirk.people.actions import (
    account_by_job,
    end_all_sessions,
    expect_job_account,
    forget_factors,
    let_job_account_go,
    own_account,
)
from medvirk.people.forms import JobAccountForm
from medvirk.people.models import Staff, User
from medvirk.people.queries import staff_in_scope
from medvirk.people.signin import handover, openid, sessions
from medvirk.people.signin.factors import passkey_name
from medvirk.people.signin.levels import Level, lacks_a_factor, set_level
from medvirk.people.signin.limits import limited
from medvirk.people.signin.providers import CITIZENS, STAFF, Provider, providers
from medvirk.people.views.steps import attempt, posted

sign_in = for_everyone(LoginView.as_view(extra_context={"providers": providers}))


@for_everyone
@limited("provider")
def sign_in_with(request: HttpRequest, provider: str) -> HttpResponse:
    """Send the browser to the provider's own sign-in page."""
    chosen = _provider_or_404(provider)
    try:
        shared = bool(request.GET.get("shared"))
        again = chosen.key == STAFF and handover.must_show_anew(request)
        return redirect(openid.begin(request, chosen, shared=shared, again=again))
    except openid.NotSignedIn as why:
        return _not_signed_in(request, str(why), status=502)


@for_everyone
@limited("provider")
def sign_in_back(request: HttpRequest, provider: str) -> HttpResponse:
    """The provider has sent the browser back: look at its answer, and sign in who it names."""
    chosen = _provider_or_404(provider)
    try:
        claims, noted = openid.finish(request, chosen)
        if chosen.key == CITIZENS and not openid.level_is_enough(claims):
            return _once_more(request, chosen, noted)
        # Also where the sign-in began before the screen was handed over.
        anew = noted["again"] or handover.must_show_anew(request)
        if chosen.key == STAFF and anew and not openid.asked_just_now(claims, noted):
            raise _not_asked(chosen)
        user = _citizen(claims) if chosen.key == CITIZENS else _worker(chosen, claims)
    except openid.Cancelled as why:
        messages.info(request, str(why))
        return redirect("account_login")
    except openid.NotSignedIn as why:
        return _not_signed_in(request, str(why))
    if request.handed_over is not None:
        return _take_screen_back(request, user)
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    request.session[sessions.SHARED] = noted["shared"]
    if chosen.key == STAFF and not openid.shows_two_factors(chosen, claims):
        # The provider asked for one factor only: their own second factor here, if they have one, is asked for too.
        return perform_login(request, user)
    adapter = get_adapter(request)
    adapter.login(request, user)
    set_level(request, Level.TWO_FACTORS)
    return redirect(adapter.get_login_redirect_url(request))


def _not_asked(provider: Provider) -> openid.NotSignedIn:
    return openid.NotSignedIn(
        _(
            "This screen has been handed over, so %(name)s must ask anew who you are. It did not, or did not say so. "
            "Try once more, or close all windows of the browser and sign in again."
        )
        % {"name": provider.name}
    )


def _take_screen_back(request: HttpRequest, user: User) -> HttpResponse:
    """The provider has asked anew: is it the worker who handed the screen over?"""
    if user.pk == request.handed_over.user.pk:
        return redirect(handover.take_back(request))
    if handover.count_wrong(request):
        return redirect("account_login")
    return _not_signed_in(request, _("Only the one who handed the screen over can take it back."))


def _provider_or_404(key: str) -> Provider:
    try:
        return providers()[key]
    except KeyError:
        raise Http404 from None


def _once_more(request: HttpRequest, provider: Provider, noted: Mapping[str, Any]) -> HttpResponse:
    """Ask once for a stronger sign-in; then say that this one was too weak."""
    if noted["again"]:
        raise openid.TooWeak(
            _(
                "You signed in at a lower level than is needed to see information about health. Sign in once more "
                "with BankID, Buypass or Commfides. If you have none of them, talk to those who help you."
            )
        )
    return redirect(openid.begin(request, provider, shared=noted["shared"], again=True))


def _citizen(claims: Mapping[str, Any]) -> User:
    number = claims.get("pid")
    user = own_account(by=None, national_id=number) if isinstance(number, str) else None
    if user is None:
        raise openid.NotSignedIn(
            _(
                "We do not know you here yet. If you get help from this municipality, ask those who help you to "
                "register your national identity number. Nothing about you has been kept now."
            )
        )
    return user


def _worker(provider: Provider, claims: Mapping[str, Any]) -> User:
    user = account_by_job(
        by=None,
        issuer=provider.issuer,
        tenant=str(claims.get("tid") or ""),
        subject=str(claims.get("oid") or claims["sub"]),
        name=str(claims.get(provider.name_claim) or ""),
    )
    if user is None:
        raise openid.NotSignedIn(
            _(
                "Your job account is not tied to an account here. Ask the one who administers Medvirk where you "
                "work to do that."
            )
        )
    return user


def _not_signed_in(request: HttpRequest, why: str, *, status: int = 403) -> HttpResponse:
    return render(request, "account/not_signed_in.html", {"why": why}, status=status)


def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; who signs in without one (as in the demo) is told so."""
    if request.user.has_usable_password():
        return password_change(request)
    messages.info(request, _("You sign in here without a password, so there is none to change."))
    return redirect("start")


@for_signed_in
def security(request: HttpRequest) -> HttpResponse:
    """How one signs in, and what to do when a phone is lost."""
    own = Authenticator.objects.filter(user=request.user)
    passkeys = own.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at")
    recovery = own.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    return render(request, "account/security.html", {
        "lacking": lacks_a_factor(request),
        "app": own.filter(type=Authenticator.Type.TOTP).first(),
        "passkeys": [(each, passkey_name(each)) for each in passkeys],
        "codes_left": len(recovery.wrap().get_unused_codes()) if recovery else None,
        "has_password": request.user.has_usable_password(),
        "for_oneself": request.viewer.own_person_id is not None,
    })  # fmt: skip


@for_signed_in
@reauthentication_required(app="allauth.mfa")
def remove_app(request: HttpRequest) -> HttpResponse:
    """Asks first; without a code app there is nothing to remove."""
    if not Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists():
        return redirect("mfa_index")
    return deactivate_totp(request)


@for_signed_in
@reauthentication_required(app="allauth.mfa")
def remove_passkey(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        own = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
        number = request.POST.get("passkey", "")
        found = own.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if found is not None:
            remove_authenticator(request, found)
    return redirect("mfa_index")


@for_signed_in
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes, shown once; without a second factor there are none."""
    if not Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES).exists():
        return redirect("mfa_index")
    return view_recovery_codes(request)


@for_signed_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own, this one too."""
    if request.method != "POST":
        return redirect("mfa_index")
    end_all_sessions(by=request.viewer, user=request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


@for_signed_in
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is there: the middleware has noted it."""
    return HttpResponse() if request.method == "POST" else redirect("mfa_index")


@for_signed_in
@sessions.polling
def time_left(request: HttpRequest) -> HttpResponse:
    """Seconds until the session ends, for the page to warn in time. Asking does not prolong it."""
    return JsonResponse({"seconds": max(0, int(sessions.time_left(request).total_seconds()))})


@needs(Permission.MANAGE_STAFF)
def ways_in(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """A worker's job account and second factors, for the one who administers accounts."""
    held: Staff = get_object_or_404(
        staff_in_scope(request.viewer).select_related("person", "user"), pk=staff_id
    )
    form = JobAccountForm(posted(request) if not {"let_go", "forget"} & set(request.POST) else None)
    if request.method == "POST" and (told := _change_ways_in(request, held, form)):
        messages.success(request, told)
        return redirect("people:staff", held.pk)
    return render(request, "people/ways_in.html", {
        "form": form,
        "staff": held,
        "account": getattr(held.user, "job_account", None),
        "factors": Authenticator.objects.filter(user__staff=held).exists(),
    })  # fmt: skip


def _change_ways_in(request: HttpRequest, held: Staff, form: JobAccountForm) -> str:
    """Do what was asked, and say what was done; nothing was when the text is empty."""
    if request.POST.get("let_go"):
        let_job_account_go(by=request.viewer, staff=held)
        return _("The job account opens nothing here any more.")
    if request.POST.get("forget"):
        forget_factors(by=request.viewer, staff=held)
        return _("Code app, passkeys and codes are taken away. New ones are set up at the next sign-in.")
    name = form.cleaned_data.get("name", "") if form.is_valid() else ""
    if attempt(form, lambda: expect_job_account(by=request.viewer, staff=held, name=name)):
        return _("The first sign-in by this name is now waited for.")
    return ""
