"""Settings: safe by default, changed by environment variables (docs/running.md lists them)."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from medvirk.messages.logic import Security, parse_quiet_hours, smtp_from
from medvirk.messages.logic.sms import gateway_from, webhook_secrets_from

PACKAGE = Path(__file__).resolve().parent.parent
# Where data lives: database, keys, cached charts. Never inside the package.
DATA = Path(os.environ.get("MEDVIRK_DATA", "var")).resolve()


def flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def number(name: str, *, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 up.")
    return int(value)


def chosen(name: str, choices: tuple[str, ...], *, default: str) -> str:
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
    return value


def proxies() -> int:
    """How many proxies of one's own stand in front: each adds an address that can be relied on."""
    value = os.environ.get("MEDVIRK_BEHIND_PROXY", "0")
    return int(value) if value.isdecimal() else int(flag("MEDVIRK_BEHIND_PROXY"))


DEMO = flag("MEDVIRK_DEMO")
DEBUG = False
SECRET_KEY_FILE = DATA / "secret.key"
KEY_FILE = Path(os.environ.get("MEDVIRK_KEY_FILE", DATA / "identifiers.key"))
# What shows that nothing is cut off the end of the access log; better on another machine (docs/log.md).
LOG_HEAD = Path(os.environ.get("MEDVIRK_LOG_HEAD", DATA / "access-log.head"))
# What `medvirk backup` takes along beside the database. Keys never.
KEPT_BESIDE_DATABASE = [LOG_HEAD]
ALLOWED_HOSTS = os.environ.get("MEDVIRK_HOSTS", "localhost,127.0.0.1").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("MEDVIRK_ORIGINS", "").split(",") if origin]
HTTPS = flag("MEDVIRK_HTTPS", default=not DEMO)


def secret_key() -> str:
    """From the environment, else from a file made at first start and readable by the owner only."""
    if from_environment := os.environ.get("MEDVIRK_SECRET_KEY"):
        return from_environment
    if not SECRET_KEY_FILE.exists():
        from django.core.management.utils import get_random_secret_key

        SECRET_KEY_FILE.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
    return SECRET_KEY_FILE.read_text().strip()


SECRET_KEY = secret_key()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "simple_history",
    "template_partials",
    "medvirk.tables",
    "medvirk.ui",
    "medvirk.people",
    "medvirk.messages",
    "medvirk.library",
    "medvirk.instruments",
    "medvirk.answers",
    "medvirk.feedback",
    "medvirk.interop",
    # After the rooms: their templates come before those of others.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    # Outermost, so that redirects to HTTPS, static files and faults carry the headers too.
    "medvirk.ui.middleware.HeadersOfEveryResponse",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "medvirk.ui.middleware.WholePageToSignIn",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before the check of who is signed in: it ends sessions that nobody uses.
    "medvirk.people.signin.middleware.SignInRules",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "medvirk.people.middleware.CurrentViewer",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "medvirk.config.urls"
WSGI_APPLICATION = "medvirk.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "config" / "demo" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "medvirk.ui.context.house",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "medvirk.ui.templatetags.ui",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{DATA / 'medvirk.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets reading go on while one writes; FULL means that an acknowledged answer is on disk; immediate
    # transactions wait for the lock instead of failing half-way.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["medvirk.people.signin.SignInNameBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "medvirk.ui.views.form_ran_out"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "medvirk.people.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_hash"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"login": "medvirk.people.signin.forms.SignInForm"}
# Wrong passwords: 5 in five minutes for one name (by its keyed hash); by address: `people.signin.limits`.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/300s/key"}
MFA_ADAPTER = "medvirk.people.signin.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "medvirk.people.signin.forms.SetUpAppForm",
    "authenticate": "medvirk.people.signin.forms.CodeForm",
    "reauthenticate": "medvirk.people.signin.forms.CodeAgainForm",
    "add_webauthn": "medvirk.people.signin.factors.NewPasskeyForm",
    "login_webauthn": "medvirk.people.signin.forms.PasskeySignInForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Medvirk"
