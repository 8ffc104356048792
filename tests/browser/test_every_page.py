"""Every page on a phone of 320 pixels and at a desk: axe finds nothing, and nothing sticks out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from browsers import AXE, DESK, PHONE
from django.urls import URLResolver, get_resolver, reverse
from factories_feedback import DAY, marks
from playwright.sync_api import Page

#: Addresses that only take what is sent, or answer with a part of a page.
NO_PAGE = {
    "account_remove_passkey",
    "account_sign_out_everywhere",
    "account_stay",
    "account_time_left",
    # Seen in tests/browser/test_passkeys.py, with a code app and passkeys set up.
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
    "sign_in_back",
    "sign_in_with",
    "people:bar_lift",
    "people:consent_answer",
    "people:death_undo",
    "people:emergency_end",
    "people:emergency_look",
    "people:emergency_open",
    "people:protect_after_search",
    "people:know_privately",
    "people:share_stop",
    "answers:begin",
    "answers:draft",
    "answers:worker",
    "answers:leave",
    "feedback:arrived",
    "feedback:cancel_session",
    "feedback:news",
    "feedback:note_change",
    "feedback:plan_session",
    "feedback:reopen_episode",
    "feedback:restore_session",
    "feedback:screen",
    "interop:own_data_file",
    "library:file",
    "library:retire",
    "privacy:file",
    "messages:sms_in",
    "messages:sms_report",
    "people:leave",
    "people:log_download",
    "people:erasure_decide",
    "people:own_bar_lift",
    "people:own_consent_answer",
    "people:own_request_close",
    "people:own_sharing_stop",
    "people:request_seen",
    "people:merge_not",
    "people:relation_after_search",
    "people:reorganisation_undo",
    "people:retention_report_new",
    "people:staff_account",
    "set_language",
}


@dataclass(frozen=True)
class Scene:
    """A page somebody meets. `reach` does what has to be done after the address was opened."""

    name: str
    who: str
    path: str
    reach: Callable[[Page], None] | None = None


def submit(form: str) -> Callable[[Page], None]:
    """Press the button of a form and wait for what comes."""

    def reach(page: Page) -> None:
        with page.expect_navigation():
            page.locator(f"{form} button").last.click()

    return reach


def sign_in_wrongly(page: Page) -> None:
    for name in ("login", "password"):
        page.fill(f"[name={name}]", "feil")
    with page.expect_navigation():
        page.press("[name=password]", "Enter")


def pick(*names_and_values: tuple[str, str]) -> Callable[[Page], None]:
    """Choose on the answering page, then send: what the server answers is shown in its place."""

    def reach(page: Page) -> None:
        for name, value in names_and_values:
            line = page.locator(f"[data-line='{name}'] input[type=range]")
            if line.count():
                line.fill(value)
            else:
                page.locator(f"[name='{name}'][value='{value}']").check()
        page.locator("#answering button[type=submit]").click()
        page.wait_for_selector("[data-arrived], [data-focus]")

    return reach


class World:
    """Everything that the pages can show: a course with signals, an ended one, links in every state."""

    def __init__(self, care, make) -> None:
        self.care, self.make = care, make
        self.staff = {
            "worker": care.worker,
            # The same person at another machine, whose screen is handed over.
            "lender": care.worker,
            "newcomer": make.staff("practitioner", care.unit),
            "administrator": make.staff("administrator", care.unit),
            "leader": make.staff("team_leader", care.unit),
            "auditor": make.staff("auditor", care.unit),
            "house auditor": make.staff("auditor", make.unit()),
            "stranger": make.staff(None),
            "partner": make.staff("partner"),
            "lonely partner": make.staff("partner"),
            "secretary": make.staff("secretary"),
            "nobody": None,
        }
        self.episode = care.course([34.0, 36.0, None, 12.0], meeting=42.0)
        care.held(self.episode, care.now - DAY, life=11.0, meeting=30.0, safety=2)
        self.session = care.session(self.episode)
        self.citizen = self.session.asks("before").about
        for session in self.episode.sessions.all()[:2]:
            self.note(session)
        self.new = care.episode()
        self.ended = care.course([20.0, 30.0])
        self.end(self.ended)
        self.answered_last_month(12)
        self.own_accounts()

    def own_accounts(self) -> None:
        """Who sign in for themselves: the citizen, a parent of two, and somebody without any pages."""
        from medvirk.people.models import Guardianship

        make = self.make
        parent, self.new_citizen = make.staff().person, make.citizen(worker=self.care.worker)
        for _ in range(2):
            child = make.citizen(details=make.details(birth_date=self.care.viewer.today - 8 * 365 * DAY))
            Guardianship.objects.create(
                citizen=child, guardian=parent, kind="parent", valid_from=make.long_ago
            )
        self.child = child
        self.staff |= {
            "citizen": make.own_account(self.citizen.person),
            "parent": make.own_account(parent),
            "new citizen": make.own_account(self.new_citizen.person),
            "without pages": make.own_account(make.staff().person),
        }

    def answered_last_month(self, people: int) -> None:
        """Enough answers to the form before a conversation for numbers about the form itself."""
        from medvirk.feedback.measuring import month_start

        for at in range(people):
            day = month_start(self.care.now) - (1 + at) * DAY
            occasion = self.care.session(at=day).asks("before")
            sent = marks("life-now", 10 + 3 * at) | {"life-now.q1": str(at % 7), "life-now.q2": str(at % 5)}
            self.care.send(self.care.way_in(occasion), sent, now=day)

    def meets_criteria(self):
        """A course on a form of which the night has found that it meets every criterion here, of the whole team."""
        from medvirk.feedback.measuring import LocalMeasuring
        from medvirk.feedback.models import LocalNorms
        from medvirk.stats.growth import Norms
        from medvirk.stats.reliability import Criterion, State, Verdict

        verdicts = tuple(Verdict(each, State.MET, 0.8, 120) for each in Criterion)
        LocalNorms.objects.create(
            instrument_key="life-now",
            instrument_version=1,
            scale="total",
            norms=Norms.from_scores(person=["a", "a"], t=[0.0, 0.7], score=[20.0, 25.0]).to_dict(),
            persons=1,
            measuring=LocalMeasuring("2026-02", verdicts).to_dict(),
        )
        citizen = self.make.citizen(team=self.care.unit)
        return self.care.course([20.0, 26.0], episode=self.care.episode(citizen=citizen))

    def note(self, session) -> None:
        from medvirk.feedback.actions import note_change

        note_change(
            by=self.care.viewer,
            session=session,
            staff=self.care.worker,
            text="Vi går tur mens vi snakker",
            now=self.care.now,
        )

    def end(self, episode) -> None:
        from medvirk.feedback.actions import end_episode

        end_episode(
            by=self.care.viewer,
            episode=episode,
            ended_on=self.care.viewer.today,
            ending="planned",
            now=self.care.now,
        )

    def cancelled(self):
        """A session that does not take place."""
        from medvirk.feedback.actions import cancel_session

        session = self.care.session(self.new)
        cancel_session(by=self.care.viewer, session=session, now=self.care.now)
        return session

    def fresh(self, **more) -> str:
        """A link to a form that nobody has answered, of somebody who has read the notice."""
        from medvirk.answers.actions import see_notice
        from medvirk.answers.texts import text_for

        occasion = self.care.session().asks("before")
        see_notice(occasion=occasion, digest=text_for("privacy", "nb").digest)
        return reverse("answers:answer", args=[self.care.link(occasion, **more)])

    def unread(self) -> str:
        return reverse("answers:answer", args=[self.care.link(self.care.session().asks("before"))])

    def revoked(self) -> str:
        occasion = self.care.session().asks("before")
        path = reverse("answers:answer", args=[self.care.link(occasion)])
        self.care.link(occasion)
        return path

    def run_out(self) -> str:
        from medvirk.answers.models import AnswerLink

        path = self.fresh()
        AnswerLink.objects.filter(pk=AnswerLink.objects.latest("pk").pk).update(
            created_at=self.care.now - 2 * DAY, expires_at=self.care.now - DAY
        )
        return path

    def too_early(self) -> str:
        from medvirk.answers.models import AnswerLink, Occasion

        path = self.fresh()
        newest = AnswerLink.objects.latest("pk").occasion_id
        Occasion.objects.filter(pk=newest).update(opens_at=self.care.now + DAY)
        return path

    def answered(self) -> str:
        occasion = self.care.session().asks("before")
        path = reverse("answers:answer", args=[self.care.link(occasion)])
        from medvirk.answers.queries import way_in

        self.care.send(way_in(path.split("/")[2], now=self.care.now), marks("life-now", 30))
        return path


def of_the_worker(world: World) -> Iterator[Scene]:
    def at(name: str, key: object) -> str:
        return reverse(f"feedback:{name}", args=[key])

    session, episode = world.session.pk, world.episode.pk
    conversation = at("conversation", session)
    yield Scene("feedback:my_citizens", "worker", reverse("feedback:my_citizens"))
    yield Scene("the team's citizens", "worker", reverse("feedback:my_citizens") + "?show=team")
    yield Scene("nobody yet", "newcomer", reverse("feedback:my_citizens"))
    yield Scene("feedback:episode", "worker", at("episode", episode))
    yield Scene("an episode without sessions", "worker", at("episode", world.new.pk))
    yield Scene("an ended episode", "worker", at("episode", world.ended.pk))
    yield Scene("feedback:start_episode", "worker", at("start_episode", world.citizen.pk))
    yield Scene("feedback:end_episode", "worker", at("end_episode", world.new.pk))
    yield Scene("ending it wrongly", "worker", at("end_episode", world.new.pk), submit("main form"))
    yield Scene("feedback:conversation", "worker", conversation)
    yield Scene("the first conversation", "worker", at("conversation", world.care.session(world.new).pk))
    yield Scene("a cancelled conversation", "worker", at("conversation", world.cancelled().pk))
    yield Scene("nothing noted", "worker", conversation, submit("form[action$='/change/']"))
    yield Scene("feedback:phone", "worker", conversation, submit("form[action$='/phone/before/']"))
    yield Scene("feedback:tablet", "worker", conversation, submit("form[action$='/tablet/before/']"))
    yield Scene("account_handed_over", "lender", conversation, hand_over)
    yield Scene("a wrong password there", "lender", reverse("account_handed_over"), take_back_wrongly)
    yield Scene("not mine", "newcomer", conversation)


def hand_over(page: Page) -> None:
    submit("form[action$='/screen/before/']")(page)
    page.goto(reverse("start"))


def take_back_wrongly(page: Page) -> None:
    page.fill("#id_password", "feil")
    with page.expect_navigation():
        page.press("#id_password", "Enter")


def of_the_citizen(world: World) -> Iterator[Scene]:
    risk = ("safety.q1", "2")
    yield Scene("the notice", "nobody", world.unread())
    yield Scene("answers:answer", "nobody", world.fresh())
    yield Scene("nothing answered", "nobody", world.fresh(), pick())
    yield Scene("thanks", "nobody", world.fresh(), pick(("life-now.q1", "3")))
    yield Scene("thanks, at risk", "nobody", world.fresh(), pick(risk))
    yield Scene("thanks on the screen", "worker", world.fresh(channel="screen", return_to="/"), pick(risk))
    yield Scene("answered", "nobody", world.answered())
    yield from on_the_tablet(world)
    yield Scene("revoked", "nobody", world.revoked())
    yield Scene("run out", "nobody", world.run_out())
    yield Scene("too early", "nobody", world.too_early())
    yield Scene("an unknown link", "nobody", reverse("answers:answer", args=["x" * 32]))


def on_the_tablet(world: World) -> Iterator[Scene]:
    tablet = reverse("answers:tablet")
    unread = reverse("answers:answer", args=[world.care.link(world.care.session().asks("before"), "tablet")])
    yield Scene("answers:tablet", "nobody", tablet)
    yield Scene("a code that opens nothing", "nobody", tablet, wrong_code)
    yield Scene("a tablet that somebody is signed in on", "worker", tablet)
    yield Scene("the notice on a tablet", "nobody", unread)
    yield Scene("a form on a tablet", "nobody", world.fresh(channel="tablet"))
    yield Scene("thanks on a tablet", "nobody", world.fresh(channel="tablet"), pick(("life-now.q1", "3")))


def wrong_code(page: Page) -> None:
    page.fill("#code", "00000000")
    with page.expect_navigation():
        page.press("#code", "Enter")


def of_people(world: World) -> Iterator[Scene]:
    grant = world.care.worker.grants.get()
    citizen, relation = world.citizen.pk, world.citizen.relations.get().pk
    worker = world.care.worker.pk
    for name, arguments in {
        "people:find": [],
        "people:citizen_new": [],
        "people:citizen": [citizen],
        "people:citizen_change": [citizen],
        "people:relation_new": [citizen],
        "people:relation_end": [relation],
    }.items():
        yield Scene(name, "worker", reverse(name, args=arguments))
    for name, arguments in {
        "people:staff_list": [],
        "people:staff_new": [],
        "people:staff": [worker],
        "people:staff_change": [worker],
        "people:role_new": [worker],
        "people:role_end": [worker, grant.pk],
        "people:staff_password": [worker],
        "people:units": [],
        "people:unit_new": [],
        "people:unit": [grant.unit_id],
        "people:unit_end": [grant.unit_id],
        "answers:texts": [],
        "privacy:notice": [],
        "privacy:documents": [],
        "privacy:document": ["dpia"],
    }.items():
        yield Scene(name, "administrator", reverse(name, args=arguments))
    yield Scene("answers:edit_text", "administrator", reverse("answers:edit_text", args=["crisis"]))


def divide(page: Page) -> None:
    """Name two new units, and come to who goes where."""
    page.locator("[name=names]").fill("Nord A\nNord B")
    with page.expect_navigation():
        page.locator("main form .actions button").last.click()


def of_time(world: World) -> Iterator[Scene]:
    """Units and persons over time: a planned change, records that look alike, and some put together."""
    from dataclasses import replace

    from django.utils import timezone

    from medvirk.people.actions.merging import merge_persons
    from medvirk.people.actions.succession import move_unit

    make, unit = world.make, world.care.unit
    details = replace(make.details(), phone="+4759000077", email="kari@example.no")
    first, second = (make.citizen(details=each) for each in (details, replace(details, given_name="Karen")))
    merge = merge_persons(by=None, kept=make.citizen().person, duplicate=make.citizen().person)
    moved = move_unit(by=None, unit=unit, day=timezone.localdate() + 9 * DAY, name="Nord", parent=None)
    for name, arguments in {
        "people:duplicates": [],
        "people:merge": [first.person_id, second.person_id],
        "people:merged": [merge.pk],
        "people:reorganisations": [],
        "people:reorganisation": [moved.pk],
        "people:units_merge": [],
        "people:unit_split": [unit.pk],
        "people:unit_move": [unit.pk],
    }.items():
        yield Scene(name, "administrator", reverse(name, args=arguments))
    yield Scene(
        "a faulty merge", "administrator", reverse("people:units_merge"), submit("main form .actions")
    )
    yield Scene("who goes where", "administrator", reverse("people:unit_split", args=[unit.pk]), divide)
    yield Scene("people:merge_propose", "worker", reverse("people:merge_propose", args=[world.citizen.pk]))


def of_measuring(world: World) -> Iterator[Scene]:
    def at(key: str) -> str:
        return reverse("feedback:measuring_page", args=[key, 1])

    yield Scene("feedback:measuring_list", "leader", reverse("feedback:measuring_list"))
    yield Scene("feedback:measuring_page", "leader", at("life-now"))
    yield Scene("too few for numbers", "leader", at("this-meeting"))
    course = reverse("feedback:episode", args=[world.meets_criteria().pk])
    yield Scene("the mark leads to the numbers", "leader", course)


def of_messages(world: World) -> Iterator[Scene]:
    from django.utils import timezone

    from medvirk.messages.actions import NewMessage, queue, stop_token
    from medvirk.messages.models import Message, State
    from medvirk.people.hooks import Notice, give_notice

    leader = world.staff["leader"].person_id
    give_notice(Notice("people.emergency_access", [leader]))
    give_notice(Notice("people.emergency_access", [leader]))
    kind, now = "people.emergency_access", timezone.now()
    new = [NewMessage(leader, "email", kind, "leder@fjordvik.test", "s", "b", f"scene:{n}") for n in range(2)]
    queue(messages=new, now=now)
    Message.objects.filter(once_key__startswith="scene:").update(
        state=State.FAILED, attempts=1, last_error="smtp 550"
    )
    yield Scene("messages:inbox", "leader", reverse("messages:inbox"))
    yield Scene("no messages", "newcomer", reverse("messages:inbox"))
    yield Scene("messages:operation", "administrator", reverse("messages:operation"))
    stop = reverse("messages:stop", args=[stop_token(world.citizen.person_id)])
    yield Scene("messages:stop", "nobody", stop)
    yield Scene("no more messages", "nobody", stop, submit("main form"))
    yield Scene("no link to stop messages", "nobody", f"{stop[:-1]}x/")


def of_the_library(world: World) -> Iterator[Scene]:
    """Documents to read and to write, an older version, a file, and one that is only planned."""
    from factories_library import add, put_in
    from library_files import PDF

    make, unit = world.make, world.care.unit
    text = "## Kort\n\nVi spør fordi *du* vet best.\n\n- hvordan livet er\n- hvordan hjelpen er"
    page = put_in(make, unit, audience="everybody", title="Hvorfor vi spør", body=text, tags="spørsmål")
    old, tomorrow = page.versions.get(), world.care.viewer.today + DAY
    add(make, page, title="Hvorfor vi spør deg", body=text, note="Kortere ord")
    add(make, page, language="ar", title="لماذا نسأل", body="لأنك تعرف", note="")
    file = put_in(make, unit, title="Årsrapport", kind="report", content=PDF)
    planned = put_in(make, unit, title="Kommer", kind="routine", valid_from=tomorrow)

    def at(name: str, document, *more: object) -> str:
        return reverse(f"library:{name}", args=[document.pk, *more])

    yield Scene("library:shelf", "leader", reverse("library:shelf"))
    yield Scene("the library for everybody", "nobody", reverse("library:shelf"))
    yield Scene("the library for a citizen", "citizen", reverse("library:shelf"))
    yield Scene("nothing found", "worker", reverse("library:shelf") + "?words=finnesikke&kind=guide")
    yield Scene("nothing retired", "leader", reverse("library:shelf") + "?show=retired")
    yield Scene("library:document", "leader", at("document", page))
    yield Scene("a document for everybody", "nobody", at("document", page))
    yield Scene("a document in Arabic", "nobody", at("document", page) + "?language=ar")
    yield Scene("a document that is a file", "worker", at("document", file))
    yield Scene("a document that is planned", "leader", at("document", planned))
    yield Scene("library:version", "nobody", at("version", page, old.pk))
    yield Scene("library:versions", "leader", at("versions", page))
    yield Scene("library:new", "leader", reverse("library:new"))
    yield Scene("a document put in wrongly", "leader", reverse("library:new"), submit("main form .actions"))
    yield Scene("library:new_version", "leader", at("new_version", page))
    yield Scene("library:edit", "leader", at("edit", page))
    yield Scene(
        "a document out of use", "leader", at("document", file), submit(f"form[action='{at('retire', file)}']")
    )
    yield Scene("documents out of use", "leader", reverse("library:shelf") + "?show=retired")


def of_own_pages(world: World) -> Iterator[Scene]:
    """What a citizen, a parent and those who answer them meet."""
    from medvirk.people.access import viewer_for
    from medvirk.people.actions.bars import bar_worker
    from medvirk.people.actions.requests import answer_request, send_request
    from medvirk.people.actions.sharing import share_with
    from medvirk.people.hooks import shared_parts

    citizen, make, care = world.citizen, world.make, world.care
    own = viewer_for(world.staff["citizen"])

    def at(name: str, *more: object) -> str:
        return reverse(name, args=[citizen.pk, *more])

    for name in ("people:own_sharing", "people:own_requests", "people:own_log", "feedback:own_course"):
        yield Scene(f"{name}, empty", "new citizen", reverse(name, args=[world.new_citizen.pk]))
    parts = [each.code for each in shared_parts()]
    partner = make.staff("partner")
    shared = share_with(
        by=own, citizen=citizen, staff=partner, parts=parts[:2], last_day=own.today, reason="Jobb"
    )
    bar_worker(by=own, citizen=citizen, worker=make.staff("practitioner", care.unit), reason="Naboen min")
    asked = [
        send_request(by=own, citizen=citizen, kind="correct", text="Det var ikke tirsdag") for _ in range(3)
    ]
    for each, outcome in zip(asked, ("done", "refused"), strict=False):
        answer_request(by=care.viewer, request=each, outcome=outcome, answer="Vi har sett på det.")
    for name, more in {
        "people:own_home": [],
        "feedback:own_course": [],
        "people:own_sharing": [],
        "people:own_share": [],
        "people:own_sharing_change": [shared.pk],
        "people:own_bar": [],
        "people:own_consents": [],
        "people:own_log": [],
        "people:own_requests": [],
        "interop:own_data": [],
    }.items():
        yield Scene(name, "citizen", at(name, *more))
    yield Scene("feedback:own_episode", "citizen", at("feedback:own_episode", world.episode.pk))
    yield Scene("sharing wrongly", "citizen", at("people:own_share"), submit("form.panel"))
    yield Scene("asking wrongly", "citizen", at("people:own_requests"), submit("section form.form"))
    yield Scene("people:own", "parent", reverse("people:own"))
    yield Scene("no pages", "without pages", reverse("people:own"))
    yield Scene("a child's pages", "parent", reverse("people:own_home", args=[world.child.pk]))
    yield Scene("a child's course", "parent", reverse("feedback:own_course", args=[world.child.pk]))
    yield Scene("people:left", "nobody", reverse("people:left"))
    yield Scene("people:requests", "worker", reverse("people:requests"))
    yield Scene("no requests", "newcomer", reverse("people:requests"))
    yield Scene("people:request", "worker", reverse("people:request", args=[asked[2].pk]))
    yield Scene("an answered request", "worker", reverse("people:request", args=[asked[1].pk]))
    yield Scene(
        "an empty answer", "worker", reverse("people:request", args=[asked[2].pk]), submit("section form")
    )


def of_access(world: World) -> Iterator[Scene]:
    """Who may see a record: bars, partners, parents, a protected address, an emergency, a death."""
    from medvirk.people.models import Bar, Death, Guardianship, Relation

    make, care, citizen = world.make, world.care, world.citizen
    partner, today = world.staff["partner"], care.viewer.today
    shared = Relation.objects.create(
        citizen=citizen, staff=partner, basis="consent", opens_all=False, reason="Så jeg slipper å gjenta meg",
        parts=["people.contact", "feedback.course", "feedback.agreements", "feedback.next"],
        valid_from=make.long_ago, valid_to=today + 30 * DAY,
    )  # fmt: skip
    Bar.objects.create(citizen=citizen, staff=make.staff(), kind="citizen", reason="Vi er naboer")
    guardianship = Guardianship.objects.create(
        citizen=citizen, guardian=make.staff().person, kind="parent", valid_from=make.long_ago
    )
    protected = make.citizen(worker=care.worker, team=care.unit, details=make.details(phone="90000009"))
    protected.person.protection = "strictly_confidential"
    protected.person.save()
    hurried = make.citizen(team=care.unit)
    Relation.objects.create(
        citizen=hurried, staff=world.staff["newcomer"], basis="emergency", reason="Ringte og var redd for livet sitt",
        valid_from=today, valid_to=today + DAY, ends_at=care.now + DAY / 24,
    )  # fmt: skip
    Death.objects.create(citizen=make.citizen(team=care.unit), closed={"relations": []})
    number = make.national_id()
    make.citizen(details=make.details(national_id=number))

    def at(name: str, pk: object = citizen.pk) -> str:
        return reverse(f"people:{name}", args=[pk])

    def search(page: Page) -> None:
        page.fill("[name=national_id]", number)
        submit("form[action$='/find/']")(page)
        for summary in page.locator("details > summary").all():
            summary.click()

    for name in ("citizen_access", "bar_new", "share_new", "guardian_new", "death_new"):
        yield Scene(f"people:{name}", "worker", at(name))
    yield Scene("people:share_change", "worker", at("share_change", shared.pk))
    yield Scene("people:guardian_change", "worker", at("guardian_change", guardianship.pk))
    yield Scene("people:contact", "worker", at("contact", protected.pk))
    yield Scene("a protected address", "worker", at("citizen", protected.pk))
    yield Scene("people:protection", "leader", at("protection", protected.pk))
    yield Scene("keeping out nobody", "worker", at("bar_new"), submit("main form .actions"))
    yield Scene("an emergency that runs", "newcomer", at("citizen", hurried.pk))
    yield Scene("what a search offers", "worker", reverse("people:find"), search)
    yield Scene("what a secretary is offered", "secretary", reverse("people:find"), search)
    yield Scene("people:emergencies", "leader", reverse("people:emergencies"))
    yield Scene("people:deaths", "leader", reverse("people:deaths"))
    yield Scene("people:shared_list", "partner", reverse("people:shared_list"))
    yield Scene("nothing shared", "lonely partner", reverse("people:shared_list"))
    yield Scene("people:shared_record", "partner", at("shared_record"))
    yield Scene("people:roles", "worker", reverse("people:roles"))


def of_the_log(world: World) -> Iterator[Scene]:
    """Who has looked: with an emergency, searched for by an auditor, and reviewed by a leader."""
    from medvirk.people.access import log_access
    from medvirk.people.models import AccessAction, UnusualOpening

    worker, now = world.staff["worker"], world.care.now
    for basis in ("service:own", "emergency:own"):
        log_access(
            world.care.viewer, [world.citizen.pk], "feedback.session", action=AccessAction.OPENED, basis=basis
        )
    made = [
        UnusualOpening.objects.create(
            day=now.date(), kind=kind, staff=worker, records=5, first_at=now, last_at=now
        )
        for kind in ("same_name", "at_night")
    ]
    seen = UnusualOpening.objects.create(
        day=now.date(), kind="ended", staff=worker, records=1, first_at=now, last_at=now, state="explained",
        words="Skrev et brev", looked_at=now, looked_by=world.staff["leader"],
    )  # fmt: skip
    yield Scene("people:citizen_log", "worker", reverse("people:citizen_log", args=[world.citizen.pk]))
    yield Scene("people:log_search", "auditor", reverse("people:log_search"))
    yield Scene("what the auditor found", "auditor", reverse("people:log_search"), submit("form.panel"))
    yield Scene("people:patterns", "leader", reverse("people:patterns"))
    yield Scene("what was looked at", "leader", reverse("people:patterns") + "?show=settled")
    yield Scene("people:pattern", "leader", reverse("people:pattern", args=[made[0].pk]))
    yield Scene("no words", "leader", reverse("people:pattern", args=[made[1].pk]), submit("form.panel"))
    yield Scene("looked at before", "auditor", reverse("people:pattern", args=[seen.pk]))
    yield Scene("nothing to ask about", "house auditor", reverse("people:patterns"))


def of_letting_go(world: World) -> Iterator[Scene]:
    """What people say yes and no to, what is kept how long, and erasing one citizen."""
    from medvirk.people.access import viewer_for
    from medvirk.people.actions.consents import answer_consent
    from medvirk.people.models import Erasure, RetentionRun

    make, care = world.make, world.care
    answered = make.citizen(worker=care.worker)
    for yes in (True, False, True):
        answer_consent(by=care.viewer, citizen=answered, purpose="contact", yes=yes, version=1, language="nb")
    own = make.own_account(answered.person)
    answer_consent(
        by=viewer_for(own), citizen=answered, purpose="research", yes=False, version=1, language="nb"
    )
    # A team leader proposes about those the team helps; only an administrator of the whole house decides.
    helped, waiting = make.citizen(team=care.unit), make.citizen(team=care.unit)
    Erasure.objects.create(
        citizen=waiting, basis="mistake", reason="Registrert to ganger", proposed_by=world.staff["leader"]
    )
    found = {"journal": {"people.citizens": 2}, "message": {"messages.sent": 1240}}
    fresh, approved, done = (RetentionRun.objects.create(report=found) for _ in range(3))
    for run in (approved, done):
        run.approved_at, run.approved_by = care.now, world.staff["administrator"]
    done.done_at, done.result = care.now, {"people.citizens": 2}
    for run in (approved, done):
        run.save()

    def at(name: str, *more: object) -> str:
        return reverse(f"people:{name}", args=more)

    yield Scene("people:consents", "worker", at("consents", answered.pk))
    yield Scene("nothing asked yet", "worker", at("consents", world.new_citizen.pk))
    yield Scene("people:consent_texts", "administrator", at("consent_texts"))
    yield Scene("people:consent_text", "administrator", at("consent_text", "research"))
    yield Scene("a text unchanged", "administrator", at("consent_text", "contact"), submit("main form"))
    yield Scene("people:retention", "administrator", at("retention"))
    yield Scene("people:retention_period", "administrator", at("retention_period", "journal"))
    yield Scene("months wrongly", "administrator", at("retention_period", "journal"), months_wrongly)
    yield Scene("people:retention_run", "administrator", at("retention_run", fresh.pk))
    yield Scene("approved", "administrator", at("retention_run", approved.pk))
    yield Scene("carried out", "administrator", at("retention_run", done.pk))
    yield Scene("a report of today", "administrator", at("retention"), submit("form[action$='/new/']"))
    yield Scene("people:erasure", "leader", at("erasure", helped.pk))
    yield Scene("erasing wrongly", "leader", at("erasure", helped.pk), submit("main form"))
    yield Scene("an erasure that waits", "leader", at("erasure", waiting.pk))


def months_wrongly(page: Page) -> None:
    page.fill("[name=months]", "1")
    submit("main form .actions")(page)


def of_the_house(world: World) -> Iterator[Scene]:
    yield Scene("account_login", "nobody", reverse("account_login"))
    yield Scene("a sign-in that failed", "nobody", reverse("account_login"), sign_in_wrongly)
    yield Scene("account_logout", "worker", reverse("account_logout"))
    yield Scene("account_change_password", "worker", reverse("account_change_password"))
    yield Scene("account_inactive", "nobody", reverse("account_inactive"))
    yield Scene("mfa_index", "worker", reverse("mfa_index"))
    yield Scene("mfa_activate_totp", "worker", reverse("mfa_activate_totp"))
    yield Scene("mfa_add_webauthn", "worker", reverse("mfa_add_webauthn"))
    yield Scene("mfa_generate_recovery_codes", "worker", reverse("mfa_generate_recovery_codes"))
    yield Scene("account_reauthenticate", "worker", reverse("account_reauthenticate"))
    yield Scene(
        "people:staff_ways_in",
        "administrator",
        reverse("people:staff_ways_in", args=[world.staff["worker"].pk]),
    )
    yield Scene("start", "administrator", reverse("start"))
    yield Scene("start without a role", "stranger", reverse("start"))
    yield Scene("nothing there", "worker", "/nothing/here/")
    yield Scene("barred", "worker", reverse("people:staff_list"))


def scenes(world: World) -> list[Scene]:
    return [
        *of_the_worker(world), *of_the_citizen(world), *of_people(world), *of_time(world), *of_measuring(world),
        *of_messages(world), *of_the_library(world),
        *of_own_pages(world), *of_access(world), *of_the_log(world), *of_letting_go(world), *of_the_house(world),
    ]  # fmt: skip


def names_of_pages(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from names_of_pages(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield f"{prefix}{entry.name}"


def faults_of(page: Page) -> Iterator[str]:
    has, may = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if has > may:
        yield f"{has} pixels wide, so one must scroll sideways"
    if page.locator("html").get_attribute("lang") != "nb":
        yield "not in Bokmål"
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    for violation in found:
        places = [node["target"] for node in violation["nodes"]]
        yield f"{violation['id']} at {json.dumps(places[:4])}"


def test_every_page_is_accessible_and_fits(window, care, make):
    world = World(care, make)
    # What the Content-Security-Policy stops, and what is asked of others, the windows complain of (conftest.py).
    windows = {who: window(PHONE, staff) for who, staff in world.staff.items()}
    faults: list[str] = []

    for scene in scenes(world):
        page = windows[scene.who]
        page.goto(scene.path)
        if scene.reach is not None:
            scene.reach(page)
        page.evaluate(AXE)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            faults += [f"{scene.name} at {size['width']}: {fault}" for fault in faults_of(page)]

    assert faults == []


def test_what_is_wrong_on_a_page_is_found(window):
    page = window(PHONE, bypass_csp=True)
    page.goto(reverse("account_login"))
    page.evaluate(AXE)
    assert list(faults_of(page)) == []

    page.evaluate(
        """document.documentElement.lang = "en";
        document.querySelector("main").insertAdjacentHTML("beforeend",
            '<img src="/static/ui/icon.svg" width="700" height="20">');
        document.querySelector("main img").style.maxWidth = "none";"""
    )

    found = " ".join(faults_of(page))
    for fault in ("scroll sideways", "not in Bokmål", "image-alt"):
        assert fault in found


def test_no_page_is_left_out(care, make):
    visited = {scene.name for scene in scenes(World(care, make))}

    assert set(names_of_pages()) - NO_PAGE - visited == set()


def test_what_the_policy_stops_and_what_is_asked_of_others_is_heard(window, complaints):
    page = window(PHONE)
    page.goto(reverse("account_login"))
    assert complaints == []

    page.evaluate(
        """document.body.insertAdjacentHTML("beforeend", '<p style="color: red">x</p>');
        document.body.append(Object.assign(document.createElement("script"), {textContent: "1"}));
        const link = document.createElement("link");
        [link.rel, link.href] = ["prefetch", "http://127.0.0.2:9/picture"];
        document.head.append(link);"""
    )
    page.wait_for_timeout(300)

    heard = " ".join(complaints)
    complaints.clear()
    assert heard.count("Content Security Policy") >= 2
