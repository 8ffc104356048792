"""Erasing is killed at any moment, many times over: every citizen is whole or gone, and in the end all are done."""

from __future__ import annotations

import json

import pytest
from installation import installations

PEOPLE = 40

#: One process with Django ready; the erasing is done by children of it, which are killed without warning.
KILL_AGAIN_AND_AGAIN = """
import json, os, random, signal, time
from datetime import date, datetime
from django.db import connections
from django.utils import timezone
from medvirk.people.actions.retention import approve_run, carry_out_approved, make_report
from medvirk.people.models import Citizen, Erasure, Relation, RetentionRun

now = datetime(2040, 1, 2, 12, tzinfo=timezone.get_current_timezone())
Relation.objects.update(valid_to=date(2021, 1, 1))
run = make_report(by=None, now=now)
approve_run(by=None, run=run, now=now)
due = run.report["journal"]["people.citizens"]
chance = random.Random(1)
looks = []


def erase():
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"x")
        carry_out_approved(now)
        os._exit(0)
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)
    return child


def look():
    whole = gone = 0
    for citizen in Citizen.objects.select_related("person"):
        person = citizen.person
        signs = {
            citizen.erased_at is None,
            bool(person.given_name),
            bool(person.national_id),
            person.keys.exists(),
            citizen.relations.exists(),
            person.history.exists(),
            not citizen.erasures.exists(),
        }
        assert len(signs) == 1, "somebody is erased by halves"
        whole += signs == {True}
        gone += signs == {False}
    run.refresh_from_db()
    done = Erasure.objects.filter(done_at__isnull=False).count()
    return [whole, gone, done, run.result.get("people.citizens", 0), run.done_at is not None]


for _attempt in range(12):
    before, child = Erasure.objects.count(), erase()
    # Until it has begun on somebody, however busy the machine is; then at a moment that nobody can foresee.
    until = time.monotonic() + 20
    while Erasure.objects.count() == before and time.monotonic() < until and not RetentionRun.objects.get().done_at:
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    looks.append(look())
    if looks[-1][-1]:
        break
os.waitpid(erase(), 0)
looks.append(look())
print(json.dumps({"due": due, "looks": looks}))
"""


@pytest.fixture
def installation(transactional_db, tmp_path):
    with installations(tmp_path, PEOPLE) as another:
        yield another()


def test_killed_in_the_middle_again_and_again(installation):
    found = json.loads(installation.python(KILL_AGAIN_AND_AGAIN))

    assert found["due"] == PEOPLE
    for whole, gone, erasures, counted, _finished in found["looks"]:
        assert whole + gone == PEOPLE
        assert gone == erasures == counted
    assert found["looks"][-1] == [0, PEOPLE, PEOPLE, PEOPLE, True]
    # It was really cut off in the middle, else this proves nothing.
    assert any(0 < gone < PEOPLE for _whole, gone, *_rest in found["looks"])
