"""One person registered twice: put together, and taken apart again exactly."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medvirk.people.access import Permission, can, viewer_for
from medvirk.people.actions import RefusedError, start_relation
from medvirk.people.actions.merging import CHOOSABLE, agree_to_merge, merge_persons, undo_merge
from medvirk.people.actions.suspecting import (
    decline_putting_together,
    propose_merge,
    propose_putting_together,
    say_different,
)
from medvirk.people.following import OnConflict, links_to_persons, merge_rule
from medvirk.people.logic import PersonDetails
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens
from medvirk.people.models import (
    AccessEvent,
    Bar,
    Citizen,
    Guardianship,
    Person,
    PersonMerge,
    Relation,
    Staff,
    SuspectedDuplicate,
    Unit,
    User,
)
from medvirk.people.queries.log.own import ids_in_log
from medvirk.people.queries.merging import candidates, gains, losses, proposed_merge

#: What is added by any act and never taken away: the journal, the log and its marks, and the tables of changes.
LASTING = {"PersonMerge", "PersonMergeMove", "SuspectedDuplicate", "AccessEvent", "LogSeal", "LogStone"}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def chief(make):
    return make.viewer(make.staff("administrator", make.unit("Fjordvik", kind="municipality")))


def whole_database() -> dict[str, list[str]]:
    """Every row of every table but what only grows; what is encrypted, as it reads."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__name__ in LASTING or hasattr(model, "history_object") or not model._meta.managed:
            continue
        names = [column.attname for column in model._meta.concrete_fields]
        found[model._meta.label] = sorted(
            json.dumps([str(getattr(row, name)) for name in names]) for row in model._base_manager.all()
        )
    return found


def opens(staff, citizen) -> bool:
    return can(viewer_for(staff.user), Permission.FOLLOW_CITIZENS, citizen).allowed


@pytest.fixture
def twice(make, care):
    """One person registered twice, each record with a worker, a course and an answer of its own."""

    class Twice:
        first_worker, second_worker = make.staff(), make.staff()
        kept = make.citizen(worker=first_worker, details=make.details(phone="+4759000001"))
        other = make.citizen(
            worker=second_worker,
            details=make.details(phone="+4759000002", national_id=make.national_id(), email="k@example.no"),
        )

    for citizen, worker in ((Twice.kept, Twice.first_worker), (Twice.other, Twice.second_worker)):
        care.make, care.worker, care.viewer = make, worker, make.viewer(worker)
        episode = care.episode(citizen=citizen, worker=worker)
        care.held(episode, care.now - timedelta(days=7), life=20.0, meeting=40.0)
    return Twice


def test_every_link_to_a_person_has_a_way_to_follow_a_merge():
    """A table added later follows by itself, unless something could stand in its way: then it says what holds."""
    silent = [link.name for link in links_to_persons() if link.constrained and merge_rule(link.name) is None]

    assert silent == [], (
        "Say how these follow when two records of one person are merged: call "
        "medvirk.people.following.register_merge_rule in the AppConfig.ready of their room."
    )


def test_the_links_are_found_in_the_models():
    names = {link.name for link in links_to_persons()}

    assert names >= {"answers.Occasion.about", "answers.Occasion.respondent", "people.Relation.citizen"}
    assert not any("Historical" in name for name in names)
    assert {link.name for link in links_to_persons() if link.constrained} >= {
        "people.Citizen.person", "people.Bar.citizen", "feedback.Participation.citizen", "answers.NoticeSeen.person"
    }  # fmt: skip


def test_after_a_merge_everything_is_of_the_kept_one(twice, chief):
    merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    for link in links_to_persons():
        if merge_rule(link.name) is not OnConflict.NEVER and link.to_citizen:
            assert not link.model._base_manager.filter(**{link.field: twice.other.pk}).exists(), link.name
    assert opens(twice.first_worker, twice.kept)
    assert opens(twice.second_worker, twice.kept)
    assert not opens(twice.second_worker, twice.other)
    assert twice.kept.episodes.count() == 2
    person = Person.objects.get(pk=twice.kept.person_id)
    assert (person.phone, person.email) == ("+4759000001", "k@example.no")
    assert person.national_id == twice.other.person.national_id


def test_whatever_either_was_known_by_finds_the_kept_one(twice, chief):
    merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    for criteria in (
        Criteria(phone="+4759000001"),
        Criteria(phone="+4759000002"),
        Criteria(national_id=twice.other.person.national_id),
        Criteria(given_name=twice.other.person.given_name, family_name=twice.other.person.family_name),
    ):
        assert set(matching_citizens(criteria)) == {twice.kept.pk}, criteria


