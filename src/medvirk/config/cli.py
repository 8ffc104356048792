"""The command line. Every room brings its own commands; this file only gathers them, lazily."""

from __future__ import annotations

import os
from importlib import import_module

import click

# Command → where it lives. Nothing is imported before it is asked for, so `--help` is quick.
COMMANDS = {
    "analyse": "medvirk.interop.commands:analyse",
    "import": "medvirk.interop.commands:import_file",
    "signals": "medvirk.interop.signals.command:signals",
    "instruments": "medvirk.instruments.commands:instruments",
    "norms": "medvirk.feedback.commands:norms",
    "keys": "medvirk.people.keys.command:keys",
    "backup": "medvirk.config.backup.command:backup",
    "restore": "medvirk.config.backup.command:restore",
    "log": "medvirk.people.log.commands:log",
    "privacy": "medvirk.config.privacy:privacy",
    "createadmin": "medvirk.people.commands:createadmin",
    "check": "medvirk.config.checks.command:check",
    "demo": "medvirk.config.commands:demo",
    "serve": "medvirk.config.commands:serve",
    "worker": "medvirk.config.worker:worker",
    "manage": "medvirk.config.commands:manage",
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="medvirk")
def main() -> None:
    """Medvirk: people's own feedback steers the help."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medvirk.config.settings")
