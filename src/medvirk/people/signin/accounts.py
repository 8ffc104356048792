"""Sign-in by name and password. The name is found by its keyed hash, never stored in the clear."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from medvirk.people.identity import sign_in_key, sign_in_keys
from medvirk.people.models import User
from medvirk.people.signin import limits, sessions
from medvirk.people.signin.levels import Level, set_level

#: Where a session holds [who, by what] between a right password and the second step.
FIRST_STEP = "first_step"


class SignInNameBackend(BaseBackend):
    """Finds the account by the hash of the sign-in name; takes the same time whether or not there is one."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # noqa: ARG002
        name, password = credentials.get("username"), credentials.get("password")
        if not name or not password:
            return None
        user = User.objects.filter(login_hash__in=sign_in_keys(name)).first()
        # An account without a password of its own (a citizen's, say) takes as long as any other.
        if user is None or not user.has_usable_password():
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the administrator, or by a citizen's first sign-in, never by signing up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "The sign-in name or the password is wrong. Check both and try again."
        ),
        "too_many_login_attempts": _(
            "This has been tried too many times. Wait five minutes, then try again. If you have forgotten the "
            "password, ask the one who administers Medvirk."
        ),
        "rate_limited": _("This has been tried too many times. Wait five minutes, then try again."),
        "incorrect_password": _("The password is wrong. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Who has this name and password. Wrong ones are counted by address and by name.

        By address apart from codes: a right code wipes the counts that wrong codes stand in, those of its address too,
        so whoever has a code app of their own could guess at the passwords of others for ever.
        """
        counted = limits.count(request, "password")
        if counted is None:
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            counted.rollback()
        return user

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """The first step is done; what it was done by is noted, for the second step to see that it still counts."""
        request.session[FIRST_STEP] = [str(user.pk), user.get_session_auth_hash()]
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in; note how strongly, and forget the name that was typed.

        Raises:
            ImmediateHttpResponse: the password was changed, or everybody signed out, between the two steps.
        """
        who, by = request.session.pop(FIRST_STEP, None) or (None, None)
        if who == str(user.pk) and by != user.get_session_auth_hash():
            raise ImmediateHttpResponse(redirect("account_login"))
        # The name under which the settings know it: Django takes a session by any other for nobody's.
        user.backend = settings.AUTHENTICATION_BACKENDS[0]
        super().login(request, user)
        records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {key: value for key, value in record.items() if key != "username"} for record in records
        ]
        second = any(record.get("method") == "mfa" for record in records)
        set_level(request, Level.TWO_FACTORS if second else Level.PASSWORD)
        sessions.begin(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the same person was when the session ended; nobody else is sent there."""
        return sessions.place_to_return(request) or super().get_login_redirect_url(request)

    def set_password(self, user: User, password: str) -> None:
        """Store a password that its owner chose."""
        user.has_first_password = False
        super().set_password(user, password)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Is this the user's password? Counted like a sign-in, so that it cannot be guessed here either."""
        found = self.authenticate(context.request, username=user.login, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again before factors are changed, unless the sign-in itself is a few minutes old."""
        return super().is_reauthentication_required(app=app, **kwargs) and not sessions.is_new(
            context.request
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        """What failed attempts are counted by: a keyed hash, since the name may be an e-mail address."""
        return sign_in_key(credentials.get("username") or "")
