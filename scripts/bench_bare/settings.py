"""The least that a Django form page needs. The database is set up exactly as Medvirk's own."""

from pathlib import Path

from medvirk.config.settings import DATABASES, SECRET_KEY

__all__ = ["DATABASES", "SECRET_KEY"]

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["bench_bare"]
# The first gives a reply its length, without which a connection cannot be kept.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
ROOT_URLCONF = "bench_bare.pages"
WSGI_APPLICATION = "bench_bare.server.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_I18N = False
USE_TZ = True
