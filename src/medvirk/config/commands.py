"""Commands that run the whole house."""

from __future__ import annotations

import os
import subprocess
import sys

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: `medvirk manage migrate`, `medvirk manage shell` …"""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["medvirk manage", *arguments])


def prepare() -> None:
    """Bring the database, the cache table and the static files up to date; a new database gets its key file."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    from medvirk.people.crypto import make_key_file

    # What is written from here on, the database above all, is for this user alone.
    os.umask(0o077)
    django.setup()
    if not settings.KEY_FILE.exists() and not os.environ.get("MEDVIRK_KEYS"):
        make_key_file(settings.KEY_FILE)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def server_command(
    *, port: int, workers: int, application: str = "medvirk.config.wsgi:application"
) -> list[str]:
    """The server on 127.0.0.1: several processes, one blocking thread each (DESIGN 4)."""
    return [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", "1", "--no-ws", "--log-level", "warning",
            application]  # fmt: skip


def worker_command(parent: int) -> list[str]:
    """A worker that ends with the process `parent`, which starts it."""
    start = "from medvirk.config.cli import main; main()"
    return [sys.executable, "-c", start, "worker", "--parent", str(parent)]


def run_server(port: int, workers: int) -> None:
    """Serve until stopped. This process becomes the server, so that whatever stops it stops the server."""
    from django.db import connections

    connections.close_all()
    sys.stdout.flush()
    command = server_command(port=port, workers=workers)
    os.execv(command[0], command)  # noqa: S606


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes; one a core is a good start.")
def serve(port: int, workers: int) -> None:
    """Serve on 127.0.0.1; a web server with HTTPS stands in front (docs/running.md)."""
    prepare()
    run_server(port, workers)


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and make them anew.")
def demo(port: int, *, fresh: bool) -> None:
    """A made-up municipality, Fjordvik, on http://localhost:8000."""
    os.environ["MEDVIRK_DEMO"] = "1"
    os.environ["MEDVIRK_DATA"] = os.environ.get("MEDVIRK_DEMO_DATA", "var/demo")
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("MEDVIRK_ADDRESS", f"http://localhost:{port}")
    os.environ.setdefault("MEDVIRK_SENDER", "Fjordvik kommune")
    from medvirk.config.demo.build import build_if_missing

    build_if_missing(fresh=fresh)
    click.echo(f"Fjordvik is open: http://localhost:{port}  (stop with Ctrl+C)")
    # This process becomes the server and keeps its number, so the worker sees when the server is no more.
    subprocess.Popen(worker_command(os.getpid()))  # noqa: S603
    run_server(port, workers=2)
