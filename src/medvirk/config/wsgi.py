"""What the server calls."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medvirk.config.settings")
application = get_wsgi_application()

from medvirk.ui.charts import warm_up  # noqa: E402

# Each worker is a process of its own; the first conversation should not wait for it to learn to draw.
Thread(target=warm_up, daemon=True).start()
