"""Documents for the tests of the library room."""

from __future__ import annotations

from django.utils import timezone


def put_in(make, unit=None, *, by=None, kind="guide", audience="staff", tags="", **version):
    """A document with one version; a page in Bokmål since long ago, unless said otherwise."""
    from medvirk.library.actions import add_document

    return add_document(
        by=by,
        kind=kind,
        audience=audience,
        unit=unit or make.unit(),
        tags=tags,
        version=new(make, **version),
        now=timezone.now(),
    )


def new(make, **version):
    from medvirk.library.logic import NewVersion

    given = {
        "language": "nb",
        "title": f"Veileder {make.next_number()}",
        "valid_from": make.long_ago,
        **version,
    }
    if given.get("content") is not None:
        given.setdefault("size", len(given["content"]))
    else:
        given.setdefault("body", "Snakk **sammen**.")
    return NewVersion(**given)


def add(make, document, *, by=None, **version):
    from medvirk.library.actions import add_version

    version.setdefault("note", "Klarere ord")
    return add_version(by=by, document=document, version=new(make, **version), now=timezone.now())