def test_details_are_chosen_one_by_one(twice, chief):
    merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person, take=["family_name"])

    person = Person.objects.get(pk=twice.kept.person_id)
    assert person.given_name == twice.kept.person.given_name
    assert person.family_name == twice.other.person.family_name


def test_the_stricter_protection_and_every_bar_hold(make, twice, chief):
    Person.objects.filter(pk=twice.other.person_id).update(protection="strictly_confidential")
    Person.objects.filter(pk=twice.kept.person_id).update(protection="confidential")
    Bar.objects.create(
        citizen=twice.other, staff=twice.first_worker, kind="citizen", set_at=chief.now - timedelta(days=1)
    )
    guardian = make.citizen().person
    Guardianship.objects.create(
        citizen=twice.other, guardian=guardian, kind="guardian", valid_from=make.long_ago
    )
    assert losses(chief, twice.kept.person, twice.other.person) == [twice.first_worker.person.name]

    merge = merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    assert Person.objects.get(pk=twice.kept.person_id).protection == "strictly_confidential"
    assert not opens(twice.first_worker, twice.kept)
    assert twice.kept.guardianships.get().guardian == guardian
    undo_merge(by=chief, merge=merge)
    assert Person.objects.get(pk=twice.kept.person_id).protection == "confidential"
    assert opens(twice.first_worker, twice.kept)


def test_the_preview_names_who_gets_access(twice, chief):
    assert gains(chief, twice.kept.person, twice.other.person) == sorted(
        [twice.first_worker.person.name, twice.second_worker.person.name]
    )


def test_the_log_of_both_is_read_under_the_kept_one_and_never_rewritten(twice, chief):
    assert ids_in_log(twice.kept.pk) == {twice.kept.pk}

    merge = merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    assert ids_in_log(twice.kept.pk) == {twice.kept.pk, twice.other.pk}
    newest = list(AccessEvent.objects.order_by("-pk")[:2])
    assert {str(each.citizen_id) for each in newest} == {str(twice.kept.pk), str(twice.other.pk)}
    assert {each.what for each in newest} == {"people.merge"}
    undo_merge(by=chief, merge=merge)
    assert ids_in_log(twice.kept.pk) == {twice.kept.pk}


def test_an_answer_link_goes_on_working(care, twice, chief):
    from medvirk.answers.queries import way_in

    session = care.session(twice.other.episodes.get())
    token = care.link(session.asks("before"))

    merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    found = way_in(token, now=care.now)
    assert found.occasion.about == twice.kept
    from factories_feedback import marks

    care.send(found, marks("life-now", 30), asked=("life-now", "safety"))


def test_own_accounts_of_both_lead_to_the_kept_one(make, twice, chief):
    from medvirk.people.models import User

    users = [
        User.objects.create(login=f"own{number}", login_hash=f"{number}" * 64, person=citizen.person)
        for number, citizen in enumerate((twice.kept, twice.other))
    ]

    merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    for user in users:
        viewer = viewer_for(User.objects.get(pk=user.pk))
        assert viewer.own_person_id == twice.kept.person_id
        assert can(viewer, Permission.OWN_PAGES, twice.kept).allowed


def test_somebody_who_works_here_and_was_registered_anew_as_citizen(make, chief):
    worker = make.staff()
    anew = make.citizen()
    merge = merge_persons(by=chief, kept=worker.person, duplicate=anew.person)

    assert Citizen.objects.get(person=worker.person) == anew
    assert not opens(worker, anew)
    undo_merge(by=chief, merge=merge)
    assert Citizen.objects.get(person=anew.person) == anew


@pytest.mark.parametrize("who", ["same", "staff", "merged", "oneself", "helper"])
def test_what_cannot_be_merged_is_refused_and_nothing_changes(make, twice, chief, who):
    kept, other = twice.kept.person, twice.other.person
    if who == "same":
        other = kept
    elif who == "staff":
        kept, other = make.staff().person, make.staff().person
    elif who == "helper":
        start_relation(
            by=None,
            citizen=twice.kept,
            reason="x",
            valid_from=make.long_ago,
            worker=Staff.objects.get(pk=chief.staff_id),
        )
    elif who == "oneself":
        other = Staff.objects.get(pk=chief.staff_id).person
    else:
        merge_persons(by=chief, kept=make.citizen().person, duplicate=other)
    before = whole_database()

    with pytest.raises(RefusedError):
        merge_persons(by=chief, kept=kept, duplicate=other)

    assert whole_database() == before


