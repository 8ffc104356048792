"""Every address. Each view declares what it needs (`people.access`); a test walks them all."""

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

import medvirk.config.checks  # noqa: F401  registers what the privacy documents look at
from medvirk.config.start import start
from medvirk.people.access import for_everyone

handler400 = "medvirk.ui.views.not_taken"
handler429 = "medvirk.people.signin.limits.too_many"

urlpatterns = [
    path("", start, name="start"),
    path("language/", for_everyone(set_language), name="set_language"),
    path("accounts/", include("medvirk.people.signin.urls")),
    path("people/", include("medvirk.people.urls")),
    path("messages/", include("medvirk.messages.urls")),
    path("library/", include("medvirk.library.urls")),
    path("a/", include("medvirk.answers.urls")),
    path("feedback/", include("medvirk.feedback.urls")),
    path("copy/", include("medvirk.interop.urls")),
    path("privacy/", include("medvirk.interop.processing.urls")),
    path("journal/", include("medvirk.interop.journal.urls")),
]

if settings.DEMO:
    from medvirk.config.demo.views import try_as

    urlpatterns.append(path("try/<slug:who>/", try_as, name="try_as"))
