"""The answering page under load, beside a bare Django form served in the same way from the same kind of database."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench_fjordvik import links
from bench_load import Load, Reply, cookies_of, get, median, post, run_load
from bench_rows import Row
from bench_servers import Server

ROUNDS = 5
PACE, PACED = 50, 250
CONCURRENCY, FLAT_OUT = 8, 400
# Budgets: our highest rate as a share of the bare one; kilobytes of the answering page with all its parts.
LEAST_SHARE, MOST_KB = 0.6, 60
WARM_UP = 40
PACED_CONNECTIONS = 16

HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|client_id)" value="([^"]+)"')
RADIO = re.compile(r'type="radio" name="([^"]+)"')
BARE_FIELDS = dict.fromkeys(("first", "second", "third", "fourth", "fifth"), "6") | {"safety": "0"}
LEVELS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
OWN_WORDS = "Det går litt bedre, men jeg sover dårlig."


@dataclass(frozen=True)
class Site:
    """One of the two that are compared: where its pages are and how an opened page is filled in."""

    server: Server
    filled: Callable[[str, Reply], bytes]


def filled_in(path: str, opened: Reply) -> bytes:
    """What a browser sends after this answering page: its cookie, its hidden fields, every question answered."""
    text = opened.text
    fields = dict(HIDDEN.findall(text)) | dict.fromkeys(RADIO.findall(text), "6")
    fields |= {name: "0" for name in fields if name.startswith("safety.")}
    return post(path, fields | {"own_words": OWN_WORDS}, cookies=cookies_of(opened))


def bare_filled_in(path: str, opened: Reply) -> bytes:
    """The same for the bare form."""
    fields = dict(HIDDEN.findall(opened.text)) | {"own_words": OWN_WORDS} | BARE_FIELDS
    return post(path, fields, cookies=cookies_of(opened))


@dataclass(frozen=True)
class Round:
    """One round on one site: opening and sending, at a pace and flat out."""

    open_paced: Load
    open_flat: Load
    send_paced: Load
    send_flat: Load
    #: Processor seconds of the workers for one request, flat out.
    open_cost: float
    send_cost: float


def one_round(site: Site, paths: Sequence[str]) -> Round:
    """Every path is opened once and sent once. paths: PACED + FLAT_OUT of them."""
    slow, fast = paths[:PACED], paths[PACED:]
    port = site.server.port
    open_paced = run_load(port, map(get, slow), connections=PACED_CONNECTIONS, rate=PACE)
    open_flat, open_cost = _flat_out(site, list(map(get, fast)))
    to_send = _sendings(site, slow, open_paced)
    send_paced = run_load(port, to_send, connections=PACED_CONNECTIONS, rate=PACE)
    send_flat, send_cost = _flat_out(site, _sendings(site, fast, open_flat))
    return Round(open_paced, open_flat, send_paced, send_flat, open_cost, send_cost)


def _flat_out(site: Site, requests: Sequence[bytes]) -> tuple[Load, float]:
    before = site.server.cpu_seconds()
    load = run_load(site.server.port, requests, connections=CONCURRENCY)
    return load, (site.server.cpu_seconds() - before) / len(requests)


def _sendings(site: Site, paths: Sequence[str], opened: Load) -> list[bytes]:
    return [site.filled(path, reply) for path, reply in zip(paths, opened.replies, strict=True)]


def rows(server: Server, bare: Server) -> list[Row]:
    """Measure both sites in turn, so that what disturbs the machine disturbs both."""
    ours, theirs = Site(server, filled_in), Site(bare, bare_filled_in)
    each = PACED + FLAT_OUT
    paths = [f"/a/{token}/" for token in links(ROUNDS * each)]
    _warm_up(ours, paths[0])
    _warm_up(theirs, "/")
    stored = _stored()
    measured = [
        (one_round(ours, paths[number * each :][:each]), one_round(theirs, ["/"] * each))
        for number in range(ROUNDS)
    ]
    size = page_row(server.port, f"/a/{links(1)[0]}/")
    return [size, *_tables(measured), stored_row(len(paths), _stored() - stored)]


def _warm_up(site: Site, path: str) -> None:
    """Templates are read and connections opened before the clock starts."""
    run_load(site.server.port, [get(path)] * WARM_UP, connections=CONCURRENCY)


def _stored() -> int:
    from medvirk.answers.models import Submission

    return Submission.objects.count()


def stored_row(sent: int, stored: int) -> Row:
    """Every acknowledged answer must be in the database. Raises RuntimeError when one is not."""
    from django.db import connection

    if stored != sent:
        raise RuntimeError(f"{sent} answers were acknowledged, {stored} are stored.")
    note = connection.vendor
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            level = cursor.execute("PRAGMA synchronous").fetchone()[0]
        note = f"SQLite, synchronous={LEVELS[level]}, in both"
    return Row("answers acknowledged and found stored", f"{stored:,} of {sent:,}", "all", "–", note)


def _tables(measured: Sequence[tuple[Round, Round]]) -> list[Row]:
    found = []
    for what, name, budget in (("open", "open", 50), ("send", "send, durably", 80)):
        paced = [getattr(ours, f"{what}_paced") for ours, _ in measured]
        bare = [getattr(theirs, f"{what}_paced") for _, theirs in measured]
        found.append(
            Row(
                f"{name}: p50 / p95 at {PACE} per second",
                _latency(paced),
                f"p95 ≤ {budget} ms",
                _latency(bare),
                _each_p95(paced),
                missed=_p95(paced) > budget,
            )
        )
    for what, name in (("open", "open"), ("send", "send, durably")):
        found += _flat_rows(what, name, measured)
    return found


def _flat_rows(what: str, name: str, measured: Sequence[tuple[Round, Round]]) -> list[Row]:
    rates, costs = (
        [(read(ours), read(bare)) for ours, bare in measured]
        for read in (
            lambda site: getattr(site, f"{what}_flat").rate,
            lambda site: getattr(site, f"{what}_cost") * 1000,
        )
    )
    shares = [ours / bare for ours, bare in rates]
    rounds = ", ".join(f"{share:.0%}" for share in shares)
    ours, bare = (median(values) for values in zip(*rates, strict=True))
    our_cost, bare_cost = (median(values) for values in zip(*costs, strict=True))
    return [
        Row(f"{name}: highest rate, {CONCURRENCY} at a time", f"{ours:.0f} per second",
            f"≥ {LEAST_SHARE * 100:.0f} % of bare",
            f"{bare:.0f} per second", f"{median(shares):.0%} of bare; by round {rounds}",
            missed=median(shares) < LEAST_SHARE),
        Row(f"{name}: processor time a request", f"{our_cost:.1f} ms", "–", f"{bare_cost:.1f} ms",
            f"bare needs {bare_cost / our_cost:.0%} of it"),
    ]  # fmt: skip


def _latency(loads: Sequence[Load]) -> str:
    half = median(load.percentile(0.5) for load in loads) * 1000
    return f"{half:.1f} / {_p95(loads):.1f} ms"


def _p95(loads: Sequence[Load]) -> float:
    """Milliseconds; the median of the rounds."""
    return median(load.percentile(0.95) for load in loads) * 1000


def _each_p95(loads: Sequence[Load]) -> str:
    return "p95 by round: " + ", ".join(f"{load.percentile(0.95) * 1000:.0f}" for load in loads) + " ms"


def page_row(port: int, path: str) -> Row:
    """Bytes of the page and of everything it links to, as a browser that takes gzip gets them."""
    [page] = run_load(port, [get(path)], connections=1).replies
    linked = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
    parts = run_load(port, map(get, linked), connections=1).replies
    total = len(page.body) + sum(len(part.body) for part in parts)
    largest = max(zip(linked, parts, strict=True), key=lambda pair: len(pair[1].body))
    name = re.sub(r"\.[0-9a-f]{12}\.", ".", largest[0].removeprefix("/static/"))
    note = f"page {len(page.body) / 1000:.1f} kB, largest part {name} {len(largest[1].body) / 1000:.1f} kB"
    return Row(
        "answering page, all bytes, compressed",
        f"{total / 1000:.1f} kB",
        f"≤ {MOST_KB} kB",
        "–",
        note,
        missed=total > MOST_KB * 1000,
    )
