"""What `test_killed_while_working_out.py` does with a database of its own: one line of JSON in, one out.

["begin"], ["work"], ["state"]; and ["stop_in_the_middle"], which says so and waits there for ever.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "medvirk.config.settings"
django.setup()

for folder in (Path(__file__).parents[2],):
    sys.path.insert(0, str(folder))

from conftest import Make  # noqa: E402
from django.utils import timezone  # noqa: E402
from factories_feedback import DAY, Care  # noqa: E402

from medvirk.feedback.actions import raising  # noqa: E402
from medvirk.feedback.models import Participation, Signal, SignalStep  # noqa: E402


def begin() -> None:
    """A course whose last conversation says several things worth talking about."""
    care = Care(Make())
    episode = care.course([35.0, 34.0], meeting=46.0)
    care.held(episode, care.now - DAY, life=8.0, meeting=18.0)


def state() -> dict[str, object]:
    due = Participation.objects.filter(signals_due_at__lte=timezone.now()).count()
    signals = Signal.objects.order_by("kind").values_list("kind", flat=True)
    return {"due": due, "signals": list(signals), "steps": SignalStep.objects.count()}


def work() -> int:
    """What the duty of the next worker does."""
    return raising.evaluate_due(timezone.now())


def stop_in_the_middle() -> None:
    """Killed when some signals of the course are written and others are not."""
    real = raising._raise

    def raise_and_wait(*told):
        raised = real(*told)
        print(json.dumps(raised.kind), flush=True)
        time.sleep(600)

    raising._raise = raise_and_wait
    raising.evaluate_due(timezone.now())


VERBS = {"begin": begin, "state": state, "work": work, "stop_in_the_middle": stop_in_the_middle}

if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(VERBS[json.loads(line)[0]]()), flush=True)
