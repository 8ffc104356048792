"""Real workers, each a process of its own, on a database of their own: raced, killed and told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from mail_server import mail_server
from processes import own_database
from sms_gateway import TOKEN, SmsGateway, sms_gateway

SCRIPT = Path(__file__).with_name("outbox_process.py")
MEDVIRK = [sys.executable, "-c", "from medvirk.config.cli import main; main()"]
#: Seconds. Ten times what anything takes, for this machine may be busy with something else.
LONGEST = 120


@pytest.fixture(scope="module")
def place(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[dict[str, str]]:
    quiet = {"MEDVIRK_QUIET_HOURS": "00:00-00:00"}
    with own_database(tmp_path_factory.mktemp("data"), django_db_blocker, **quiet) as place:
        yield place


@pytest.fixture(scope="module")
def ask(place) -> Iterator[Callable[..., Any]]:
    """`ask("queue", 3)`: what the script beside this file does with the database."""
    with subprocess.Popen(
        [sys.executable, SCRIPT], env=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as script:

        def asked(*told: object) -> Any:
            script.stdin.write(json.dumps(told) + "\n")
            script.stdin.flush()
            return json.loads(script.stdout.readline())

        yield asked
        script.stdin.close()


def worker(place: dict[str, str], port: int, *options: str) -> subprocess.Popen[str]:
    there = {**place, "MEDVIRK_SMTP": f"smtp+plain://127.0.0.1:{port}"}
    return subprocess.Popen([*MEDVIRK, "worker", *options], env=there, text=True, stderr=subprocess.PIPE)


@pytest.fixture
def texting(place, tmp_path) -> Callable[[SmsGateway], dict[str, str]]:
    """`texting(gateway)`: the environment of a worker that sends text messages there."""

    def there(gateway: SmsGateway) -> dict[str, str]:
        token = tmp_path / "token"
        token.write_text(TOKEN)
        return {**place, "MEDVIRK_SMS": gateway.address, "MEDVIRK_SMS_TOKEN_FILE": str(token)}

    return there


def texter(there: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*MEDVIRK, "worker", *options], env=there, text=True, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=LONGEST)
    return process.returncode


def arrived(server) -> Counter[str]:
    return Counter(letter["To"] for letter in server.stored)


def test_threads_never_take_the_same_message(ask):
    ask("queue", 40)

    taken = ask("race", 4)

    assert sorted(chain.from_iterable(taken), key=int) == [str(n) for n in range(40)]
    assert {attempts for _state, attempts in ask("states").values()} == {1}


def test_two_workers_at_once_send_each_message_once(place, ask):
    ask("queue", 120)
    ask("leases_over")
    with mail_server() as server:
        workers = [worker(place, server.port, "--once") for _ in range(2)]
        for each in workers:
            ended(each)

        # The second may have found the duty taken; then the first has done it all.
        assert len(server.stored) == 120
        assert set(arrived(server).values()) == {1}
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_a_worker_killed_before_it_sent_loses_nothing(place, ask):
    ask("queue", 3)
    ask("leases_over")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LONGEST)
        process = worker(place, silent.getsockname()[1], "--once")
        line, _ = silent.accept()  # it has claimed, and waits for a server that says nothing
        process.kill()
        ended(process)
        line.close()
    assert {state for state, _ in ask("states").values()} == {"claimed"}

    ask("leases_over")
    with mail_server() as server:
        ended(worker(place, server.port, "--once"))
        assert sorted(arrived(server).values()) == [1, 1, 1]
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_a_worker_killed_between_the_servers_yes_and_its_own_note_sends_one_double(place, ask):
    ask("queue", 3)
    ask("leases_over")
    with mail_server() as server:
        process = worker(place, server.port, "--once")
        server.before_yes = process.kill
        ended(process)
        assert len(server.stored) == 1
        server.before_yes = None

        ask("leases_over")
        ended(worker(place, server.port, "--once"))

        assert sorted(arrived(server).values()) == [1, 1, 2]
        # A mail system can tell the double by its Message-ID.
        assert len({letter["Message-ID"] for letter in server.stored}) == 3
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_a_texter_killed_between_claim_and_sending_loses_nothing_and_sends_once(ask, texting):
    ask("remind", 3)
    ask("leases_over")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LONGEST)
        process = texter(texting(SmsGateway(port=silent.getsockname()[1])), "--once")
        line, _ = silent.accept()  # it has claimed, and waits for a gateway that says nothing
        process.kill()
        ended(process)
        line.close()
    assert ask("states") == {str(n): ["claimed", 1] for n in range(3)}

    ask("leases_over")
    with sms_gateway() as gateway:
        ended(texter(texting(gateway), "--once"))
        assert sorted(gateway.keys.values()) == [1, 1, 1]
        assert {told["to"] for told in gateway.taken.values()} == {f"+479{n:07d}" for n in range(3)}
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_a_texter_killed_between_the_gateways_yes_and_its_own_note_comes_again_with_the_same_key(
    ask, texting
):
    ask("remind", 3)
    ask("leases_over")
    with sms_gateway() as gateway:
        process = texter(texting(gateway), "--once")
        gateway.before_yes = process.kill
        ended(process)
        assert len(gateway.taken) == 1
        assert sorted(state for state, _ in ask("states").values()) == ["claimed"] * 3
        gateway.before_yes = None

        ask("leases_over")
        ended(texter(texting(gateway), "--once"))

        # Asked twice, by one key: whoever keeps to the contract sends it once.
        assert sorted(gateway.keys.values()) == [1, 1, 2]
        assert len(gateway.taken) == 3
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_texters_killed_again_and_again_lose_nothing(ask, texting):
    """Each is killed at another moment of its work; the last is left to finish."""
    ask("remind", 30)
    kills = 3
    with sms_gateway() as gateway:
        for nth in range(kills):
            ask("leases_over")
            process = texter(texting(gateway), "--once")
            left = [1 + 2 * nth]

            def kill_later(process=process, left=left) -> None:
                left[0] -= 1
                if left[0] == 0:
                    process.kill()

            gateway.before_yes = kill_later
            ended(process)
        gateway.before_yes = None
        ask("leases_over")
        ended(texter(texting(gateway), "--once"))

        assert len(gateway.taken) == 30
        assert sum(gateway.keys.values()) - 30 <= kills
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_told_to_stop_a_worker_finishes_what_it_is_at(place, ask):
    ask("queue", 3)
    ask("leases_over")
    with mail_server() as server:
        process = worker(place, server.port)
        server.before_yes = lambda: process.send_signal(signal.SIGTERM)

        assert ended(process) == 0
        assert sorted(arrived(server).values()) == [1, 1, 1]
    assert {state for state, _ in ask("states").values()} == {"sent"}


def test_a_worker_ends_with_the_process_that_started_it(place):
    script = (
        "import os, subprocess, sys, time\n"
        f"process = subprocess.Popen({MEDVIRK!r} + ['worker', '--parent', str(os.getpid())])\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], env=place, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    child = int(parent.stdout.readline())
    time.sleep(1)

    parent.kill()
    parent.communicate(timeout=LONGEST)

    assert is_gone_within(child, seconds=LONGEST)


def is_gone_within(pid: int, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            # Nobody may be there to bury it.
            if (
                f"{pid} (" in (stat := Path(f"/proc/{pid}/stat").read_text())
                and stat.split(") ")[1][0] == "Z"
            ):
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    return False