def test_who_does_not_look_after_the_whole_house_merges_nobody(make, twice, chief):
    local = make.viewer(make.staff("administrator", make.unit(parent=make.unit(kind="municipality"))))

    assert candidates(local) == []
    with pytest.raises(PermissionDenied):
        merge_persons(by=local, kept=twice.kept.person, duplicate=twice.other.person)


def test_what_came_after_the_merge_stays_with_the_kept_one(make, twice, chief):
    from medvirk.people.actions import update_person

    merge = merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)
    third = make.staff()
    start_relation(by=None, citizen=twice.kept, worker=third, reason="New", valid_from=make.long_ago)
    person = Person.objects.get(pk=twice.kept.person_id)
    typed = {name: getattr(person, name) for name in CHOOSABLE} | {"phone": "+4759000009"}
    update_person(by=None, citizen=twice.kept, details=PersonDetails(**typed, national_id=person.national_id))

    undo_merge(by=chief, merge=merge)

    assert opens(third, twice.kept)
    assert not opens(third, twice.other)
    person = Person.objects.get(pk=twice.kept.person_id)
    assert (person.phone, person.email) == ("+4759000009", "")
    assert set(matching_citizens(Criteria(phone="+4759000009"))) == {twice.kept.pk}
    assert set(matching_citizens(Criteria(phone="+4759000002"))) == {twice.other.pk}


def test_what_was_moved_on_since_the_merge_stays_where_it_is(make, twice, chief):
    moved, left = twice.other.relations.get(), twice.other.episodes.get().participations.get()
    third = make.citizen()
    merge = merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)
    Relation.objects.filter(pk=moved.pk).update(citizen=third)

    undo_merge(by=chief, merge=merge)

    moved.refresh_from_db()
    left.refresh_from_db()
    assert moved.citizen == third
    assert left.citizen == twice.other


def test_merges_in_a_chain_are_undone_the_latest_first(make, chief):
    first, second, third = (make.citizen() for _ in range(3))
    states = [whole_database()]
    merges = [merge_persons(by=chief, kept=second.person, duplicate=third.person)]
    states.append(whole_database())
    merges.append(merge_persons(by=chief, kept=first.person, duplicate=second.person))
    assert set(ids_in_log(first.pk)) == {first.pk, second.pk, third.pk}
    assert first.relations.count() == 3
    name = third.person
    assert set(matching_citizens(Criteria(given_name=name.given_name, family_name=name.family_name))) == {
        first.pk
    }

    with pytest.raises(RefusedError, match="latest first"):
        undo_merge(by=chief, merge=merges[0])

    for merge, state in zip(reversed(merges), reversed(states), strict=True):
        undo_merge(by=chief, merge=merge)
        assert whole_database() == state
    with pytest.raises(RefusedError, match="already"):
        undo_merge(by=chief, merge=merges[0])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_merging_and_undoing_gives_the_very_same_database(make, care, chief, seed):
    """Random records that share workers, courses, bars, guardians and details; merged in random order."""
    rng = random.Random(seed)
    people = _random_records(make, care, rng)
    states, merges = [], []
    living = list(people)
    while len(living) > 1 and rng.random() < 0.8:
        kept, duplicate = rng.sample(living, 2)
        states.append(whole_database())
        take = [name for name in CHOOSABLE if rng.random() < 0.3]
        merges.append(merge_persons(by=chief, kept=kept.person, duplicate=duplicate.person, take=take))
        living.remove(duplicate)
        _nothing_is_lost_or_doubled(people, living)
    for merge, state in zip(reversed(merges), reversed(states), strict=True):
        undo_merge(by=chief, merge=merge)
        now = whole_database()
        assert {label: rows for label, rows in now.items() if rows != state[label]} == {}
    PersonMerge.objects.all().delete()


