"""Who may read what, in which version and language, and what is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from factories_library import add, put_in
from library_files import PDF

from medvirk.library import queries
from medvirk.library.actions import restore, retire
from medvirk.library.models import Document, Version

DAY = timedelta(days=1)


@pytest.fixture
def house(make):
    """A municipality with two services, a team under the first, and one document of the first for each audience."""
    top = make.unit("Fjordvik", kind="municipality")
    first, second = make.unit(parent=top, kind="service"), make.unit(parent=top, kind="service")
    team = make.unit(parent=first)
    documents = {name: put_in(make, first, audience=name) for name in ("everybody", "staff", "unit")}
    return {"top": top, "first": first, "second": second, "team": team, **documents}


def names(house, found) -> set[str]:
    keys = {each.pk for each in found}
    return {name for name in ("everybody", "staff", "unit") if house[name].pk in keys}


@pytest.mark.parametrize(
    ("role", "where", "reads"),
    [
        ("practitioner", "first", {"everybody", "staff", "unit"}),
        ("practitioner", "team", {"everybody", "staff", "unit"}),
        ("practitioner", "second", {"everybody", "staff"}),
        ("practitioner", "top", {"everybody", "staff"}),
        ("auditor", "team", {"everybody", "staff", "unit"}),
        ("partner", "first", {"everybody"}),
    ],
)
def test_staff_read_what_is_for_them(make, house, role, where, reads):
    viewer = make.viewer(make.staff(role, house[where]))

    assert names(house, queries.readable(viewer)) == reads
    assert names(house, queries.editable(viewer)) == set()
    assert {each.document.pk for each in queries.shelf(viewer, language="nb")} == {
        house[name].pk for name in reads
    }


def test_nobody_a_stranger_and_a_citizen_read_what_is_for_everybody(make, house):
    stranger = make.viewer(make.staff(None))
    citizen = make.viewer(make.own_account(make.citizen().person))

    for viewer in (None, stranger, citizen):
        assert names(house, queries.readable(viewer)) == {"everybody"}
        assert queries.opened(viewer, house["staff"].pk, language="nb") is None
        assert queries.history(viewer, house["unit"].pk) == []
        assert queries.link_to(house["unit"], viewer) is None


@pytest.mark.parametrize(
    ("role", "where", "edits"),
    [
        ("team_leader", "team", set()),
        ("team_leader", "first", {"everybody", "staff", "unit"}),
        ("coordinator", "second", set()),
        ("administrator", "top", {"everybody", "staff", "unit"}),
        ("practitioner", "first", set()),
    ],
)
def test_who_looks_after_a_unit_looks_after_its_documents(make, house, role, where, edits):
    viewer = make.viewer(make.staff(role, house[where]))

    assert names(house, queries.editable(viewer)) == edits


def test_what_is_retired_or_not_yet_begun_is_for_those_who_look_after_it(make, house):
    leader = make.viewer(make.staff("team_leader", house["first"]))
    worker = make.viewer(make.staff("practitioner", house["first"]))
    later = put_in(make, house["first"], title="Kommer", valid_from=leader.today + DAY)
    retire(by=leader, document=house["staff"], now=leader.now)

    assert queries.opened(worker, later.pk, language="nb") is None
    assert queries.opened(worker, house["staff"].pk, language="nb") is None
    assert queries.opened(leader, later.pk, language="nb").planned
    assert queries.opened(leader, house["staff"].pk, language="nb").document.retired_at is not None
    shown = {each.document.pk: each.holds for each in queries.shelf(leader, language="nb")}
    assert shown == {house["everybody"].pk: True, house["unit"].pk: True, later.pk: False}
    retired = queries.shelf(leader, language="nb", retired=True)
    assert [each.document.pk for each in retired] == [house["staff"].pk]
    assert queries.shelf(worker, language="nb", retired=True) == []

    restore(by=leader, document=house["staff"])
    assert queries.link_to(house["staff"], worker) is not None


def test_the_version_that_holds_is_shown_in_the_readers_language_or_the_nearest(make):
    document = put_in(make, title="Eldre")
    add(make, document, title="Nyere")
    add(make, document, title="Senere", valid_from=timezone.localdate() + DAY)
    viewer = make.viewer(make.staff())
    add(make, document, language="ar", title="عربي")

    def title(language: str) -> str:
        return queries.opened(viewer, document.pk, language=language).version.title

    assert {code: title(code) for code in ("nb", "nn", "en", "pl", "ar")} == {
        "nb": "Nyere", "nn": "Nyere", "en": "Nyere", "pl": "Nyere", "ar": "عربي",
    }  # fmt: skip
    with translation.override("nn"):
        assert queries.link_to(document, viewer).title == "Nyere"
    assert [each.title for each in Version.objects.filter(language="nb").order_by("number")] == [
        "Eldre",
        "Nyere",
        "Senere",
    ]


def test_an_older_version_is_readable_and_knows_what_holds_instead(make):
    document = put_in(make, audience="everybody", title="Eldre")
    old = document.versions.get()
    newest = add(make, document, title="Nyere")

    reading = queries.opened(None, document.pk, language="nb", version_id=old.pk)

    assert (reading.version.title, reading.newest.pk, reading.planned) == ("Eldre", newest.pk, False)
    assert queries.opened(None, document.pk, language="nb", version_id=newest.pk).newest is None


def test_a_version_of_another_document_is_not_found_by_way_of_this_one(make):
    public, secret = put_in(make, audience="everybody"), put_in(make, audience="unit")

    version = secret.versions.get()

    assert queries.opened(None, public.pk, language="nb", version_id=version.pk) is None


def test_a_planned_version_is_not_told_of(make):
    document = put_in(make, audience="everybody")
    planned = add(make, document, valid_from=timezone.localdate() + DAY)

    assert queries.opened(None, document.pk, language="nb", version_id=planned.pk) is None
    assert planned.pk not in {each.version.pk for each in queries.history(None, document.pk)}


def test_who_wrote_it_is_told_to_staff_alone(make):
    leader = make.staff("team_leader")
    unit = leader.grants.get().unit
    document = put_in(make, unit, by=make.viewer(leader), audience="everybody")
    citizen = make.viewer(make.own_account(make.citizen().person))

    assert [each.who for each in queries.history(make.viewer(leader), document.pk)] == [leader.person.name]
    for viewer in (None, citizen, make.viewer(make.staff("partner"))):
        assert [each.who for each in queries.history(viewer, document.pk)] == [""]


def test_all_words_are_looked_for_in_title_text_and_tags(make):
    found = put_in(make, audience="everybody", title="ÅPEN DØR", body="Om Ærlighet", tags="Kafé")
    put_in(make, audience="everybody", title="Noe annet")

    for words in ("åpen", "ærlig", "KAFÉ", "dør ærlighet kafé", ""):
        assert found.pk in {each.document.pk for each in queries.shelf(None, language="nb", words=words)}
    for words in ("åpen vindu", "%", "_", "\0x"):
        assert queries.shelf(None, language="nb", words=words) == []
    assert queries.shelf(None, language="nb", kind="report") == []


def test_what_only_an_old_version_said_is_not_found(make):
    document = put_in(make, audience="everybody", body="gammelord")
    add(make, document, body="nyord")

    assert queries.shelf(None, language="nb", words="gammelord") == []
    assert len(queries.shelf(None, language="nb", words="nyord")) == 1


def test_links_and_choices_cost_the_same_for_one_and_for_three(make):
    viewer = make.viewer(make.staff())
    one = put_in(make, title="B")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.links(viewer, Document.objects.values_list("pk", flat=True))
        return len(captured)

    with_one = cost()
    put_in(make, title="a"), put_in(make, title="C", content=PDF)

    assert cost() == with_one
    assert [title for _, title in queries.choices(viewer)] == ["a", "B", "C"]
    link = queries.link_to(one, viewer)
    assert (link.title, link.language, link.address) == ("B", "nb", f"/library/{one.pk}/")


def test_no_list_fetches_a_file(make):
    viewer = make.viewer(make.staff())
    document = put_in(make, content=PDF)

    with CaptureQueriesContext(connection) as captured:
        queries.shelf(viewer, language="nb", words="veileder")
        queries.links(viewer)
        queries.history(viewer, document.pk)
        reading = queries.opened(viewer, document.pk, language="nb")
    assert not any('"content"' in each["sql"] for each in captured.captured_queries)
    assert queries.file_of(reading.version) == PDF


@pytest.mark.parametrize(
    "wrong", [{"body": "", "content": None}, {"body": "x", "content": b"%PDF-", "file_size": 5}]
)
def test_the_database_holds_a_page_or_a_file(make, wrong):
    document = put_in(make)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            document=document,
            language="nb",
            number=7,
            title="x",
            searched="x",
            valid_from=make.long_ago,
            **wrong,
        )


def test_a_number_is_used_once(make):
    document = put_in(make)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            document=document,
            language="nb",
            number=1,
            title="x",
            body="x",
            searched="x",
            valid_from=make.long_ago,
        )
