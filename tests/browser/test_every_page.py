"""Every page on a phone of 320 pixels and at a desk: axe finds nothing, and nothing sticks out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from browsers import AXE, DESK, PHONE
from django.urls import URLResolver, get_resolver, reverse
from factories_feedback import DAY, marks
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

#: Addresses that only take what is sent, or answer with a part of a page.
NO_PAGE = {
    "feedback:use_note_remove",
    "journal:taken",
    "journal:undo",
    "journal:file",
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
    # A PDF (tests/db/answers/test_paper.py).
    "answers:print_paper",
    "feedback:another_again",
    "feedback:answer_as_worker",
    "feedback:arrived",
    "feedback:board_look",
    "feedback:board_task",
    "feedback:guess",
    "feedback:supervision_agreement_end",
    "feedback:supervision_begin",
    "feedback:supervision_finish",
    "feedback:supervision_note_undo",
    "feedback:supervision_put",
    "feedback:add_event",
    "feedback:add_goal",
    "feedback:goal_step",
    "feedback:last_measure",
    "feedback:own_event_remove",
    "feedback:own_goal_step",
    "feedback:own_pause_end",
    "feedback:pause_end",
    "feedback:remove_event",
    "feedback:remind_now",
    "feedback:rather_not",
    "feedback:help_noted",
    "feedback:join",
    "feedback:leave",
    "feedback:own_showing",
    "feedback:say_showing",
    "feedback:cancel_session",
    "feedback:news",
    "feedback:note_change",
    "feedback:plan_session",
    "feedback:reopen_episode",
    "feedback:restore_session",
    "feedback:screen",
    "feedback:agreement",
    "feedback:open_here",
    "feedback:signal_guide",
    "feedback:signal_hand",
    "feedback:signal_reopen",
    "feedback:signal_see",
    "feedback:signal_snooze",
    "feedback:signal_talk",
    "feedback:talk_here",
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
    """A page somebody meets. `reach` does what has to be done after the address was opened.

    `status`: with what the address itself answers. A page of a fault is as accessible as the one it stands for.
    """

    name: str
    who: str
    path: str
    reach: Callable[[Page], None] | None = None
    status: int = 200


def submit(form: str) -> Callable[[Page], None]:
    """Press the button of a form and wait for what comes."""

    def reach(page: Page) -> None:
        with page.expect_navigation():
            page.locator(f"{form} button").last.click()

    return reach


def would_rather_not(page: Page) -> None:
    """It is sent from the page, as an answer is, and what the server says takes the place of the form."""
    page.locator("#not-today button[type=submit]").click()
    page.locator("h1[data-arrived]").wait_for()


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
            "board partner": make.staff("partner"),
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
        self.one_of_a_couple = make.citizen(worker=self.care.worker)
        self.staff |= {
            "citizen": make.own_account(self.citizen.person),
            "couple": make.own_account(self.one_of_a_couple.person),
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


def of_reminders(world: World, at: Callable[[str], str]) -> Iterator[Scene]:
    """Who has not answered, and what is sent. `at`: a page of a course."""
    from medvirk.feedback.models import Reminder

    care = world.care
    unit = reverse("feedback:reminder_unit", args=[care.unit.pk])
    asked = care.session(care.episode(), at=care.now + DAY).askings.get(moment="before")
    for kind, sent in (("invitation", {"channel": "sms"}), ("reminder", {"why_not": "no address"})):
        Reminder.objects.create(asking=asked, kind=kind, for_time=care.now + DAY, made_at=care.now, **sent)
    yield Scene("feedback:waiting", "worker", reverse("feedback:waiting"))
    yield Scene("nobody is asked", "newcomer", reverse("feedback:waiting"))
    yield Scene("feedback:reminder_units", "leader", reverse("feedback:reminder_units"))
    yield Scene("feedback:reminder_unit", "leader", unit)
    yield Scene("reminders are decided", "leader", unit, submit("form:has([name=sends])"))
    yield Scene("feedback:episode_reminders", "worker", at("episode_reminders"))


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
    yield Scene("feedback:move_session", "worker", at("move_session", session))
    yield Scene("a cancelled conversation", "worker", at("conversation", world.cancelled().pk))
    yield Scene("nothing noted", "worker", conversation, submit("form[action$='/change/']"))
    yield Scene("feedback:phone", "worker", conversation, submit("form[action$='/phone/before/']"))
    yield Scene("feedback:tablet", "worker", conversation, submit("form[action$='/tablet/before/']"))
    yield Scene("account_handed_over", "lender", conversation, hand_over)
    yield Scene("a wrong password there", "lender", reverse("account_handed_over"), take_back_wrongly)
    yield Scene("not mine", "newcomer", conversation, status=404)


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
    yield Scene("answers:not_today", "nobody", world.fresh(), would_rather_not)
    yield Scene("answered", "nobody", world.answered())
    yield from on_the_tablet(world)
    yield Scene("revoked", "nobody", world.revoked(), status=410)
    yield Scene("run out", "nobody", world.run_out(), status=410)
    yield Scene("too early", "nobody", world.too_early())
    yield Scene("an unknown link", "nobody", reverse("answers:answer", args=["x" * 32]), status=404)


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
    citizen, relation = world.citizen.pk, world.citizen.relations.filter(staff=world.care.worker).first().pk
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
    yield Scene("no link to stop messages", "nobody", f"{stop[:-1]}x/", status=404)


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
        "a document out of use",
        "leader",
        at("document", file),
        submit(f"form[action='{at('retire', file)}']"),
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


def of_the_team(world: World) -> Iterator[Scene]:
    """Supervision before, during and without names; the board, a card, the morning; plans; a worker's learning."""
    from medvirk.feedback.actions import board, supervision
    from medvirk.feedback.models import SupervisionCase
    from medvirk.people.actions.sharing import share_with

    care, by, now, today = world.care, world.care.viewer, world.care.now, world.care.viewer.today
    supervision.ask_for(by=by, episode=world.episode, words="Hva overser vi?", now=now)
    first = supervision.plan_supervision(by=by, unit=care.unit, day=today, now=now)
    supervision.begin(by=by, meeting=first, present=[care.worker], now=now)
    case = SupervisionCase.objects.select_related("episode", "supervision").get(
        supervision=first, episode=world.episode
    )
    supervision.note(by=by, case=case, text="Spør hva som har hjulpet før", now=now)
    supervision.decide(by=by, case=case, text="Gå tur mens vi snakker", due_on=today + 9 * DAY, now=now)
    supervision.finish(by=by, meeting=first, now=now)
    second = supervision.plan_supervision(by=by, unit=care.unit, day=today, now=now)
    board.move(by=by, episode=world.episode, to=0, reason="Sover lite", now=now)
    for text in ("Ringe før helga", "Spørre fastlegen"):
        task = board.give_task(
            by=by, episode=world.episode, text=text, who=care.worker, due_on=today, now=now
        )
    board.do_task(by=by, task=task, now=now)
    for signs in ("Svarer ikke", "Svarer ikke, sover lite"):
        board.write_plan(
            by=by, citizen=world.citizen, signs=signs, helps="Kaffe", calls="Siv", with_citizen=True, now=now
        )
    own = world.make.viewer(world.staff["citizen"])
    board.wish_for(by=own, citizen=world.citizen, text="Ring søsteren min først", now=now)
    # Of somebody else: what is shared is a relation too, and the citizen of the other scenes has one.
    sharing = world.make.citizen(worker=care.worker)
    board.write_plan(
        by=by, citizen=sharing, signs="Svarer ikke", helps="Kaffe", calls="Siv", with_citizen=True, now=now
    )
    share_with(
        by=by,
        citizen=sharing,
        staff=world.staff["board partner"],
        parts=["feedback.board"],
        last_day=today + 9 * DAY,
    )

    def at(name: str, *more: object) -> str:
        return reverse(f"feedback:{name}", args=more)

    yield Scene("feedback:supervisions", "worker", at("supervisions"))
    yield Scene("feedback:supervision_plan", "worker", at("supervision_plan", care.unit.pk))
    yield Scene(
        "a second one ahead", "worker", at("supervision_plan", care.unit.pk), submit("main form .actions")
    )
    yield Scene("an agenda that makes itself", "worker", at("supervision", second.pk))
    yield Scene("nothing a newcomer may see", "newcomer", at("supervision", first.pk))
    yield Scene("feedback:supervision", "worker", at("supervision", first.pk))
    yield Scene("feedback:supervision_plain", "worker", at("supervision_plain", second.pk))
    yield Scene("for a smaller circle", "worker", at("supervision", second.pk) + "?circle=smaller")
    yield Scene("feedback:supervision_case", "worker", at("supervision_case", case.pk))
    yield Scene("an empty note", "worker", at("supervision_case", case.pk), submit("form:has([name=note])"))
    yield Scene("feedback:supervision_ask", "worker", at("supervision_ask", world.episode.pk))
    yield Scene("feedback:team_check", "worker", at("team_check", care.unit.pk))
    yield Scene("feedback:learning", "worker", at("learning"))
    yield Scene("feedback:own_check", "worker", at("own_check"))
    yield Scene("nothing answered there", "worker", at("own_check"), submit("main form .actions"))
    yield Scene("nothing learnt yet", "newcomer", at("learning"))
    yield Scene("feedback:boards", "worker", at("boards"))
    yield Scene("feedback:board", "worker", at("board", care.unit.pk))
    yield Scene("feedback:board_today", "worker", at("board_today", care.unit.pk))
    yield Scene("feedback:board_morning", "worker", at("board_morning", care.unit.pk))
    yield Scene("feedback:board_columns", "worker", at("board_columns", care.unit.pk))
    yield Scene("feedback:board_card", "worker", at("board_card", world.episode.pk))
    yield Scene(
        "a move without a reason",
        "worker",
        at("board_card", world.episode.pk),
        submit("form:has([name=move])"),
    )
    yield Scene("feedback:crisis_plan", "worker", at("crisis_plan", world.citizen.pk))
    yield Scene("no crisis plan yet", "worker", at("crisis_plan", world.new_citizen.pk))
    yield Scene("feedback:own_plan", "citizen", at("own_plan", world.citizen.pk))
    yield Scene("no plan of my own", "new citizen", at("own_plan", world.new_citizen.pk))
    yield Scene("feedback:shared_board", "board partner", at("shared_board"))
    yield Scene("no board shared", "lonely partner", at("shared_board"))


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
    yield Scene("nothing there", "worker", "/nothing/here/", status=404)
    yield Scene("barred", "worker", reverse("people:staff_list"), status=403)