def _random_records(make, care, rng: random.Random) -> list[Citizen]:
    from medvirk.answers.models import NoticeSeen
    from medvirk.feedback.models import Participation

    staff = [make.staff() for _ in range(2)]
    people = []
    for _ in range(rng.randint(2, 4)):
        details = replace(
            make.details(),
            phone=rng.choice(["", "+4759000011", "+4759000012"]),
            email=rng.choice(["", "a@example.no", "b@example.no"]),
            birth_date=rng.choice([None, date(1980, 2, 29)]),
            national_id="",
        )
        citizen = make.citizen(worker=rng.choice(staff), details=details)
        people.append(citizen)
        Person.objects.filter(pk=citizen.person_id).update(
            protection=rng.choice(["", "confidential", "strictly_confidential"])
        )
        if rng.random() < 0.5:
            Bar.objects.create(citizen=citizen, staff=rng.choice(staff), kind="citizen")
        if rng.random() < 0.5:
            NoticeSeen.objects.create(person=citizen.person, digest="d" * 64)
        if rng.random() < 0.4:
            Guardianship.objects.create(
                citizen=citizen, guardian=rng.choice(people).person, kind="guardian", valid_from=make.long_ago
            )
    shared = care.episode(citizen=make.citizen(worker=care.worker))
    for citizen in people:
        if rng.random() < 0.6:
            Participation.objects.create(episode=shared, citizen=citizen)
        citizen.refresh_from_db()
    return people


def _nothing_is_lost_or_doubled(everybody: Iterable[Citizen], living: list[Citizen]) -> None:
    ids = [each.pk for each in living]
    assert Relation.objects.filter(citizen__in=[each.pk for each in everybody]).count() == len(
        list(everybody)
    )
    assert (
        not Relation.objects.filter(citizen__in=[e.pk for e in everybody]).exclude(citizen__in=ids).exists()
    )


def test_pairs_that_look_alike_come_up_once_and_not_again_when_decided(make, chief):
    details = make.details(birth_date=date(1970, 5, 1))
    one, other = make.citizen(details=details), make.citizen(details=details)
    make.citizen(details=replace(details, birth_date=date(1971, 5, 1)))

    (pair,) = candidates(chief)

    assert {pair.first, pair.second} == {one.person, other.person}
    assert pair.why == {MatchedBy.NAME_AND_BIRTH_DATE}
    say_different(by=chief, one=one.person, other=other.person)
    assert candidates(chief) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_pairs_takes_the_same_queries_however_many(make, chief, rows, django_assert_num_queries):
    for number in range(rows):
        details = make.details(phone=f"+475900010{number}")
        make.citizen(details=details)
        make.citizen(details=details)

    with django_assert_num_queries(3):
        assert len(candidates(chief)) == rows


def test_a_worker_points_out_one_whom_they_cannot_see(make, twice, chief):
    viewer = make.viewer(twice.first_worker)

    propose_merge(by=viewer, citizen=twice.kept, criteria=Criteria(phone="+4759000002"), reason="Same story")

    (pair,) = candidates(chief)
    assert {pair.first, pair.second} == {twice.kept.person, twice.other.person}
    assert pair.suspicion.reason == "Same story"
    assert not opens(twice.first_worker, twice.other)
    with pytest.raises(RefusedError, match="exactly one"):
        propose_merge(by=viewer, citizen=twice.kept, criteria=Criteria(phone="+4759999999"), reason="x")
    with pytest.raises(PermissionDenied):
        propose_merge(by=viewer, citizen=twice.other, criteria=Criteria(phone="+4759000001"), reason="x")


def test_two_who_have_agreed_to_different_things_are_asked_first(twice, chief):
    from medvirk.people.models import Consent

    for citizen, yes in ((twice.kept, True), (twice.other, False)):
        Consent.objects.create(
            citizen=citizen,
            purpose="research",
            version=1,
            language="nb",
            digest="d",
            yes=yes,
            answered_at=timezone.now(),
        )

    with pytest.raises(RefusedError, match="agreed to different things"):
        merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)


def test_a_merge_decides_what_somebody_suspected(make, twice, chief):
    propose_merge(
        by=make.viewer(twice.first_worker),
        citizen=twice.kept,
        criteria=Criteria(phone="+4759000002"),
        reason="x",
    )

    merge = merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

    assert SuspectedDuplicate.objects.get().state == "same"
    undo_merge(by=chief, merge=merge)
    assert SuspectedDuplicate.objects.get().state == "open"


