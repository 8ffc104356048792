"""Settings of the test run: keys made up on the spot, cheap password hashing, no manifest of static files."""

import os
import tempfile

os.environ.setdefault("MEDVIRK_DATA", tempfile.mkdtemp(prefix="medvirk-test-"))
os.environ.setdefault("MEDVIRK_SECRET_KEY", "only-for-tests")
os.environ.setdefault("MEDVIRK_HTTPS", "0")

from medvirk.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Nearly every test signs in without asking how: those of sign-in itself ask for two factors.
STAFF_LEVEL = "one"
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
