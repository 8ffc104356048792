"""Others than one citizen alone: somebody close, the worker, a group, a family, and who was there to help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from browsers import DESK, PHONE, SLIDER
from django.utils import timezone
from playwright.sync_api import Page, expect
from poor_network import SEND, connect, cut_off, ready
from scanning import scanned

from medvirk.answers.models import Answer, Occasion, Submission
from medvirk.feedback.actions import add_member, start_episode
from medvirk.instruments.loader import get
from medvirk.instruments.models import LocalWording

MAY_READ = "[name=citizen_may_read]"


def begin(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main button.big[type=submit]").click()
    page.wait_for_selector("#answering .line")


def send(page: Page, mark: str, *, lines: str = "life-now", words: str = "") -> None:
    for number in range(1, page.locator(f"[data-line^='{lines}.']").count() + 1):
        page.locator(f"[data-line='{lines}.q{number}'] input[type=range]").fill(mark)
    page.locator("#own_words").fill(words)
    page.locator(SEND).click()
    page.wait_for_selector("h1[data-arrived]")


def who_answers(worker: Page, session, citizen) -> None:
    worker.goto(f"/feedback/sessions/{session.pk}/?citizen={citizen.pk}")
    worker.locator("main a[href*='/answering/']").first.click()


def code_for_kin(worker: Page, session, citizen) -> str:
    """What Siv's phone reads off the worker's screen."""
    who_answers(worker, session, citizen)
    worker.get_by_role("link", name="Spør en som står nær").click()
    worker.locator("#id_given_name").fill("Siv")
    worker.locator("#id_family_name").fill("Nær")
    worker.locator("[name=person][value=new]").check()
    worker.locator("[name=basis][value=citizen]").check()
    worker.locator("main form button[type=submit]").click()
    address = scanned(worker.locator(".qr"))
    assert address == worker.locator("#link").input_value()
    return address


def row_of(worker: Page, name: str):
    return worker.locator("#others ~ .table-wrap tbody tr", has_text=name)


def names_on(page: Page) -> set[str]:
    return set(page.locator("body").inner_text().replace("«", " ").replace("»", " ").split())


def test_somebody_close_answers_by_the_code_and_stands_apart(window, care):
    session = care.session(care.course([20.0, 24.0]))
    citizen = session.asks("before").about
    worker, phone = window(DESK, care.worker), window(PHONE)

    begin(phone, code_for_kin(worker, session, citizen))
    expect(phone.locator("#answering .ds-alert").first).to_contain_text("ikke om deg selv")
    assert names_on(phone).isdisjoint(care.citizen_names(session))
    send(phone, "9.5", words="Hun sover ikke")
    assert names_on(phone).isdisjoint(care.citizen_names(session))

    who_answers(worker, session, citizen)
    row = row_of(worker, "Siv Nær")
    expect(row).to_contain_text("47,5")
    expect(row).to_contain_text("Hun sover ikke")
    expect(row.locator("td").last).to_have_text("Nei")
    # The citizen's own answer is still asked for, and has not become theirs.
    expect(worker.locator("section[aria-labelledby=own]")).to_contain_text("svart ennå")
    worker.locator(".back a").click()
    conversation = worker.locator("main").inner_text()
    assert "24" in worker.locator(".in-words").inner_text()
    assert "47,5" not in conversation
    assert "Hun sover ikke" not in conversation
    assert Submission.objects.get(occasion__capacity="kin").own_words == "Hun sover ikke"


@pytest.mark.usefixtures("no_contact")
@pytest.mark.parametrize("may_read", [True, False])
def test_a_cross_is_there_again_after_a_reload_without_network(window, care, may_read):
    """What somebody close let the citizen read, and what they did not, is neither lost nor made up."""
    session = care.session()
    worker, phone = window(DESK, care.worker), window(PHONE)
    begin(phone, code_for_kin(worker, session, session.asks("before").about))
    ready(phone)
    cut_off(phone.context)
    phone.locator(SLIDER.format(1)).fill("3")
    phone.locator("#helped_by").select_option("interpreter")
    phone.locator(MAY_READ).check()
    phone.locator(MAY_READ).set_checked(may_read)
    expect(phone.locator("#kept")).to_contain_text("på denne enheten")

    phone.reload()

    expect(phone.locator("#kept")).to_contain_text("ikke sendt")
    assert phone.locator(MAY_READ).is_checked() is may_read
    assert phone.locator("#helped_by").input_value() == "interpreter"
    connect(phone.context)
    phone.locator(SEND).click()
    phone.wait_for_selector("h1[data-arrived]")
    sent = Submission.objects.get()
    assert (sent.citizen_may_read, sent.helped_by) == (may_read, "interpreter")


def test_the_worker_answers_as_they_see_it_themselves(window, care):
    session = care.session()
    citizen = session.asks("before").about
    worker = window(DESK, care.worker)
    who_answers(worker, session, citizen)

    worker.get_by_role("button", name="Fyll ut hvordan jeg selv ser det").click()
    worker.locator("main button.big[type=submit]").click()
    worker.wait_for_selector("#answering .line")
    assert names_on(worker).isdisjoint(care.citizen_names(session))
    send(worker, "8")
    worker.locator("main a.big").click()

    # It is their own screen: nothing is locked, and they are where they came from.
    row = row_of(worker, care.worker.person.name)
    expect(row).to_contain_text("40")
    expect(worker.locator("section[aria-labelledby=own]")).to_contain_text("svart ennå")
    assert Submission.objects.get().occasion.capacity == "worker"
    assert not Submission.objects.filter(occasion__about=citizen, occasion__capacity="self").exists()


def test_who_helped_is_told_with_the_answer_and_can_be_set_right(window, care):
    session = care.session()
    citizen = session.asks("before").about
    worker, phone = window(DESK, care.worker), window(PHONE)
    begin(phone, f"/a/{care.link(session.asks('before'))}/")
    phone.locator("#helped_by").select_option("interpreter")
    send(phone, "6")

    worker.goto(f"/feedback/sessions/{session.pk}/")
    expect(worker.locator("main")).to_contain_text("tolk")
    who_answers(worker, session, citizen)
    expect(worker.locator("section[aria-labelledby=own]")).to_contain_text("med hjelp av en tolk")
    worker.locator("#id_before_helped_by").select_option("")
    worker.locator("form[action$='/before/help/'] button").click()

    expect(worker.locator("section[aria-labelledby=own]")).not_to_contain_text("med hjelp av")
    assert Submission.objects.get().helped_by == ""


@pytest.fixture
def group(care):
    """A conversation with three, and the three."""
    session = care.session()
    others = [care.make.citizen(worker=care.worker) for _ in range(2)]
    for each in others:
        add_member(
            by=care.make.viewer(care.worker), episode=session.episode, citizen=each, kind="group",
            since=care.viewer.today, now=care.now,
        )  # fmt: skip
    return session, [session.asks("before").about, *others]


def shown_together(page: Page, session) -> str:
    page.goto(f"/feedback/sessions/{session.pk}/together/")
    return page.locator("main").inner_text()


def test_each_of_a_group_answers_alone_and_the_group_sees_what_was_agreed_to(window, care, group):
    session, members = group
    worker = window(DESK, care.worker)
    for member, mark in zip(members, ("2", "5", "9"), strict=True):
        worker.goto(f"/feedback/sessions/{session.pk}/?citizen={member.pk}")
        worker.locator("form[action$='/phone/before/'] button").click()
        expect(worker.locator("main")).to_contain_text(member.person.given_name)
        phone = window(PHONE)
        begin(phone, scanned(worker.locator(".qr")))
        send(phone, mark, words=f"Bare {member.person.given_name}")
        known = {name for each in members for name in (each.person.given_name, each.person.family_name)}
        assert names_on(phone).isdisjoint(known)
        worker.wait_for_url(f"**/feedback/sessions/{session.pk}/?citizen={member.pk}")
    given = [each.person.given_name for each in members]
    together = shown_together(worker, session)
    assert not any(name in together for name in given)

    # The first says yes to the worker, the second on a page of their own, the third no.
    first, second, third = members
    for member, yes in ((first, "1"), (third, "0")):
        who_answers(worker, session, member)
        worker.locator(
            f"section[aria-labelledby=showing] form:has([value=curve]) button[value='{yes}']"
        ).click()
    own = window(PHONE, care.make.own_account(second.person))
    own.goto(f"/feedback/own/{second.pk}/{session.episode_id}/")
    own.locator("form:has([name=part][value=curve]) button[value='1']").click()

    together = shown_together(worker, session)
    assert [name in together for name in given] == [True, True, False]
    assert "Bare" not in together
    assert "45" not in together

    own.locator("form:has([name=part][value=curve]) button[value='0']").click()
    expect(own.locator("form:has([name=part][value=curve]) button[value='1']")).to_be_visible()
    together = shown_together(worker, session)
    assert [name in together for name in given] == [True, False, False]


@pytest.fixture
def family(care):
    """A mother and her child of eight, each asked by the form for their age, in wording of our own."""
    for key in ("ors", "cors", "srs", "csrs"):
        ends = {"low": "lite", "high": "mye", "options": []}
        items = {item.key: {"text": f"Spørsmål {item.key}", **ends} for item in get(key).items}
        LocalWording.objects.create(
            instrument_key=key, version=1, language="nb", translator="test", licence="test", source="test",
            content={"title": f"Prøve {key}", "intro": "", "items": items},
        )  # fmt: skip
    born = timezone.localdate() - timedelta(days=round(8.5 * 365.25))
    child = care.make.citizen(worker=care.worker, details=care.make.details(birth_date=born))
    mother = care.make.citizen(
        worker=care.worker, details=care.make.details(birth_date=born - timedelta(days=30 * 365))
    )
    episode = start_episode(
        by=care.make.viewer(care.worker), citizen=mother, unit=care.unit, responsible=care.worker,
        started_on=care.make.long_ago, outcome=("ors", 1), meeting=("srs", 1), asks_safety=False, kind="family",
    )  # fmt: skip
    add_member(
        by=care.make.viewer(care.worker), episode=episode, citizen=child, kind="family",
        since=care.viewer.today, now=care.now,
    )  # fmt: skip
    return care.session(episode), mother, child


def test_in_a_family_each_answers_the_form_for_their_age(window, care, family):
    session, mother, child = family
    worker = window(DESK, care.worker)
    for member, form in ((mother, "ors"), (child, "cors")):
        worker.goto(f"/feedback/sessions/{session.pk}/?citizen={member.pk}")
        worker.locator("form[action$='/phone/before/'] button").click()
        phone = window(PHONE)
        begin(phone, scanned(worker.locator(".qr")))
        expect(phone.locator("h1")).to_have_text(f"Prøve {form}")
        send(phone, "6", lines=form)
        worker.wait_for_url(f"**/feedback/sessions/{session.pk}/?citizen={member.pk}")
        expect(worker.locator(".in-words")).to_contain_text("24")

    said = Answer.objects.values_list("submission__occasion__about", "instrument_key")
    assert set(said) == {(mother.pk, "ors"), (child.pk, "cors")}
    assert Occasion.objects.filter(submission__isnull=False).count() == 2
