"""Commands of the feedback room."""

from __future__ import annotations

import click

from medvirk.instruments.database import use_database


@click.group()
def norms() -> None:
    """The sums that the expected course rests on."""


@norms.command("fit")
def fit_command() -> None:
    """Work out the local norms anew. Run it every night."""
    use_database()
    from django.utils import timezone

    from medvirk.feedback.actions import fit_norms
    from medvirk.feedback.norms import models_for

    rows = fit_norms(now=timezone.now())
    if not rows:
        click.echo("No courses yet: the expected course rests on the prior alone.")
    for row in rows:
        key = (row.instrument_key, row.instrument_version, row.scale)
        model = models_for({key})[key]
        state = "in use" if model else "not in use: too little to estimate from"
        click.echo(
            f"{row.instrument_key}@{row.instrument_version} {row.scale}: {row.persons} courses, {state}."
        )
