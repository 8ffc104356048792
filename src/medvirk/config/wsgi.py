"""What the server calls."""

import gc
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medvirk.config.settings")
application = get_wsgi_application()

from medvirk.ui.charts import warm_up  # noqa: E402


def get_ready() -> None:
    """Learn to draw before the first conversation asks for it. What is loaded by then stays for as long as the
    worker lives, so the garbage collector need not look through it again in the middle of a page."""
    warm_up()
    gc.collect()
    gc.freeze()


# Each worker is a process of its own.
Thread(target=get_ready, daemon=True).start()