def of_goals_and_plans(world: World) -> Iterator[Scene]:
    """Goals, life events, a pause and a plan, of a course and of a unit, for the worker and for the citizen."""
    from medvirk.feedback.actions.goals import add_goal, note_event, reach
    from medvirk.feedback.actions.pauses import pause
    from medvirk.feedback.actions.schedules import add_line
    from medvirk.feedback.logic.schedules import Line, When
    from medvirk.people.access import viewer_for

    care, citizen = world.care, world.citizen
    said = {"by": viewer_for(world.staff["worker"].user), "citizen": citizen, "now": care.now}
    yield Scene("no goals yet", "worker", reverse("feedback:goals", args=[world.episode.pk]))
    goals = [
        add_goal(episode=world.episode, words=words, **said)
        for words in ("Sove om natten", "Gå tur hver dag")
    ]
    reach(by=said["by"], goal=goals[1], now=care.now)
    note_event(day=care.viewer.today - 9 * DAY, words="Fikk ny leilighet", **said)
    line = Line(("recovery", 1), "before", When.EVERY_NTH, 4)
    for of, by in ((world.episode, said["by"]), (care.unit, viewer_for(world.staff["leader"].user))):
        add_line(by=by, of=of, line=line, now=care.now)

    def at(name: str, *more: object) -> str:
        return reverse(f"feedback:{name}", args=[world.episode.pk, *more])

    def own(name: str, *more: object) -> str:
        return reverse(f"feedback:{name}", args=[citizen.pk, *more])

    conversation = reverse("feedback:conversation", args=[world.session.pk])
    yield Scene("a conversation with goals", "worker", conversation)
    yield Scene("feedback:goals", "worker", at("goals"))
    yield Scene("feedback:goal", "worker", at("goal", goals[0].pk))
    yield Scene("a goal without words", "worker", at("goals"), submit("form[action$='/goals/add/']"))
    yield Scene("feedback:own_goals", "citizen", own("own_goals"))
    yield Scene("feedback:own_goal", "citizen", own("own_goal", goals[0].pk))
    yield Scene("feedback:episode_schedule", "worker", at("episode_schedule"))
    yield Scene("a line without a form", "worker", at("episode_schedule"), submit("form:has([name=form_id])"))
    yield Scene("feedback:unit_schedules", "leader", reverse("feedback:unit_schedules"))
    yield Scene("feedback:unit_schedule", "leader", reverse("feedback:unit_schedule", args=[care.unit.pk]))
    yield from of_reminders(world, at)
    yield Scene("feedback:own_pause", "citizen", own("own_pause"))
    yield Scene("feedback:pause", "worker", at("pause"))
    resting = care.session(care.course([20.0, 22.0]))
    whose = resting.asks("before").about
    pause(
        by=care.viewer, citizen=whose, episodes=[resting.episode], reason="crisis", until=care.viewer.today,
        now=care.now,
    )  # fmt: skip
    yield Scene("a paused conversation", "worker", reverse("feedback:conversation", args=[resting.pk]))
    yield Scene("making a pause longer", "worker", reverse("feedback:pause", args=[resting.episode_id]))


