"""A process that is killed while it works out the signals of a course: nothing is half written, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import own_database

SCRIPT = Path(__file__).with_name("signals_process.py")
#: Seconds; this machine may be busy with something else.
LONGEST = 120


@pytest.fixture
def place(tmp_path, transactional_db, django_db_blocker) -> Iterator[dict[str, str]]:
    with own_database(tmp_path, django_db_blocker) as place:
        yield place


def told(place: dict[str, str], *verbs: str) -> list[Any]:
    """What the script answers to each, in a process of its own."""
    lines = "".join(json.dumps([verb]) + "\n" for verb in verbs)
    done = subprocess.run(
        [sys.executable, SCRIPT],
        env=place,
        input=lines,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def kill_in_the_middle(place: dict[str, str]) -> str:
    with subprocess.Popen(
        [sys.executable, SCRIPT], env=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write('["stop_in_the_middle"]\n')
        process.stdin.flush()
        raised = json.loads(process.stdout.readline())
        process.kill()
    return raised


@pytest.mark.django_db(transaction=True)  # nothing is open while the database is copied
def test_what_was_begun_is_done_anew_by_the_next_worker_and_once(place):
    told(place, "begin")

    raised = kill_in_the_middle(place)

    (state,) = told(place, "state")
    assert raised
    assert state == {"due": 1, "signals": [], "steps": 0}

    for _ in range(2):
        _, state = told(place, "work", "state")
        assert state["due"] == 0
        assert len(state["signals"]) == len(set(state["signals"])) == state["steps"] > 1
        assert raised in state["signals"]
