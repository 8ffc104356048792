"""The worker's pages: the caseload, the conversation with its chart, and how soon an answer shows there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from time import perf_counter, sleep

from bench_answering import filled_in
from bench_fjordvik import Fjordvik, unanswered_sessions
from bench_load import Connection, Load, Reply, get, run_load
from bench_rows import Row
from bench_servers import Server

REPEATS = 40
LIVE_TRIES = 10
POLL_SECONDS = 1.0
MOST_QUERIES = 12
MOST_MS, MOST_LIVE_SECONDS = 150, 2
NEWS = re.compile(r'hx-get="(/feedback/sessions/[^"]+)"')


def rows(server: Server, bare: Server, fjordvik: Fjordvik) -> list[Row]:
    """Everything about the pages, one request at a time, as one worker at a desk asks for them."""
    reference = _spread(run_load(bare.port, [get("/")] * REPEATS, connections=1))
    signed_in = {"sessionid": fjordvik.busy_worker}
    conversations = [get(f"/feedback/sessions/{pk}/", cookies=signed_in) for pk in fjordvik.sessions]
    first, *others = conversations
    beginning = run_load(server.port, [first], connections=1)
    fresh = run_load(server.port, others, connections=1)
    kept = _cached(server, conversations[1:21])
    caseload = run_load(server.port, [get("/feedback/", cookies=signed_in)] * REPEATS, connections=1)
    _, many = fjordvik.caseloads
    return [
        Row("conversation, the first page that a started worker draws", _ms(beginning.percentile(1)), "–", "–"),
        _page_row("conversation, numbers not drawn before", fresh, reference,
                  f"{len(others)} citizens, both sizes of the chart drawn each time"),
        _page_row("conversation, chart drawn before", kept, reference),
        _page_row(f"my citizens, caseload of {many}", caseload, reference),
        _query_row(fjordvik),
        _live_row(server, fjordvik),
    ]  # fmt: skip


def _page_row(what: str, load: Load, reference: str, note: str = "") -> Row:
    missed = load.percentile(0.95) * 1000 > MOST_MS
    return Row(what, _spread(load), f"p95 ≤ {MOST_MS} ms", reference, note, missed)


def _cached(server: Server, requests: Sequence[bytes]) -> Load:
    """The second time over one connection, so that the same process answers; it has drawn them the first time."""
    twice = run_load(server.port, [*requests, *requests], connections=1)
    return Load(twice.replies[len(requests) :], twice.seconds)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _spread(load: Load) -> str:
    return f"p50 {_ms(load.percentile(0.5))}, p95 {_ms(load.percentile(0.95))}"


def _query_row(fjordvik: Fjordvik) -> Row:
    """Queries of each page for a small and a large caseload; a page must not ask more for more citizens."""
    few, many = fjordvik.caseloads
    lists = [queries_of("/feedback/", key) for key in (fjordvik.worker, fjordvik.busy_worker)]
    conversation = queries_of(f"/feedback/sessions/{fjordvik.sessions[0]}/", fjordvik.busy_worker)
    return Row(
        f"queries: my citizens with {few} / with {many}; conversation",
        f"{lists[0]} / {lists[1]}; {conversation}",
        f"≤ {MOST_QUERIES}, as many for all",
        "–",
        missed=max(*lists, conversation) > MOST_QUERIES or lists[0] != lists[1],
    )


def queries_of(path: str, session_key: str) -> int:
    """How many queries a page takes the second time; the first may log that a list was looked at today."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = session_key
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        reply = client.get(path)
    if reply.status_code != 200:
        raise RuntimeError(f"{path} answered {reply.status_code}.")
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)


def _live_row(server: Server, fjordvik: Fjordvik) -> Row:
    waits = list(_waits(server, fjordvik))
    return Row(
        "an answer sent → on the worker's open page",
        f"median {sorted(waits)[len(waits) // 2]:.2f} s, longest {max(waits):.2f} s",
        f"≤ {MOST_LIVE_SECONDS} s",
        f"polled each {POLL_SECONDS:.0f} s",
        f"{len(waits)} answers, sent at different moments between two polls",
        missed=max(waits) > MOST_LIVE_SECONDS,
    )


def _waits(server: Server, fjordvik: Fjordvik) -> Iterable[float]:
    """Seconds from when the sender's reply has come until the worker's page has the new content."""
    desk, phone = Connection(server.port), Connection(server.port)
    cookies = {"sessionid": fjordvik.busy_worker}
    try:
        for number, (session, token) in enumerate(unanswered_sessions(fjordvik, LIVE_TRIES)):
            page = desk.ask(get(f"/feedback/sessions/{session}/", cookies=cookies))
            opened_at = perf_counter()
            news = get(unescape(NEWS.findall(page.text)[0]), cookies=cookies)
            path = f"/a/{token}/"
            sending = filled_in(path, phone.ask(get(path)))
            sleep(POLL_SECONDS * (number + 0.5) / LIVE_TRIES)
            sent = phone.ask(sending)
            sent_at = perf_counter()
            _expect(sent, 200)
            yield _until_news(desk, news, opened_at) - sent_at
    finally:
        desk.close()
        phone.close()


def _until_news(desk: Connection, news: bytes, opened_at: float) -> float:
    """Poll each second from when the page was opened; returns when the new content had come."""
    due = opened_at
    while True:
        due += POLL_SECONDS
        if due < perf_counter():
            continue
        sleep(due - perf_counter())
        reply = desk.ask(news)
        if reply.status == 200:
            return perf_counter()
        _expect(reply, 204)
        if perf_counter() - opened_at > 10 * POLL_SECONDS:
            raise RuntimeError("The answer did not show on the worker's page within ten polls.")


def _expect(reply: Reply, status: int) -> None:
    if reply.status != status:
        raise RuntimeError(f"Expected {status}, got {reply.status}.")
