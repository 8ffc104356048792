"""Real processes that queue reminders: two at once, and one that is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import own_database

SCRIPT = Path(__file__).with_name("reminding_process.py")
#: Three batches.
MANY = 450
LONGEST = 300
# The database that is copied must be there, also when no other test has asked for it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(tmp_path, transactional_db, django_db_blocker) -> Iterator[dict[str, str]]:
    more = {"MEDVIRK_QUIET_HOURS": "00:00-00:00", "MEDVIRK_ADDRESS": "https://medvirk.fjordvik.test"}
    with own_database(tmp_path, django_db_blocker, **more) as place:
        yield place


def begin(place: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, SCRIPT, *arguments],
        env=place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def done(place: dict[str, str], *arguments: str) -> tuple[int, str]:
    with begin(place, *arguments) as process:
        said, _ = process.communicate(timeout=LONGEST)
    return process.returncode, said


def test_one_that_is_killed_in_the_middle_loses_and_doubles_nothing(place):
    done(place, "fill", str(MANY))

    code, said = done(place, "die", "2")
    assert (code, said) == (-signal.SIGKILL, "")
    # One batch of two hundred is on disk, of the second nothing.
    assert json.loads(done(place, "count")[1]) == [[200, 200]] * 3
    assert done(place, "send") == (0, f"{MANY - 200}\n")
    assert json.loads(done(place, "count")[1]) == [[MANY, MANY]] * 3


def test_two_workers_at_once_queue_everything_once(place):
    done(place, "fill", str(MANY))

    with begin(place, "meet") as one, begin(place, "meet") as other:
        # Each has looked what is due, and queued nothing: both want the same first batch.
        found = [json.loads(each.stdout.readline()) for each in (one, other)]
        assert found[0] == found[1]
        assert len(found[0]) == 200
        for each in (one, other):
            each.stdin.write("go on\n")
            each.stdin.flush()
        said = [json.loads(each.communicate(timeout=LONGEST)[0]) for each in (one, other)]

    assert sum(said) == MANY
    assert json.loads(done(place, "count")[1]) == [[MANY, MANY]] * 3
