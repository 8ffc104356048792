"""`medvirk privacy`: the privacy documents as files. They rest on what `medvirk check` finds, so it stands here."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("document", type=click.Choice(["record", "dpia"]))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write it; the ending says what: .pdf, .md or .html.",
)
@click.option("--language", type=click.Choice(["nb", "nn", "en"]), default="nb", show_default=True)
def privacy(document: str, *, out: Path, language: str) -> None:
    """The record of processing activities, or the template of an impact assessment (DPIA).

    Filled in from this installation as it is now. It holds no secret and nobody's data.
    """
    from medvirk.instruments.database import use_database

    use_database()
    from django.utils import timezone, translation

    import medvirk.config.checks  # noqa: F401  registers what the measures rest on
    from medvirk.interop.processing.files import FORMATS
    from medvirk.interop.processing.making import make_document

    kind = out.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise click.UsageError(f"--out must end in one of: {', '.join(f'.{each}' for each in FORMATS)}.")
    with translation.override(language):
        content = FORMATS[kind][0](make_document(document, now=timezone.now(), language=language))
    try:
        out.write_bytes(content)
    except OSError as fault:
        raise click.ClickException(f"{out} cannot be written: {fault.strerror}.") from None
    click.echo(f"Written: {out}.")
