"""What citizens read around an answer about safety: nothing may sound as if somebody watched when nobody does.

Every text of the pages and messages that citizens meet is read in all languages, and a promise of being watched or
answered stands out. What may be said of it at all is listed here, word by word.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext
from factories_feedback import marks
from pages import read

from medvirk.answers.texts import LANGUAGES, default_text
from medvirk.feedback.actions import ask_somebody
from medvirk.messages.kinds import citizen_kinds

HOUSE = Path(apps.get_app_config("answers").path).parent
#: Pages that citizens meet.
PAGES = (
    *sorted((HOUSE / "answers/templates/answers").glob("*.html")),
    *sorted((HOUSE / "feedback/templates/feedback").glob("own_*.html")),
    *sorted((HOUSE / "feedback/templates/feedback").glob("_own_*.html")),
)
#: Those that workers meet in the same folder.
NOT_THEIRS = {"texts.html", "edit_text.html", "unit_texts.html"}
PROMISES = re.compile(
    r"følger med|følgjer med|passer på|passar på|overvåk|våker|holder øye|held auge|varsl|beskjed|straks|umiddelbart"
    r"|med en gang|med ein gong|tar kontakt|tek kontakt|ringer deg|hører fra oss|høyrer frå oss|ser på det nå"
    r"|watch|keep an eye|notified|alert|at once|right away|immediately|will (call|contact)|hear from us|monitor",
    re.IGNORECASE,
)
#: What is said all the same. Each denies it, or is about the device and no person.
SAID = {
    "Nobody is watching the answers at this moment.",
    "Nobody watches these pages between the conversations.",
}
#: What stands on the page of thanks after an answer about safety.
AFTER_IT = (
    "You told us that it is heavy now. That is important, and you should not be alone with it.",
    "Nobody is watching the answers at this moment.",
    (
        "The one you have an appointment with sees them when they open your page. Are you together now, say it. If "
        "not, and you need somebody now, use one of these:"
    ),
)
#: The same where somebody answered about somebody else: by their capacity.
ABOUT_ANOTHER = (
    "You told us that it is heavy for the one you answered about. That is important, and neither they nor you "
    "should be alone with it."
)
AFTER_IT_BY = {
    "kin": (
        "Nobody is watching the answers at this moment.",
        (
            "The one who asked you sees them when they open the page about it. Say it to them too. Is help needed now, "
            "use one of these: you can call on behalf of somebody else, and for yourself."
        ),
        "Those who help them can read it. You can close this page.",
    ),
    "worker": (
        "Talk with them about it, calmly and directly, as soon as you can.",
        "It stands as a signal in their course of help. Do they need somebody now, use one of these together:",
        "It stands beside what they answer themselves, and is kept apart from it.",
    ),
}
_SINGLE = re.compile(r"{%\s*translate\s+\"(.*?)\"|{%\s*translate\s+'(.*?)'")
_BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", re.DOTALL)


def texts_of(page: Path) -> set[str]:
    source = page.read_text(encoding="utf-8")
    found = {one or other for one, other in _SINGLE.findall(source)}
    for block in _BLOCK.findall(source):
        for part in re.split(r"{%\s*plural\s*%}", block):
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", " ".join(part.split())))
    return found


def sentences() -> set[str]:
    return {text for page in PAGES if page.name not in NOT_THEIRS for text in texts_of(page)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_promises_that_somebody_watches(language):
    with translation.override(language):
        told = {text: gettext(text) for text in sentences()}
    assert len(told) > 60, "the pages are read"
    assert {text for text, said in told.items() if PROMISES.search(said)} <= SAID


def test_what_denies_it_is_really_said():
    about_another = {ABOUT_ANOTHER, *AFTER_IT_BY["kin"], *AFTER_IT_BY["worker"]}
    assert SAID | set(AFTER_IT) | about_another <= sentences()
    for language in ("nb", "nn"):
        with translation.override(language):
            assert all(gettext(text) != text for text in (*SAID, *AFTER_IT, *about_another))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_and_no_text_of_ours_does(language):
    with translation.override(language):
        messages = [str(words) for kind in citizen_kinds() for words in (kind.subject, kind.text, kind.sms)]
    assert messages
    for text in (*messages, default_text("crisis", language), default_text("privacy", language)):
        assert not PROMISES.search(text), text


def test_the_net_catches_what_it_is_for():
    for text in (
        "Vi følger med på svarene.",
        "Somebody will call you.",
        "Vi tek kontakt.",
        "You are monitored.",
    ):
        assert PROMISES.search(text)


def test_after_an_answer_about_safety_the_page_says_so_and_gives_the_units_own_numbers(care, client):
    from medvirk.answers.models import OrganisationText

    OrganisationText.objects.create(
        key="crisis", unit=care.unit, body={"nb": "Krisetelefonen i Fjordvik: 59001122"}
    )
    elsewhere = care.make.unit("Team Vest")
    OrganisationText.objects.create(key="crisis", unit=elsewhere, body={"nb": "Et annet sted: 59003344"})
    occasion = care.session().asks("before")
    path = f"/a/{care.link(occasion)}/"
    sent = marks("life-now", 20) | {"safety.q1": "2", "client_id": "6f1f4f0e-6f3a-4a53-9d4b-0c8f8a2d9a11"}

    form = read(client.get(path)).text
    page = read(client.post(path, sent, follow=True)).text

    with translation.override("nb"):
        for sentence in AFTER_IT:
            assert gettext(sentence) in page
    for text in (form, page):
        assert "59003344" not in text
    assert "59001122" in page


@pytest.mark.parametrize("capacity", ["kin", "worker"])
def test_who_answers_about_somebody_else_is_not_spoken_to_as_if_it_were_about_themselves(
    care, client, capacity
):
    session = care.session()
    citizen = session.asks("before").about
    whom, basis = (("Siv", "Nær"), "citizen") if capacity == "kin" else (None, "worker")
    asked = ask_somebody(
        by=care.viewer, session=session, citizen=citizen, whom=whom, basis=basis, now=care.now
    )
    path = f"/a/{care.link(asked, 'screen' if capacity == 'worker' else 'phone')}/"
    client.get(path)
    sent = marks("life-now", 20) | {"safety.q1": "2", "client_id": "6f1f4f0e-6f3a-4a53-9d4b-0c8f8a2d9a11"}

    page = read(client.post(path, sent)).text
    later = read(client.get(path)).text

    with translation.override("nb"):
        for sentence in (ABOUT_ANOTHER, *AFTER_IT_BY[capacity]):
            assert gettext(sentence) in page
        own = {*AFTER_IT, *AFTER_IT_BY["worker" if capacity == "kin" else "kin"]} - {*AFTER_IT_BY[capacity]}
        assert not [each for each in own if gettext(each) in page]
        assert gettext("Now give the screen back, so you can look at it together.") not in page
        assert gettext("The answer has arrived. You will look at it together when you talk.") not in later


def test_without_units_own_texts_no_more_is_asked_of_the_database(care, django_assert_num_queries):
    from medvirk.answers.texts import text_at

    occasion = care.session().asks("before")
    with django_assert_num_queries(1):
        text_at("crisis", "nb", occasion)
