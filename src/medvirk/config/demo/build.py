"""Building Fjordvik: the same people and courses every time, with dates that end today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click


def build_if_missing(*, fresh: bool) -> None:
    """Make the demo's database unless it was made today already; courses must end now to be worth looking at."""
    from django.conf import settings
    from django.utils import timezone

    from medvirk.config.commands import prepare

    stamp = Path(settings.DATA) / "built.json"
    today = timezone.localdate().isoformat()
    if not fresh and stamp.exists() and json.loads(stamp.read_text()).get("day") == today:
        prepare()
        return
    shutil.rmtree(settings.DATA, ignore_errors=True)
    click.echo("Making Fjordvik: 8 departments, 40 staff, 400 citizens, two years …")
    prepare()
    from medvirk.config.demo.fill import fill

    counts = fill(now=timezone.now())
    stamp.write_text(json.dumps({"day": today, **counts}))
    click.echo(
        f"{counts['citizens']} citizens, {counts['sessions']} conversations, {counts['answers']} answers."
    )
