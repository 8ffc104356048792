"""Supervision, the board and a worker's own learning, as they are met in the browser."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pages import read

from medvirk.feedback.actions import supervision
from medvirk.feedback.actions.learning import check_oneself
from medvirk.feedback.logic.learning import OWN_CHECK
from medvirk.feedback.models import BoardLook, MeetingGuess, SelfCheck, Supervision, SupervisionCase
from medvirk.instruments.queries import effective
from medvirk.people.actions import bar_worker
from medvirk.people.models import AccessEvent, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(care, client_of):
    return client_of(care.worker)


@pytest.fixture
def course(care):
    """A course that goes badly, of a citizen whom the whole team helps."""
    return care.course([35.0, 33.0, 12.0], episode=care.episode(citizen=care.make.citizen(team=care.unit)))


def at(name: str, *more: object) -> str:
    return reverse(f"feedback:{name}", args=more)


def name_of(episode) -> str:
    return episode.citizens.get().person.name


class TestLearning:
    @pytest.mark.parametrize("role", list(Role))
    def test_nobody_else_sees_a_workers_own_figures_checks_or_guesses(self, care, client_of, browser, role):
        session = care.session()
        MeetingGuess.objects.create(asking=session.askings.get(moment="after"), staff=care.worker, score=33.3)
        check_oneself(
            by=care.viewer, instrument=effective(OWN_CHECK), marks={"q1": 4.0}, day=care.viewer.today
        )
        other = client_of(care.make.staff(role, care.unit))
        # Else what follows would prove nothing.
        own = browser.get(at("learning")).content.decode()
        assert "33,3" in own
        assert str(session.pk) in own
        assert browser.get(at("own_check")).context["checks"] != []

        for name in ("learning", "own_check"):
            for query in ("", f"?staff={care.worker.pk}", f"?who={care.worker.user_id}"):
                page = other.get(at(name) + query)
                if page.status_code == 200:
                    assert "33,3" not in page.content.decode()
                    assert str(session.pk) not in page.content.decode()
                    assert "→" not in page.content.decode()
                    assert page.context.get("checks", []) == []
                else:
                    assert page.status_code == 403

    def test_the_address_names_nobody(self):
        assert at("learning") == "/feedback/learning/"

    def test_a_guess_is_kept_before_the_answer_and_shown_beside_it_afterwards(self, care, browser):
        session = care.session()
        browser.post(at("guess", session.pk), {"score": "42"})
        assert MeetingGuess.objects.get().score == 42

        from factories_feedback import marks

        care.send(
            care.way_in(session.asks("after")),
            marks("this-meeting", 30),
            asked=("this-meeting",),
            now=care.now,
        )
        (found,) = browser.get(at("learning")).context["found"].latest
        assert (found.guess, found.answered) == (42, 30)

    def test_once_the_answer_is_there_nobody_guesses(self, care, browser):
        session = care.held(care.episode(), care.now, life=20.0, meeting=40.0)

        assert 'name="score"' not in browser.get(at("conversation", session.pk)).content.decode()
        browser.post(at("guess", session.pk), {"score": "42"})
        assert not MeetingGuess.objects.exists()

    def test_the_first_guess_stands(self, care, browser):
        session = care.session()
        for score in ("42", "10"):
            browser.post(at("guess", session.pk), {"score": score})
        assert MeetingGuess.objects.get().score == 42

    @pytest.mark.parametrize("score", ["51", "-1", "", "mye"])
    def test_a_guess_outside_the_scale_is_none(self, care, browser, score):
        browser.post(at("guess", care.session().pk), {"score": score})
        assert not MeetingGuess.objects.exists()

    def test_a_guess_is_not_shown_on_the_page_that_two_look_at(self, care, browser):
        session = care.session()
        browser.post(at("guess", session.pk), {"score": "37.5"})
        browser.get(at("learning"))  # where the message goes away
        assert "37,5" not in browser.get(at("conversation", session.pk)).content.decode()

    def test_a_check_is_seen_by_oneself_and_the_teams_by_the_team(self, care, browser, client_of):
        browser.post(at("own_check"), {"q1": "4", "q2": "0"})
        browser.post(at("team_check", care.unit.pk), {"q3": "2"})
        colleague = client_of(care.make.staff("practitioner", care.unit))

        assert len(browser.get(at("own_check")).context["checks"]) == 1
        assert colleague.get(at("own_check")).context["checks"] == []
        assert len(colleague.get(at("team_check", care.unit.pk)).context["checks"]) == 1
        stranger = client_of(care.make.staff("practitioner"))
        assert stranger.get(at("team_check", care.unit.pk)).status_code == 404

    def test_an_empty_check_is_not_kept(self, browser):
        assert browser.post(at("own_check"), {}).status_code == 422
        assert not SelfCheck.objects.exists()


class TestSupervision:
    @pytest.fixture
    def meeting(self, care):
        return supervision.plan_supervision(
            by=care.viewer, unit=care.unit, day=care.viewer.today, now=care.now
        )

    def test_a_meeting_from_the_plan_to_what_the_citizen_reads(self, care, course, browser, client_of):
        browser.post(at("supervision_ask", course.pk), {"words": "Hva overser vi?"})
        browser.post(at("supervision_plan", care.unit.pk), {"day": f"{care.viewer.today:%Y-%m-%d}"})
        meeting = Supervision.objects.get()
        page = browser.get(at("supervision", meeting.pk)).content.decode()
        assert name_of(course) in page
        assert "Hva overser vi?" in page

        browser.post(at("supervision_begin", meeting.pk), {"present": [str(care.worker.pk)]})
        case = SupervisionCase.objects.get()
        browser.post(at("supervision_case", case.pk), {"text": "Arbeidsnotat", "note": "1"})
        browser.post(
            at("supervision_case", case.pk),
            {"decision-text": "Ringe på fredag", "decision-due_on": "", "decide": "1"},
        )
        assert "Arbeidsnotat" in browser.get(at("supervision_case", case.pk)).content.decode()
        browser.post(at("supervision_finish", meeting.pk))

        citizen = course.citizens.get()
        own = (
            client_of(care.make.own_account(citizen.person))
            .get(at("own_course", citizen.pk))
            .content.decode()
        )
        assert "Ringe på fredag" in own
        assert "Arbeidsnotat" not in own

    def test_without_names_nothing_tells_who_it_is(self, care, course, browser, meeting):
        supervision.ask_for(by=care.viewer, episode=course, words="Naboen ringer stadig", now=care.now)

        page = browser.get(at("supervision_plain", meeting.pk)).content.decode()
        main = page[page.index("<main") : page.index("</main")]

        person = course.citizens.get().person
        assert ">A</h2>" in main
        for told in (
            person.given_name,
            person.family_name,
            "Naboen",
            str(course.pk),
            care.worker.person.family_name,
        ):
            assert told not in main

    def test_whom_a_citizen_keeps_out_reads_nothing_of_them_with_or_without_names(
        self, care, course, meeting, client_of
    ):
        colleague = care.make.staff("practitioner", care.unit)
        bar_worker(by=care.viewer, citizen=course.citizens.get(), worker=colleague)
        supervision.begin(by=care.viewer, meeting=meeting, present=[care.worker, colleague], now=care.now)
        case = SupervisionCase.objects.get()

        for viewer in (client_of(colleague), client_of(care.worker)):
            assert name_of(course) not in viewer.get(at("supervision", meeting.pk)).content.decode()
            assert ">A</h2>" not in viewer.get(at("supervision_plain", meeting.pk)).content.decode()
        assert client_of(colleague).get(at("supervision_case", case.pk)).status_code == 404
        smaller = client_of(care.worker).get(at("supervision", meeting.pk) + "?circle=smaller")
        assert name_of(course) in smaller.content.decode()

    def test_the_agenda_is_in_the_log_once_a_day(self, course, browser, meeting):
        for _ in range(2):
            browser.get(at("supervision", meeting.pk))
        assert AccessEvent.objects.filter(what="feedback.supervision", action="opened").count() == 1


class TestBoard:
    def test_the_board_is_in_the_log_once_a_day(self, care, course, browser):
        for _ in range(2):
            assert name_of(course) in browser.get(at("board", care.unit.pk)).content.decode()
        assert AccessEvent.objects.filter(what="feedback.board", action="opened").count() == 1

    def test_with_one_team_the_menu_leads_straight_to_its_board(self, care, browser):
        assert browser.get(at("boards")).url == at("board", care.unit.pk)

    def test_a_card_is_moved_with_a_reason_and_not_without(self, care, course, browser):
        assert browser.post(at("board_card", course.pk), {"to": "0", "reason": ""}).status_code == 422
        browser.post(at("board_card", course.pk), {"to": "0", "reason": "Sover lite", "contacts": "2,5"})

        page = browser.get(at("board_card", course.pk))
        assert "Sover lite" in page.content.decode()
        assert (page.context["card"].column, page.context["card"].contacts) == (0, 2.5)

    def test_one_press_in_the_morning_meeting_and_one_to_take_it_back(self, care, course, browser):
        morning = at("board_morning", care.unit.pk)
        assert browser.post(at("board_look", course.pk)).url == morning
        assert BoardLook.objects.count() == 1
        assert browser.get(morning).context["waiting"] == []
        browser.post(at("board_look", course.pk), {"undo": "1"})
        assert not BoardLook.objects.exists()

    def test_a_button_leads_back_to_its_own_page_and_to_no_other_house(self, care, course, browser):
        browser.post(
            at("board_card", course.pk),
            {
                "task": "1",
                "task-text": "Ringe",
                "task-who": str(care.worker.pk),
                "task-due_on": f"{care.viewer.today}",
            },
        )
        (task,) = course.board_tasks.all()
        today = at("board_today", care.unit.pk)

        assert browser.post(at("board_task", task.pk), {"done": "1", "back": today}).url == today
        for elsewhere in ("https://ond.example/", "//ond.example/", "javascript:alert(1)"):
            back = browser.post(at("board_task", task.pk), {"undo": "1", "back": elsewhere}).url
            assert back == at("board_card", course.pk)

    def test_a_team_names_its_columns(self, care, course, browser):
        form = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
        for number, name in enumerate(("Hver dag", "Hver uke")):
            form |= {f"form-{number}-name": name, f"form-{number}-contacts": "1"}
        assert browser.post(at("board_columns", care.unit.pk), form).status_code == 422
        browser.post(at("board_columns", care.unit.pk), form | {"form-1-starts_here": "on"})

        page = browser.get(at("board", care.unit.pk))
        assert [(each["name"], len(each["cards"])) for each in page.context["columns"]] == [
            ("Hver dag", 0), ("Hver uke", 1),
        ]  # fmt: skip

    def test_the_citizen_reads_their_plan_and_says_what_should_change(self, care, course, browser, client_of):
        citizen = course.citizens.get()
        browser.post(
            at("crisis_plan", citizen.pk),
            {"signs": "Svarer ikke", "helps": "", "calls": "Siv", "with_citizen": "on"},
        )
        own = client_of(care.make.own_account(citizen.person))
        assert "Svarer ikke" in own.get(at("own_plan", citizen.pk)).content.decode()

        own.post(at("own_plan", citizen.pk), {"text": "Ring søsteren min først"})

        assert "Ring søsteren min først" in browser.get(at("crisis_plan", citizen.pk)).content.decode()


class TestCrisisPlan:
    def test_from_a_page_that_is_old_nothing_newer_is_put_aside_and_what_was_written_stands(
        self, care, browser
    ):
        citizen = care.episode().citizens.get()
        place = at("crisis_plan", citizen.pk)

        def opened() -> str:
            return read(browser.get(place)).all("input", name="opened_at")[0]["value"]

        def sent(words: str, opened_at: str):
            return browser.post(place, {"signs": words, "with_citizen": "on", "opened_at": opened_at})

        mine = opened()
        assert sent("Sover lite", opened()).status_code == 302

        refused = sent("Spiser lite", mine)

        assert refused.status_code == 422
        assert "nyere utgave" in read(refused).text
        assert "Sover lite" in read(refused).text
        assert "Spiser lite" in refused.content.decode()
        again = read(refused).all("input", name="opened_at")[0]["value"]
        assert sent("Sover og spiser lite", again).status_code == 302