def of_who_answers(world: World) -> Iterator[Scene]:
    """A couple, what they show each other, somebody close, and a paper in each of its steps."""
    from medvirk.answers.paper import entering
    from medvirk.feedback.actions import add_member, ask_somebody, say_what_is_shown

    care, make = world.care, world.make
    session = care.session(
        care.course([20.0, 24.0, 26.0], episode=care.episode(citizen=world.one_of_a_couple))
    )
    first, second = session.asks("before").about, make.citizen(worker=care.worker)
    said = {"by": make.viewer(care.worker), "episode": session.episode, "now": care.now}
    add_member(citizen=second, kind="couple", since=care.viewer.today, **said)
    for yes, part in ((True, "curve"), (False, "agreed")):
        say_what_is_shown(citizen=first, part=part, yes=yes, **said)
    asked = ask_somebody(
        by=make.viewer(care.worker), session=session, citizen=first, whom=("Siv", "Nær"), basis="citizen",
        now=care.now,
    )  # fmt: skip
    care.send(
        care.way_in(asked), marks("life-now", 20) | {"safety.q1": "2"}, asked=("life-now", "safety"),
        own_words="Jeg ser at det er tungt",
    )  # fmt: skip

    def at(name: str, *arguments: object, citizen=None) -> str:
        place = reverse(f"feedback:{name}", args=arguments or [session.pk])
        return f"{place}?citizen={citizen.pk}" if citizen else place

    def search(page: Page) -> None:
        page.fill("[name=given_name]", world.citizen.person.given_name)
        page.fill("[name=family_name]", world.citizen.person.family_name)
        submit("form[method=post]:has([name=national_id])")(page)

    yield Scene("feedback:members", "worker", at("members", session.episode_id))
    yield Scene("somebody to add", "worker", at("members", session.episode_id), search)
    yield Scene("a couple's conversation", "worker", at("conversation", citizen=first))
    yield Scene("a couple's course", "worker", at("episode", session.episode_id))
    yield Scene("feedback:who_answers", "worker", at("who_answers", citizen=first))
    yield Scene("nobody else asked", "worker", at("who_answers", citizen=second))
    yield Scene("feedback:ask_another", "worker", at("ask_another", citizen=second))
    yield Scene("asked wrongly", "worker", at("ask_another", citizen=second), submit("main form"))
    yield Scene("feedback:together", "worker", at("together"))
    yield Scene("nothing shown", "worker", at("together", world.session.pk))
    yield Scene("what I show", "couple", reverse("feedback:own_course", args=[first.pk]))
    proxy = ask_somebody(by=care.viewer, session=session, citizen=first, whom=None, basis="", now=care.now)
    link = reverse("answers:answer", args=[care.link(proxy)])
    yield Scene("answering for oneself about another", "nobody", link, submit("main form"))
    yield from of_paper(world, session, first)
    yield from of_paper_that_differs(world, entering)


