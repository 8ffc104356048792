"""`medvirk worker`: the process that does what nobody asks for, beside the server."""

from __future__ import annotations

import click

from medvirk.instruments.database import use_database


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--parent", type=int, hidden=True, help="End when this process, which started it, has ended.")
def worker(*, once: bool, parent: int | None) -> None:
    """Deliver messages, fit norms at night, seal the log and whatever else is due. Several may run at the same time."""
    use_database()
    from medvirk.messages.work import Worker

    process = Worker(parent=parent)
    process.stop_on_signals()
    if once:
        failed = process.run_once()
        raise SystemExit(1 if failed else 0)
    process.run()