class TestTwoMustAgree:
    @pytest.fixture
    def other_chief(self, make, chief):
        return make.viewer(make.staff("administrator", Unit.objects.get(name="Fjordvik")))

    def propose(self, twice, by, take=("phone",)) -> SuspectedDuplicate:
        return propose_putting_together(
            by=by, kept=twice.kept.person, duplicate=twice.other.person, take=take
        )

    def test_one_proposes_and_another_agrees_to_just_that(self, twice, chief, other_chief):
        before = whole_database()
        proposed = self.propose(twice, chief)
        assert whole_database() == before
        assert proposed_merge(other_chief, twice.other.person_id, twice.kept.person_id) == proposed

        merge = agree_to_merge(by=other_chief, suspicion=proposed)

        assert (merge.kept, merge.duplicate) == (twice.kept.person, twice.other.person)
        assert merge.made_by_id == other_chief.staff_id
        kept = Person.objects.get(pk=twice.kept.person_id)
        assert (kept.phone, kept.email) == ("+4759000002", "k@example.no")
        said = AccessEvent.objects.filter(what="people.merge").values_list("basis", flat=True)
        assert set(said) == {"merge proposed", "merge"}
        assert proposed_merge(other_chief, twice.other.person_id, twice.kept.person_id) is None

    def test_nobody_does_both(self, twice, chief, other_chief):
        proposed = self.propose(twice, chief)
        before = whole_database()

        with pytest.raises(RefusedError, match="Two must agree"):
            agree_to_merge(by=chief, suspicion=proposed)
        with pytest.raises(RefusedError, match="Two must agree"):
            merge_persons(by=other_chief, kept=twice.kept.person, duplicate=twice.other.person)
        with pytest.raises(RefusedError, match="proposed already"):
            self.propose(twice, other_chief)

        assert whole_database() == before
        assert not PersonMerge.objects.exists()

    @pytest.mark.parametrize("who", ["chief", "other_chief"])
    def test_declined_or_taken_back_it_can_be_proposed_anew(self, twice, chief, other_chief, who):
        proposed = self.propose(twice, chief)

        decline_putting_together(by={"chief": chief, "other_chief": other_chief}[who], suspicion=proposed)

        for late in (agree_to_merge, decline_putting_together):
            with pytest.raises(RefusedError, match="decided already"):
                late(by=other_chief, suspicion=proposed)
        assert self.propose(twice, other_chief).awaits_agreement

    def test_two_people_are_no_longer_proposed(self, twice, chief, other_chief):
        proposed = self.propose(twice, chief)

        say_different(by=other_chief, one=twice.kept.person, other=twice.other.person)

        with pytest.raises(RefusedError, match="decided already"):
            agree_to_merge(by=other_chief, suspicion=proposed)

    def test_taken_apart_it_takes_two_again(self, twice, chief, other_chief):
        merge = agree_to_merge(by=other_chief, suspicion=self.propose(twice, chief))

        undo_merge(by=chief, merge=merge)

        suspicion = SuspectedDuplicate.objects.get()
        assert suspicion.state == "open"
        assert not suspicion.awaits_agreement

    def test_what_stops_a_merge_stops_the_proposal_and_the_agreement(self, make, twice, chief, other_chief):
        proposed = self.propose(twice, chief)
        helper = Staff.objects.get(pk=other_chief.staff_id)
        start_relation(by=None, citizen=twice.kept, reason="x", valid_from=make.long_ago, worker=helper)

        with pytest.raises(RefusedError, match="You help one of them"):
            agree_to_merge(by=other_chief, suspicion=proposed)
        decline_putting_together(by=chief, suspicion=proposed)
        with pytest.raises(RefusedError, match="You help one of them"):
            self.propose(twice, other_chief)

    @pytest.mark.parametrize("why", ["below", "ended", "closed", "team leader"])
    def test_alone_one_decides_and_the_log_says_so(self, make, twice, chief, why):
        top = Unit.objects.get(name="Fjordvik")
        role, unit = ("team_leader", top) if why == "team leader" else ("administrator", top)
        other = make.staff(role, make.unit(parent=top) if why == "below" else unit)
        if why == "ended":
            other.grants.update(valid_to=make.long_ago)
        if why == "closed":
            User.objects.filter(pk=other.user_id).update(is_active=False)

        merge_persons(by=chief, kept=twice.kept.person, duplicate=twice.other.person)

        assert set(AccessEvent.objects.filter(what="people.merge").values_list("basis", flat=True)) == {
            "merge alone"
        }

    def test_who_does_not_look_after_the_house_neither_proposes_nor_decides(
        self, make, twice, chief, other_chief
    ):
        local = make.viewer(make.staff("administrator", make.unit(parent=Unit.objects.get(name="Fjordvik"))))
        proposed = self.propose(twice, chief)

        for act in (agree_to_merge, decline_putting_together):
            with pytest.raises(PermissionDenied):
                act(by=local, suspicion=proposed)
        with pytest.raises(PermissionDenied):
            self.propose(twice, local)
        assert proposed_merge(local, twice.kept.person_id, twice.other.person_id) is None