def of_paper(world: World, session, citizen) -> Iterator[Scene]:
    from medvirk.answers.paper import entering
    from medvirk.answers.queries import asked_in

    care = world.care
    typed = {f"this-meeting.q{number}": "7" for number in range(1, 6)}
    paper = entering.OnPaper(care.viewer.today, own_words="Godt å snakke")
    occasions = [care.session().asks("after") for _ in range(3)]
    for occasion in occasions[1:]:
        entry = entering.type_first(by=care.viewer, occasion=occasion, typed=typed, paper=paper, now=care.now)
    asked = asked_in(occasions[2], "nb")
    entering.type_again(by=care.viewer, entry=entry, asked=asked, typed=typed, now=care.now)
    first, again, stored = (reverse("answers:paper", args=[each.pk]) for each in occasions)
    yield Scene("answers:find_paper", "worker", reverse("answers:find_paper"))
    yield Scene("no such paper", "worker", reverse("answers:find_paper"), submit("main form"))
    yield Scene("answers:paper", "worker", first)
    yield Scene("typed wrongly", "worker", first, submit("#paper"))
    yield Scene("typed again", "worker", again)
    yield Scene("a stored paper", "worker", stored)


def of_paper_that_differs(world: World, entering) -> Iterator[Scene]:
    from medvirk.answers.queries import asked_in

    care = world.care
    occasion = care.session().asks("after")
    typed = {f"this-meeting.q{number}": "7" for number in range(1, 6)}
    paper = entering.OnPaper(care.viewer.today)
    entry = entering.type_first(by=care.viewer, occasion=occasion, typed=typed, paper=paper, now=care.now)
    other = typed | {"this-meeting.q2": "1", "this-meeting.q3": ""}
    entering.type_again(
        by=care.viewer, entry=entry, asked=asked_in(occasion, "nb"), typed=other, now=care.now
    )
    yield Scene("two typings that differ", "worker", reverse("answers:paper", args=[occasion.pk]))