# The clock of a phone may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Sign-in services of citizens and staff, and how strongly each must sign in (docs/signin.md).
SIGNIN_FILE = Path(os.environ.get("MEDVIRK_SIGNIN_FILE", DATA / "signin.toml"))
STAFF_LEVEL = chosen("MEDVIRK_STAFF_LEVEL", ("two", "one"), default="one" if DEMO else "two")
CITIZEN_LEVEL = chosen("MEDVIRK_CITIZEN_LEVEL", ("high", "substantial"), default="high")
IDLE_MINUTES = number("MEDVIRK_IDLE_MINUTES", default=60 if DEMO else 15)

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian Bokmål")), ("nn", _("Norwegian Nynorsk")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
FORMAT_MODULE_PATH = "medvirk.ui.formats"

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CACHES = {
    "default": {
        "BACKEND": "medvirk.people.cache.EncryptedDatabaseCache",
        "LOCATION": "ui_cache",
        # Limits on sign-in are counted here: too small a cache would be emptied by somebody who asks for much.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Encrypted rows; what is told on the next page waits in them too, not in a cookie.
SESSION_ENGINE = "medvirk.people.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# The prefix lets no neighbouring host name and no plain connection set the cookie: browsers hold to it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
# No script of ours reads a cookie: forms carry the token themselves.
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
# The address of who asks, for limits: as the last proxies of one's own wrote it, never as the browser says.
ALLAUTH_TRUSTED_PROXY_COUNT = proxies()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
# Tokens of answer links are part of an address: no other site may ever hear of one.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Nobody is told of what it stopped: such a report holds the address of the page, and an address may be a
        # link to answer by. The browser tests fail on anything that is stopped.
        **({"upgrade-insecure-requests": True} if HTTPS else {}),
    }
}
# What one request may hold; more is answered 400 or 413 with a sentence. One file, where a view takes one.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["medvirk.ui.uploads.OneFileWhereItIsTaken"]

# What leaves the house by e-mail. Certificates are verified; SSL_CERT_FILE names a bundle of one's own.
ADDRESS = os.environ.get("MEDVIRK_ADDRESS", "").rstrip("/") or (
    CSRF_TRUSTED_ORIGINS[0]
    if CSRF_TRUSTED_ORIGINS
    else f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0]}"
)
# How to reach the data protection officer, as it is to be read: an address, a number, or both.
PRIVACY_CONTACT = os.environ.get("MEDVIRK_PRIVACY_CONTACT", "").strip()
# What the municipality calls the record system that staff must document in, as it is to be read.
RECORD_SYSTEM = os.environ.get("MEDVIRK_RECORD_SYSTEM", "").strip()[:80]
DEFAULT_FROM_EMAIL = os.environ.get("MEDVIRK_MAIL_FROM", f"Medvirk <medvirk@{ALLOWED_HOSTS[0]}>")
SMTP = smtp_from(os.environ)
EMAIL_HOST = SMTP.host if SMTP else ""
EMAIL_PORT = SMTP.port if SMTP else 0
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (SMTP.user, SMTP.password) if SMTP else ("", "")
EMAIL_USE_SSL = SMTP is not None and SMTP.security is Security.TLS
EMAIL_USE_TLS = SMTP is not None and SMTP.security is Security.STARTTLS
EMAIL_TIMEOUT = 20
# Text messages: where they are handed over, and what the gateway signs its own calls with (docs/messages.md).
SMS_GATEWAY = gateway_from(os.environ)
SMS_WEBHOOK_SECRETS = webhook_secrets_from(os.environ)
# Stands first in what citizens are sent, so that a link does not come from nobody. The municipality's name, not that
# of a service: whoever sees the phone may read it.
MESSAGE_SENDER = os.environ.get("MEDVIRK_SENDER", "").strip()[:40]
QUIET_HOURS = parse_quiet_hours(os.environ.get("MEDVIRK_QUIET_HOURS", "21:00-08:00"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Nothing about anybody reaches a log: no values, paths or texts of exceptions.
    "formatters": {"private": {"()": "medvirk.people.logs.PrivateFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own would send whole requests by e-mail.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
