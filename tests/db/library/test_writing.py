"""Writing: numbers, faults, who may, and how documents follow units."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories_library import add, put_in
from library_files import HTML, PDF

from medvirk.library.actions import change_document, restore, retire
from medvirk.library.models import Document, DocumentMove, Version
from medvirk.library.succession import show_todays_units
from medvirk.people.actions.succession import NewUnit, Placed, merge_units, split_unit, undo_reorganisation
from medvirk.people.logic import RefusedError

DAY = timedelta(days=1)


@pytest.fixture
def top(make):
    return make.unit("Fjordvik", kind="municipality")


@pytest.fixture
def unit(make, top):
    return make.unit(parent=top)


def test_a_version_is_numbered_within_its_language_and_kept_as_it_was(make, unit):
    leader = make.staff("team_leader", unit)
    document = put_in(make, unit, by=make.viewer(leader), tags="Signal, signal", body="Første")
    add(make, document, by=make.viewer(leader), body="Annen")
    add(make, document, by=make.viewer(leader), language="en", content=PDF)

    rows = [
        (each.language, each.number, each.body, each.file_type, each.file_size, each.made_by_id)
        for each in Version.objects.order_by("made_at")
    ]
    assert rows == [
        ("nb", 1, "Første", "", 0, leader.pk),
        ("nb", 2, "Annen", "", 0, leader.pk),
        ("en", 1, "", "pdf", len(PDF), leader.pk),
    ]
    assert document.tags == "signal"


def test_what_is_refused_leaves_nothing(make, unit):
    with pytest.raises(RefusedError, match="not taken"):
        put_in(make, unit, content=HTML)

    assert (Document.objects.count(), Version.objects.count()) == (0, 0)


def test_a_change_says_what_is_changed_and_comes_no_earlier_than_what_holds(make, unit):
    document = put_in(make, unit)

    with pytest.raises(RefusedError) as refused:
        add(make, document, note="", valid_from=make.long_ago - DAY)

    assert len(refused.value.sentences) == 2


def test_nothing_is_added_to_a_retired_document_until_it_is_restored(make, unit):
    document = put_in(make, unit)
    retire(by=None, document=document, now=timezone.now())
    with pytest.raises(RefusedError, match="no longer in use"):
        add(make, document)

    restore(by=None, document=document)
    assert add(make, document).number == 2
    changes = list(document.history.order_by("history_id").values_list("retired_at", flat=True))
    assert [each is None for each in changes] == [True, False, True]


@pytest.mark.parametrize("role", ["practitioner", "manager", "auditor", "partner", None])
def test_others_write_nothing(make, top, unit, role):
    viewer = make.viewer(make.staff(role, unit))
    document = put_in(make, unit)
    refused(make, viewer, document, unit)


def test_a_leader_writes_for_their_own_unit_alone(make, top, unit):
    viewer = make.viewer(make.staff("team_leader", make.unit(parent=top)))
    document = put_in(make, unit)
    refused(make, viewer, document, unit)

    mine = put_in(make, viewer_unit(viewer), by=viewer)
    with pytest.raises(PermissionDenied):
        change_document(by=viewer, document=mine, kind="guide", audience="staff", unit=unit, tags="")


def viewer_unit(viewer):
    from medvirk.people.models import Unit

    return Unit.objects.get(pk=viewer.grants[0][1])


def refused(make, viewer, document, unit) -> None:
    for act in (
        lambda: put_in(make, unit, by=viewer),
        lambda: add(make, document, by=viewer),
        lambda: change_document(
            by=viewer, document=document, kind="guide", audience="staff", unit=unit, tags=""
        ),
        lambda: retire(by=viewer, document=document, now=viewer.now),
        lambda: restore(by=viewer, document=document),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_about_the_document_changes_without_touching_what_it_says(make, top, unit):
    document = put_in(make, unit)
    other = make.unit(parent=top)

    change_document(by=None, document=document, kind="routine", audience="everybody", unit=other, tags="Å")

    held = Document.objects.get()
    assert (held.kind, held.audience, held.unit, held.tags) == ("routine", "everybody", other, "å")
    assert Version.objects.count() == 1


# units


def test_documents_follow_a_merger_of_today(make, top, unit):
    other = make.unit(parent=top)
    document = put_in(make, unit)
    retired = put_in(make, unit)
    retire(by=None, document=retired, now=timezone.now())

    done = merge_units(
        by=None, units=[unit, other], into=NewUnit("Sammen", "team", top), day=timezone.localdate()
    )

    for each in (document, retired):
        each.refresh_from_db()
        assert each.unit.name == "Sammen"
    assert done.described["moved"]["library.document"] == 2


def test_documents_follow_a_planned_merger_on_its_day_and_not_before(make, top, unit):
    other, now = make.unit(parent=top), timezone.now()
    document = put_in(make, unit)
    day = timezone.localdate() + 5 * DAY
    merge_units(by=None, units=[unit, other], into=other, day=day)

    show_todays_units(now + 4 * DAY)
    document.refresh_from_db()
    assert document.unit == unit

    show_todays_units(now + 5 * DAY)
    document.refresh_from_db()
    assert document.unit == other
    assert not DocumentMove.objects.exists()


def test_what_is_taken_back_moves_nothing(make, top, unit):
    other, now = make.unit(parent=top), timezone.now()
    document = put_in(make, unit)
    planned = merge_units(
        by=None, units=[unit, other], into=NewUnit("Sammen", "team", top), day=timezone.localdate() + 5 * DAY
    )

    undo_reorganisation(by=None, reorganisation=planned)
    show_todays_units(now + 9 * DAY)

    document.refresh_from_db()
    assert document.unit == unit


def test_whoever_moves_a_document_oneself_is_not_overruled_by_what_was_planned(make, top, unit):
    other, third = make.unit(parent=top), make.unit(parent=top)
    document = put_in(make, unit)
    merge_units(by=None, units=[unit, other], into=other, day=timezone.localdate() + 5 * DAY)
    change_document(by=None, document=document, kind="guide", audience="staff", unit=third, tags="")

    show_todays_units(timezone.now() + 6 * DAY)

    document.refresh_from_db()
    assert document.unit == third


def test_a_divided_unit_says_who_gets_its_documents(make, top, unit):
    from medvirk.people.queries.succession import placing

    document = put_in(make, unit)
    put_in(make, unit)
    administrator = make.viewer(make.staff("administrator", top))
    into = [NewUnit("A", "team", top), NewUnit("B", "team", top)]
    day = administrator.today

    with pytest.raises(RefusedError, match="2 documents in the library"):
        split_unit(by=administrator, unit=unit, into=into, day=day, placed=Placed())

    shown = placing(administrator, [unit], day)
    (line,) = shown.things
    assert line.label == "2 documents in the library"
    units, rows = shown.chosen({line.name: "1"})
    split_unit(by=administrator, unit=unit, into=into, day=day, placed=Placed(units=units, rows=rows))
    document.refresh_from_db()
    assert document.unit.name == "B"