def of_signals(world: World) -> Iterator[Scene]:
    """Signals that wait, lie, and were talked about; what stands beside them; and their numbers."""
    from medvirk.feedback.actions.following import NewAgreement, talk
    from medvirk.feedback.actions.raising import evaluate_due
    from medvirk.feedback.models import Participation, Signal

    care, unit = world.care, world.care.unit.pk
    Participation.objects.filter(episode=world.episode).update(signals_due_at=care.now)
    evaluate_due(care.now)
    # All scenes are set before the first is seen, so what is talked about is another than what waits.
    waiting, talked = Signal.objects.filter(episode=world.episode).exclude(kind="risk").order_by("kind")[:2]
    risk = Signal.objects.filter(episode=world.episode, kind="risk").first()
    Signal.objects.filter(pk=risk.pk).update(due_at=care.now - DAY)
    yield Scene("feedback:signals", "worker", reverse("feedback:signals"))
    yield Scene("all signals", "worker", reverse("feedback:signals") + "?show=all")
    yield Scene("no signals", "newcomer", reverse("feedback:signals"))
    yield Scene("signals that lie in a team", "leader", reverse("feedback:signals"))
    page = reverse("feedback:signal", args=[waiting.pk])
    yield Scene("feedback:signal", "worker", page)
    yield Scene("a signal about safety", "worker", reverse("feedback:signal", args=[risk.pk]))
    yield Scene("put off without a day", "worker", page, unfold_and_send("form[action$='put-off/']"))
    here = reverse("feedback:conversation", args=[world.session.pk])
    yield Scene("a talk to be written", "worker", here, unfold("details.ds-details[id^='talk-']"))
    agreed = [NewAgreement("Møtes et annet sted", due_on=care.viewer.today)]
    talk(by=care.viewer, signal=talked, about="Tempoet", agreed=agreed, session=world.session, now=care.now)
    yield Scene("a talk that was written", "worker", here)
    yield Scene("agreements to look at again", "worker", reverse("feedback:signals"))
    for name, who, arguments in (
        ("feedback:signal_numbers", "leader", []),
        ("feedback:support", "leader", []),
        ("feedback:unit_support", "leader", [unit]),
        ("feedback:unit_line", "leader", [unit, 1]),
        ("feedback:unit_line_new", "leader", [unit]),
        ("feedback:house_support", "administrator", []),
        ("feedback:house_line", "administrator", [1]),
        ("feedback:house_line_new", "administrator", []),
        ("answers:unit_texts", "leader", []),
        ("answers:edit_unit_text", "leader", [unit, "talk-goal"]),
    ):
        yield Scene(name, who, reverse(name, args=arguments))


