"""The pages on which units are merged and divided, and records of one person put together."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from medvirk.people.models import AccessEvent, Grant, Person, PersonMerge, Relation, Reorganisation, Unit


@pytest.fixture
def town(make, client_of):
    class Town:
        top = make.unit("Fjordvik", kind="municipality")
        north = make.unit("Nord", parent=top)
        south = make.unit("Sør", parent=top)
        worker = make.staff("practitioner", north)
        citizen = make.citizen(team=north, worker=worker)
        lonely = make.citizen(team=north)
        chief = make.staff("administrator", top)
        browser = client_of(chief)
        day = timezone.localdate() + timedelta(days=20)

    return Town


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_merge_is_seen_first_then_done_then_taken_back(town):
    address = reverse("people:units_merge")
    form = {
        "units": [town.north.pk, town.south.pk], "into": "", "name": "Midt", "kind": "team", "parent": town.top.pk,
        "day": town.day.isoformat(),
    }  # fmt: skip

    seen = town.browser.post(address, form)

    assert "Nord, Sør → Midt" in words(seen)
    assert not Reorganisation.objects.exists()

    done = town.browser.post(address, {**form, "confirm": "1"})
    held = Reorganisation.objects.get()
    assert done.url == reverse("people:reorganisation", args=[held.pk])
    assert "Nord, Sør → Midt" in words(town.browser.get(done.url))
    assert "Nord, Sør → Midt" in words(town.browser.get(reverse("people:reorganisations")))

    town.browser.post(reverse("people:reorganisation_undo", args=[held.pk]))
    assert not Unit.objects.filter(name="Midt").exists()


def test_what_is_refused_is_said_on_the_page(town):
    form = {"units": [town.north.pk], "into": town.north.pk, "kind": "team", "day": town.day.isoformat()}

    page = words(town.browser.post(reverse("people:units_merge"), {**form, "confirm": "1"}))

    assert "ds-alert" in page
    assert not Reorganisation.objects.exists()


def test_dividing_places_citizens_with_their_worker_and_names_nobody_to_the_administrator(town):
    address = reverse("people:unit_split", args=[town.north.pk])
    form = {"names": "Nord A\nNord B", "day": town.day.isoformat()}

    page = words(town.browser.post(address, form))

    names = re.findall(r'<select[^>]* name="([^"]+)"', page)
    worker, lonely, followers = (
        next(name for name in names if name.startswith("w-")),
        *[name for name in names if name.startswith("c-")],
    )
    for citizen in (town.citizen, town.lonely):
        assert citizen.person.family_name not in page
    # Those with a worker go along unless one says otherwise; the others wait for a choice.
    incomplete = {**form, "placing": "1", worker: "0", followers: "worker"}
    refused = words(town.browser.post(address, {**incomplete, "confirm": "1"}))
    assert "ds-alert" in refused
    assert not Reorganisation.objects.exists()

    town.browser.post(address, {**incomplete, lonely: "1", "confirm": "1"})

    at = town.day
    assert Relation.objects.on(at).get(citizen=town.citizen, staff=None).unit.name == "Nord A"
    assert Relation.objects.on(at).get(citizen=town.lonely).unit.name == "Nord B"
    assert Grant.objects.on(at).get(staff=town.worker).unit.name == "Nord A"


def test_who_may_open_the_records_sees_the_names_and_that_is_logged(make, town, client_of):
    Grant.objects.create(staff=town.chief, role="team_leader", unit=town.north, valid_from=make.long_ago)
    before = AccessEvent.objects.count()

    page = words(
        client_of(town.chief).post(
            reverse("people:unit_split", args=[town.north.pk]),
            {"names": "Nord A\nNord B", "day": town.day.isoformat()},
        )
    )

    assert town.citizen.person.name in page
    assert AccessEvent.objects.count() == before + 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_table_of_a_division_takes_the_same_queries_however_many(
    make, town, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        make.citizen(team=town.north, worker=make.staff("practitioner", town.north))

    with django_assert_max_num_queries(26):
        town.browser.post(
            reverse("people:unit_split", args=[town.north.pk]),
            {"names": "A\nB", "day": town.day.isoformat()},
        )


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_changes_takes_the_same_queries_however_many(make, town, rows, django_assert_num_queries):
    from medvirk.people.actions.succession import move_unit

    for number in range(rows):
        unit = make.unit(parent=town.top)
        move_unit(by=None, unit=unit, day=town.day, name=f"Ny {number}", parent=town.top)
    town.browser.get(reverse("people:reorganisations"))

    with django_assert_num_queries(7):
        page = words(town.browser.get(reverse("people:reorganisations")))

    assert page.count("→ Ny") == rows


def test_renaming_from_a_day(town):
    form = {"name": "Nordre", "parent": town.top.pk, "day": town.day.isoformat()}
    town.browser.post(reverse("people:unit_move", args=[town.north.pk]), form)

    tree = reverse("people:units")
    assert "Nordre" not in words(town.browser.get(tree))
    assert "Nordre" in words(town.browser.get(tree, {"day": town.day.isoformat()}))


def test_units_of_others_do_not_exist(make, town, client_of):
    local = client_of(make.staff("administrator", town.south))
    held = Reorganisation.objects.create(kind="merge", day=town.day)

    for name, key in (
        ("unit_split", town.north.pk),
        ("unit_move", town.north.pk),
        ("reorganisation", held.pk),
    ):
        assert local.get(reverse(f"people:{name}", args=[key])).status_code == 404


@pytest.fixture
def twice(make, town):
    details = make.details(birth_date=timezone.localdate() - timedelta(days=12000), phone="+4759000001")
    first = make.citizen(worker=town.worker, details=details)
    second = make.citizen(worker=make.staff(), details=details)
    return first, second


def test_two_records_are_compared_put_together_and_taken_apart(town, twice):
    first, second = twice
    assert first.person.name in words(town.browser.get(reverse("people:duplicates")))
    address = reverse("people:merge", args=[first.person_id, second.person_id])
    before = AccessEvent.objects.count()

    page = words(town.browser.get(address))

    assert town.worker.person.name in page
    assert "Wants help with sleep" not in page
    assert AccessEvent.objects.count() in {before, before + 2}  # once a day each
    done = town.browser.post(address, {"phone": "other"})
    merge = PersonMerge.objects.get()
    assert done.url == reverse("people:merged", args=[merge.pk])
    assert words(town.browser.get(done.url)).count("<h1") == 1
    # An old address leads to the kept record, for who may open it.
    town.browser.post(done.url)
    merge.refresh_from_db()
    assert merge.undone_at is not None


def test_one_proposes_to_put_them_together_and_another_agrees(town, twice, make, client_of):
    first, second = twice
    for citizen, email in zip(twice, ("en@example.no", "annen@example.no"), strict=True):
        Person.objects.filter(pk=citizen.person_id).update(email=email)
    other = client_of(make.staff("administrator", town.top))
    address = reverse("people:merge", args=[first.person_id, second.person_id])
    turned = reverse("people:merge", args=[second.person_id, first.person_id])
    assert "Foreslå å slå dem sammen" in words(town.browser.get(address))

    town.browser.post(address, {"email": "other"})

    assert not PersonMerge.objects.exists()
    assert town.chief.person.name in words(other.get(reverse("people:duplicates")))
    mine, theirs = words(town.browser.get(address)), words(other.get(turned))
    assert 'name="agree"' not in mine
    assert 'name="decline"' in mine
    assert 'name="agree"' in theirs
    assert "en@example.no · <strong>annen@example.no</strong>" in theirs
    refused = words(town.browser.post(address, {"agree": "1"}))
    assert "To må være enige" in refused
    assert not PersonMerge.objects.exists()

    done = other.post(turned, {"agree": "1", "email": "kept"})

    merge = PersonMerge.objects.get()
    assert done.url == reverse("people:merged", args=[merge.pk])
    assert merge.kept == first.person
    assert merge.kept.email == "annen@example.no"


def test_a_proposal_is_taken_back(town, twice, make, client_of):
    first, second = twice
    make.staff("administrator", town.top)
    address = reverse("people:merge", args=[first.person_id, second.person_id])
    town.browser.post(address)

    town.browser.post(address, {"decline": "1"})

    assert "Foreslå å slå dem sammen" in words(town.browser.get(address))
    assert "avgjort" in words(town.browser.post(address, {"agree": "1"}))


def test_who_decides_alone_is_told_so(town, twice):
    first, second = twice

    page = words(town.browser.get(reverse("people:merge", args=[first.person_id, second.person_id])))

    assert "du avgjør alene" in page


def test_an_old_address_leads_to_the_kept_record(town, twice, client_of):
    first, second = twice
    town.browser.post(reverse("people:merge", args=[first.person_id, second.person_id]))

    page = client_of(town.worker).get(reverse("people:citizen", args=[second.pk]))

    assert page.status_code == 200
    assert page.context["citizen"] == first


def test_contact_is_not_shown_where_the_address_is_protected(town, twice):
    from medvirk.people.models import Person

    first, second = twice
    Person.objects.filter(pk=first.person_id).update(protection="strictly_confidential")

    for address in (
        reverse("people:merge", args=[first.person_id, second.person_id]),
        reverse("people:duplicates"),
    ):
        assert "+4759000001" not in words(town.browser.get(address))


def test_only_who_may_merge_is_led_there(town, make, client_of):
    address = reverse("people:duplicates")
    below = client_of(make.staff("administrator", town.north))

    assert f'href="{address}"' in words(town.browser.get(reverse("people:units")))
    assert f'href="{address}"' not in words(below.get(reverse("people:units")))


def test_they_are_two_people(town, twice):
    first, second = twice
    town.browser.post(reverse("people:merge_not", args=[first.person_id, second.person_id]))

    assert first.person.name not in words(town.browser.get(reverse("people:duplicates")))


def test_a_worker_points_out_a_second_record_and_learns_nothing(town, twice, client_of):
    first, second = twice
    browser = client_of(town.worker)
    address = reverse("people:merge_propose", args=[first.pk])

    sent = browser.post(address, {"phone": "+4759000001", "reason": "Samme historie"}, follow=True)

    assert sent.status_code == 200
    assert "Samme historie" in words(town.browser.get(reverse("people:duplicates")))
    assert browser.get(reverse("people:merge_propose", args=[second.pk])).status_code == 404


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_pages_speak_each_language(town, language):
    from django.utils import translation

    with translation.override(language):
        told = town.browser.get(reverse("people:duplicates"), headers={"accept-language": language})

    expected = {"nb": "Registrert to ganger", "nn": "Registrert to gonger", "en": "Registered twice"}[
        language
    ]
    assert expected in words(told)
