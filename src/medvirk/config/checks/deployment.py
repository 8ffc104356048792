"""May this be put into use? Each check names one setting that would let somebody in, or something out."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from medvirk.people.checkup import register

LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}
DEVELOPERS_TOOLS = {
    "debug_toolbar",
    "django_extensions",
    "silk",
    "django_browser_reload",
    "django.contrib.admindocs",
}
PER_PROCESS_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
SHORTEST_SECRET, FEWEST_SIGNS = 50, 5
LOOSE = (
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "'wasm-unsafe-eval'",
    "*",
    "http:",
    "https:",
    "blob:",
)
#: Where the design system keeps its little pictures inside its style sheet.
DATA_MAY_BE_IN = {"img-src"}
VERIFIED = "verify-full"


def fault(name: str, sentence: str, hint: str) -> list[CheckMessage]:
    return [Error(sentence, hint=hint, id=f"medvirk.{name}")]


@register("demo", deploy=True)
def is_no_demo(**_: object) -> list[CheckMessage]:
    if not settings.DEMO:
        return []
    return fault(
        "demo",
        "This is the demo: anybody can sign in as anybody in it.",
        "Unset MEDVIRK_DEMO, and start on an empty MEDVIRK_DATA.",
    )


@register("debug", deploy=True)
def shows_no_insides(**_: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found += fault(
            "debug",
            "DEBUG is on: a fault shows data and settings to whoever meets it.",
            "Set DEBUG to False in the settings module.",
        )
    if tools := DEVELOPERS_TOOLS & set(settings.INSTALLED_APPS):
        found += fault(
            "debug",
            f"Tools for developers are switched on: {', '.join(sorted(tools))}.",
            "Take them out of INSTALLED_APPS.",
        )
    return found


@register("https", deploy=True)
def speaks_https_only(**_: object) -> list[CheckMessage]:
    cookies = (
        settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.LANGUAGE_COOKIE_SECURE
    )
    if not (settings.SECURE_SSL_REDIRECT and cookies and settings.SECURE_HSTS_SECONDS >= 180 * 86400):
        return fault(
            "https",
            "Pages and cookies may go over unencrypted connections.",
            "Set MEDVIRK_HTTPS=1, or unset it: it is on outside the demo.",
        )
    if not settings.SECURE_PROXY_SSL_HEADER:
        return fault(
            "https",
            "No web server with HTTPS is known in front: every page would be sent on to itself for ever.",
            "Set MEDVIRK_BEHIND_PROXY to the number of web servers in front, which must set X-Forwarded-Proto and "
            "X-Forwarded-For themselves and throw away what the browser sent in them.",
        )
    return []


@register("hosts", deploy=True)
def knows_its_names(**_: object) -> list[CheckMessage]:
    hosts = set(settings.ALLOWED_HOSTS)
    if any(host.startswith(("*", ".")) for host in hosts):
        return fault(
            "hosts",
            "MEDVIRK_HOSTS takes any name, so a forged link could carry ours.",
            "List each host name in full.",
        )
    if not hosts - LOOPBACK:
        return fault(
            "hosts",
            "MEDVIRK_HOSTS names this machine only; nobody else can reach it.",
            "Set it to the name that people will type.",
        )
    return []


@register("secret", deploy=True)
def secret_is_strong(**_: object) -> list[CheckMessage]:
    secret = settings.SECRET_KEY
    weak = (
        len(secret) < SHORTEST_SECRET
        or len(set(secret)) < FEWEST_SIGNS
        or secret.startswith("django-insecure-")
    )
    if not weak:
        return []
    return fault(
        "secret",
        "MEDVIRK_SECRET_KEY can be guessed.",
        "Unset it, and a good one is made at first start; or give 50 random signs or more.",
    )


@register("csp", deploy=True)
def policy_is_strict(**_: object) -> list[CheckMessage]:
    rules: dict[str, Any] = (getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}).get("DIRECTIVES", {})
    loose = [
        f"{name} {source}"
        for name, sources in rules.items()
        if isinstance(sources, (list, tuple))
        for source in sources
        if source in LOOSE or (source == "data:" and name not in DATA_MAY_BE_IN)
    ]
    if "csp.middleware.CSPMiddleware" not in settings.MIDDLEWARE or "'none'" not in rules.get(
        "default-src", []
    ):
        loose.append("default-src is not 'none'")
    if not loose:
        return []
    return fault(
        "csp",
        f"The Content-Security-Policy lets in more than our own files: {', '.join(loose)}.",
        "Put CONTENT_SECURITY_POLICY back as it was shipped.",
    )


@register("cache", deploy=True)
def cache_is_shared(**_: object) -> list[CheckMessage]:
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.endswith(PER_PROCESS_CACHES):
        return []
    return fault(
        "cache",
        "Each process of the server has a cache of its own, so limits on sign-in count too little.",
        "Use the cache in the database, as shipped.",
    )


@register("mail", deploy=True)
def mail_can_be_sent(**_: object) -> list[CheckMessage]:
    if settings.EMAIL_HOST:
        return []
    return fault(
        "mail",
        "No mail server is set up: nobody is told of emergency access.",
        "Set MEDVIRK_SMTP (docs/messages.md).",
    )


@register("sms", deploy=True)
def text_messages_are_set_up_wholly(**_: object) -> list[CheckMessage]:
    gateway, signed = settings.SMS_GATEWAY, bool(settings.SMS_WEBHOOK_SECRETS)
    if gateway is None:
        return (
            []
            if not signed
            else fault(
                "sms",
                "MEDVIRK_SMS_WEBHOOK_SECRET_FILE is set, but no text message is sent.",
                "Set MEDVIRK_SMS too, or unset it (docs/messages.md).",
            )
        )
    found: list[CheckMessage] = []
    if not gateway.token and not gateway.is_local:
        found += fault(
            "sms",
            "Text messages are handed to a gateway on another machine without a token.",
            "Set MEDVIRK_SMS_TOKEN_FILE, and let the gateway ask for it.",
        )
    if not signed:
        found += fault(
            "sms",
            "Text messages are sent, but nobody hears the stop word, nor whether they arrive.",
            "Set MEDVIRK_SMS_WEBHOOK_SECRET_FILE, and let the gateway call us (docs/messages.md).",
        )
    elif not gateway.can_be_answered:
        found += fault(
            "sms",
            "The sender of text messages is a name, so the stop word cannot be sent to it.",
            "Set MEDVIRK_SMS_SENDER to a number that can be answered.",
        )
    return found


@register("privacy", deploy=True)
def the_data_protection_officer_can_be_reached(**_: object) -> list[CheckMessage]:
    if settings.PRIVACY_CONTACT:
        return []
    return fault(
        "privacy",
        "Nobody is told how to reach the data protection officer (GDPR art. 13 and 37).",
        "Set MEDVIRK_PRIVACY_CONTACT to an e-mail address or a phone number (docs/running.md).",
    )


@register("sign_in", deploy=True)
def sign_in_is_strong(**_: object) -> list[CheckMessage]:
    from medvirk.people.signin.providers import CITIZENS, providers

    found: list[CheckMessage] = []
    if settings.STAFF_LEVEL != "two":
        found += fault(
            "sign_in",
            "Staff need only a password to open records.",
            "Set MEDVIRK_STAFF_LEVEL=two, or unset it.",
        )
    try:
        known = providers()
    except ImproperlyConfigured as wrong:
        return found + fault("sign_in", "The sign-in services cannot be used.", str(wrong))
    if CITIZENS not in known:
        found.append(
            checks.Warning(
                "No sign-in service for citizens is set up: they cannot read their own course or who has looked.",
                hint="Set up ID-porten in MEDVIRK_SIGNIN_FILE (docs/signin.md).",
                id="medvirk.sign_in",
            )
        )
    elif settings.CITIZEN_LEVEL != "high":
        found.append(
            checks.Warning(
                f"Citizens open health data on the level {settings.CITIZEN_LEVEL!r}.",
                hint="Unset MEDVIRK_CITIZEN_LEVEL, unless your own risk assessment says otherwise.",
                id="medvirk.sign_in",
            )
        )
    return found


@register("database", deploy=True)
def database_is_reached_safely(**_: object) -> list[CheckMessage]:
    given = connection.settings_dict
    host = given.get("HOST") or ""
    if connection.vendor != "postgresql" or not host or host.startswith("/") or host in LOOPBACK:
        return []
    mode = given.get("OPTIONS", {}).get("sslmode", "prefer")
    if mode == VERIFIED:
        return []
    return fault(
        "database",
        f"The connection to PostgreSQL on {host} is not safe from others on the network (sslmode={mode}).",
        "Add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL.",
    )


@register("clock", deploy=True)
def tells_norwegian_time(**_: object) -> list[CheckMessage]:
    if settings.USE_TZ and settings.TIME_ZONE in {"Europe/Oslo", "Arctic/Longyearbyen"}:
        return []
    return fault(
        "clock",
        "The clock is not Norway's: what is due today would be due at another hour.",
        "Set TIME_ZONE to Europe/Oslo and USE_TZ to True.",
    )


@register("log", deploy=True)
def log_says_little(**_: object) -> list[CheckMessage]:
    levels = {"root": settings.LOGGING.get("root", {}), **settings.LOGGING.get("loggers", {})}
    loud = sorted(name for name, each in levels.items() if each.get("level") in {"DEBUG", "NOTSET"})
    if logging.getLogger().getEffectiveLevel() <= logging.DEBUG and "root" not in loud:
        loud.append("root")
    if not loud:
        return []
    return fault(
        "log",
        f"The log is on DEBUG ({', '.join(loud)}) and would hold what people are called.",
        "Set it to WARNING.",
    )