def unfold_and_send(form: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.locator(f"details:has({form}) > summary").click()
        submit(form)(page)

    return reach


def unfold(selector: str) -> Callable[[Page], None]:
    """Open what is folded."""

    def reach(page: Page) -> None:
        page.locator(f"{selector} > summary").first.click()

    return reach


def of_the_record(world: World) -> Iterator[Scene]:
    """For the journal, the use of feedback, and the procedure for an answer about safety."""
    from datetime import time

    from medvirk.feedback.actions.risk import NewLine, set_procedure
    from medvirk.feedback.logic.use import months_until
    from medvirk.feedback.models import JournalChoice, UseNote

    care, unit = world.care, world.care.unit
    summary = reverse("journal:summary", args=["sessions", world.session.pk])
    empty = reverse("journal:summary", args=["episodes", world.new.pk])
    yield Scene("nothing waits for the record", "newcomer", reverse("journal:waiting"))
    yield Scene("journal:summary", "worker", summary)
    yield Scene("a summary of nothing yet", "worker", empty)
    yield Scene("taken over", "worker", summary, submit("form[hx-post]"))
    ticked = {"parts": ["contact", "scores", "safety"], "since": care.now - 40 * DAY}
    JournalChoice.objects.update_or_create(staff=care.worker, defaults=ticked)
    yield Scene("journal:waiting", "worker", reverse("journal:waiting"))
    yield Scene("feedback:risk_units", "leader", reverse("feedback:risk_units"))
    nothing = reverse("feedback:risk_procedure", args=[unit.pk])
    yield Scene("no procedure yet", "leader", nothing)
    team = world.make.unit("Team Ny", parent=unit)
    leader = world.make.viewer(world.staff["leader"])
    lines = [NewLine("workdays", time(8), time(15, 30), "Teamleder", "59000000", 30)]
    set_procedure(by=leader, unit=team, lines=lines)
    procedure = reverse("feedback:risk_procedure", args=[team.pk])
    yield Scene("feedback:risk_procedure", "leader", procedure)
    yield Scene("a line half written", "leader", procedure, half_a_line)
    month = months_until(care.viewer.today)[-3]
    UseNote.objects.create(unit=unit, month=month, words="Opplæring", noted_by=world.staff["leader"])
    yield Scene("feedback:use", "leader", reverse("feedback:use"))
    yield Scene("feedback:use_of_unit", "leader", reverse("feedback:use_of_unit", args=[unit.pk]))
    yield Scene("feedback:use_note", "leader", reverse("feedback:use_of_unit", args=[unit.pk]), note_nothing)


def half_a_line(page: Page) -> None:
    page.fill("[name=form-1-who]", "Legevakt")
    with page.expect_navigation():
        page.locator("main form button").last.click()


def note_nothing(page: Page) -> None:
    page.locator("form[action$='/notes/']").evaluate("form => form.closest('details').open = true")
    with page.expect_navigation():
        page.locator("form[action$='/notes/'] button").click()


def scenes(world: World) -> list[Scene]:
    return [
        *of_who_answers(world),
        *of_goals_and_plans(world),
        *of_signals(world),
        *of_the_record(world),
        *of_the_team(world),
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
        try:
            # As the page is opened, also where the one before it could not be looked at to the end.
            page.set_viewport_size(PHONE)
            answer = page.goto(scene.path)
            if answer is None or answer.status != scene.status:
                faults.append(f"{scene.name} at {scene.path}: answered {answer and answer.status}")
            if scene.reach is not None:
                scene.reach(page)
            page.evaluate(AXE)
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                faults += [f"{scene.name} at {size['width']}: {fault}" for fault in faults_of(page)]
        except PlaywrightError as failure:
            # All that is wrong at once, not the first page only.
            faults.append(f"{scene.name} at {scene.path}: {str(failure).splitlines()[0]}")

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
