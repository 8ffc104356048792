"""Sign-in by name and password. The name is found by its keyed hash, never stored in the clear."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from medvirk.people.identity import sign_in_key
from medvirk.people.models import User


class SignInNameBackend(BaseBackend):
    """Finds the account by the hash of the sign-in name; takes the same time whether or not there is one."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # noqa: ARG002
        name, password = credentials.get("username"), credentials.get("password")
        if not name or not password:
            return None
        user = User.objects.filter(login_hash=sign_in_key(name)).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the administrator, not by signing up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "The sign-in name or the password is wrong. Check both and try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, and forget the name that was typed: sessions are stored in the clear."""
        super().login(request, user)
        records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {key: value for key, value in record.items() if key != "username"} for record in records
        ]

    def set_password(self, user: User, password: str) -> None:
        """Store a password that its owner chose."""
        user.has_first_password = False
        super().set_password(user, password)
