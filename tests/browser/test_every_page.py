"""Every page on a phone of 320 pixels and at a desk: axe finds nothing, and nothing sticks out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLResolver, get_resolver, reverse
from factories_feedback import DAY, marks
from playwright.sync_api import Page

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
#: Addresses that only take what is sent, or answer with a part of a page.
NO_PAGE = {
    "answers:begin",
    "answers:draft",
    "feedback:arrived",
    "feedback:cancel_session",
    "feedback:news",
    "feedback:note_change",
    "feedback:plan_session",
    "feedback:reopen_episode",
    "feedback:restore_session",
    "feedback:screen",
    "people:relation_after_search",
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
    for field in page.locator("main form input:not([type=hidden])").all():
        field.fill("feil")
    submit("main form")(page)


def pick(*names_and_values: tuple[str, str]) -> Callable[[Page], None]:
    """Choose on the answering page, then send."""

    def reach(page: Page) -> None:
        for name, value in names_and_values:
            line = page.locator(f"[data-line='{name}'] input[type=range]")
            if line.count():
                line.fill(value)
            else:
                page.locator(f"[name='{name}'][value='{value}']").check()
        with page.expect_navigation():
            page.locator("#answering button[type=submit]").click()

    return reach


class World:
    """Everything that the pages can show: a course with signals, an ended one, links in every state."""

    def __init__(self, care, make) -> None:
        self.care, self.make = care, make
        self.staff = {
            "worker": care.worker,
            "newcomer": make.staff("practitioner", care.unit),
            "administrator": make.staff("administrator", care.unit),
            "leader": make.staff("team_leader", care.unit),
            "stranger": make.staff(None),
            "nobody": None,
        }
        self.episode = care.course([34.0, 36.0, None, 12.0], meeting=42.0)
        care.held(self.episode, care.now - DAY, life=11.0, meeting=30.0, safety=2)
        self.session = care.session(self.episode)
        self.citizen = self.session.before.about
        for session in self.episode.sessions.all()[:2]:
            self.note(session)
        self.new = care.episode()
        self.ended = care.course([20.0, 30.0])
        self.end(self.ended)
        self.answered_last_month(12)

    def answered_last_month(self, people: int) -> None:
        """Enough answers to the form before a conversation for numbers about the form itself."""
        from medvirk.feedback.measuring import month_start

        for at in range(people):
            day = month_start(self.care.now) - (1 + at) * DAY
            occasion = self.care.session(at=day).before
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

        occasion = self.care.session().before
        see_notice(occasion=occasion, digest=text_for("privacy", "nb").digest)
        return reverse("answers:answer", args=[self.care.link(occasion, **more)])

    def unread(self) -> str:
        return reverse("answers:answer", args=[self.care.link(self.care.session().before)])

    def revoked(self) -> str:
        occasion = self.care.session().before
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
        occasion = self.care.session().before
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
    yield Scene("not mine", "newcomer", conversation)


def of_the_citizen(world: World) -> Iterator[Scene]:
    risk = ("safety.q1", "2")
    yield Scene("the notice", "nobody", world.unread())
    yield Scene("answers:answer", "nobody", world.fresh())
    yield Scene("nothing answered", "nobody", world.fresh(), pick())
    yield Scene("thanks", "nobody", world.fresh(), pick(("life-now.q1", "3")))
    yield Scene("thanks, at risk", "nobody", world.fresh(), pick(risk))
    yield Scene("thanks on the screen", "worker", world.fresh(channel="screen", return_to="/"), pick(risk))
    yield Scene("answered", "nobody", world.answered())
    yield Scene("revoked", "nobody", world.revoked())
    yield Scene("run out", "nobody", world.run_out())
    yield Scene("too early", "nobody", world.too_early())
    yield Scene("an unknown link", "nobody", reverse("answers:answer", args=["x" * 32]))


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
    }.items():
        yield Scene(name, "administrator", reverse(name, args=arguments))
    yield Scene("answers:edit_text", "administrator", reverse("answers:edit_text", args=["crisis"]))


def of_measuring(world: World) -> Iterator[Scene]:
    def at(key: str) -> str:
        return reverse("feedback:measuring_page", args=[key, 1])

    yield Scene("feedback:measuring_list", "leader", reverse("feedback:measuring_list"))
    yield Scene("feedback:measuring_page", "leader", at("life-now"))
    yield Scene("too few for numbers", "leader", at("this-meeting"))
    course = reverse("feedback:episode", args=[world.meets_criteria().pk])
    yield Scene("the mark leads to the numbers", "leader", course)


def of_the_house(world: World) -> Iterator[Scene]:
    yield Scene("account_login", "nobody", reverse("account_login"))
    yield Scene("a sign-in that failed", "nobody", reverse("account_login"), sign_in_wrongly)
    yield Scene("account_logout", "worker", reverse("account_logout"))
    yield Scene("account_change_password", "worker", reverse("account_change_password"))
    yield Scene("account_inactive", "nobody", reverse("account_inactive"))
    yield Scene("start", "administrator", reverse("start"))
    yield Scene("start without a role", "stranger", reverse("start"))
    yield Scene("nothing there", "worker", "/nothing/here/")
    yield Scene("barred", "worker", reverse("people:staff_list"))


def scenes(world: World) -> list[Scene]:
    return [
        *of_the_worker(world), *of_the_citizen(world), *of_people(world), *of_measuring(world),
        *of_the_house(world),
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
    # Only these windows may be given a script that the Content-Security-Policy does not know.
    windows = {who: window(PHONE, staff, bypass_csp=True) for who, staff in world.staff.items()}
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
