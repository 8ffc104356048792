"""Sign-in: by password, passkey or a provider; how strong it was; when it ends; how often it may be tried.

django-allauth carries passwords, one-time codes, passkeys and limits; requests-oauth2client carries OpenID Connect.
"""

from medvirk.people.signin.accounts import AccountAdapter, SignInNameBackend
from medvirk.people.signin.factors import FactorAdapter

__all__ = ["AccountAdapter", "FactorAdapter", "SignInNameBackend"]
