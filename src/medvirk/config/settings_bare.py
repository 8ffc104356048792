"""Settings for commands that need languages and templates but no database, no key and no folder of data."""

from pathlib import Path

SECRET_KEY = "not used: nothing is signed"  # noqa: S105
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "medvirk.tables",
    "medvirk.ui",
    "medvirk.people",
    "medvirk.instruments",
    "medvirk.interop",
]
AUTH_USER_MODEL = "people.User"
DATABASES: dict[str, dict[str, str]] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Norsk bokmål"), ("nn", "Norsk nynorsk"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
DATA = Path("var")
