"""The privacy documents say what is really on here, in every language and format, and nothing that is secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from click.testing import CliRunner
from django.core.checks import Error
from django.utils import timezone, translation
from pypdf import PdfReader

import medvirk.config.checks  # noqa: F401  registers
from medvirk.answers.models import OrganisationText
from medvirk.config.privacy import privacy
from medvirk.interop.processing.assessment import assessment
from medvirk.interop.processing.document import Document, Section
from medvirk.interop.processing.facts import gather, gather_use
from medvirk.interop.processing.files import FORMATS, as_pdf
from medvirk.interop.processing.making import DOCUMENTS, make_document, missing
from medvirk.interop.processing.measures import SETTINGS, measures_today
from medvirk.interop.processing.notice import notice
from medvirk.interop.processing.record import record
from medvirk.messages.logic.sms import parse_gateway
from medvirk.people import checkup, crypto
from medvirk.people.access import PERMISSIONS
from medvirk.people.logic.retention import RULES
from medvirk.people.models import Relation, RetentionPeriod, Role, Unit
from medvirk.people.signin import providers as signin
from medvirk.people.wording import PERMISSION_WORDS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRETS = {
    "client_secret": "hemmelig-av-idporten",
    "smtp": "hemmelig-av-post",
    "secret_key": "hemmelig-av-django",
    "database": "hemmelig-av-databasen",
}
ID_PORTEN = f"""
[citizens]
name = "ID-porten"
issuer = "https://bruker:{SECRETS["client_secret"]}@idporten.example.org/"
client_id = "klient-nummer-1"
client_secret = "{SECRETS["client_secret"]}"
"""


@pytest.fixture
def set_up(settings, monkeypatch, tmp_path):
    """Sign-in, mail and secrets as in use."""
    settings.DATA = tmp_path
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "post.example.org", SECRETS["smtp"]
    settings.SECRET_KEY = SECRETS["secret_key"]
    settings.PRIVACY_CONTACT = "personvern@fjordvik.example, 00 00 00 00"
    settings.ADDRESS = f"https://bruker:{SECRETS['database']}@medvirk.example.org"
    monkeypatch.setenv("DATABASE_URL", f"postgres://medvirk:{SECRETS['database']}@db.example.org/medvirk")
    monkeypatch.setenv("MEDVIRK_SIGNIN", ID_PORTEN)
    signin.providers.cache_clear()
    yield settings
    signin.providers.cache_clear()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def says(monkeypatch, set_up) -> list[str]:
    """Ids of the faults that `medvirk check` finds, as the test sets them. A backup was made today."""
    checkup.backup_mark().touch()
    os.utime(checkup.backup_mark(), (NOW.timestamp(), NOW.timestamp()))
    faults: list[str] = []
    monkeypatch.setattr(checkup, "look", lambda **_: [Error("A sentence.", id=fault) for fault in faults])
    return faults


def texts(part: Document | Section) -> Iterator[str]:
    if isinstance(part, Document):
        yield from (part.title, part.subtitle)
        for section in part.sections:
            yield from texts(section)
    else:
        yield from (part.title, *part.paragraphs, *part.points, *part.boxes)
        if part.table:
            yield from (part.table.caption, *part.table.head)
            for row in part.table.rows:
                yield from row


def words_of(document: Document) -> str:
    return "\n".join(texts(document))


def made(make=record, language: str = "en") -> str:
    with translation.override(language):
        return words_of(make(gather(NOW), gather_use(NOW), measures_today(), language=language))


def town(name: str = "Fjordvik", **more) -> Unit:
    return Unit.objects.create(name=name, kind="municipality", valid_from=NOW.date(), **more)


def test_every_role_rule_and_purpose_is_in_the_record(set_up, says):
    told = made()

    for role in Role:
        assert role.label.capitalize() in told
    for permissions in PERMISSIONS.values():
        for each in permissions:
            assert str(PERMISSION_WORDS[each])[1:] in told
    for rule in RULES.values():
        assert str(rule.why) in told
    for words in ("GDPR art. 6", "helseforskningsloven", "Nothing is stored for this purpose today"):
        assert words in told


def test_the_municipality_is_named_and_a_coming_one_is_not(set_up, says):
    town()
    town("Kommende", valid_to=None).delete()
    Unit.objects.create(name="Nestvik", kind="municipality", valid_from=NOW.date().replace(year=2027))

    assert "Controller: Fjordvik." in made()


def test_what_is_set_changes_what_is_said(set_up, says):
    assert "10 years after the last entry" in made()

    RetentionPeriod.objects.create(rule="journal", months=186)
    assert "15 years and 6 months after the last entry" in made()


def test_sign_in_and_mail_are_told_by_name(set_up, says):
    assert "Sign-in of citizens: ID-porten (idporten.example.org)" in made()
    assert "E-mail: post.example.org" in made()

    set_up.EMAIL_HOST = ""
    assert "E-mail:" not in made()


def test_the_gateway_of_text_messages_is_told_by_name_and_without_its_token(set_up, says):
    assert "Text messages:" not in made()

    set_up.SMS_GATEWAY = parse_gateway("https://sms.example.org/x", token="hemmelig-merke")
    assert "Text messages: sms.example.org." in made()
    assert "hemmelig-merke" not in made()


def test_roles_and_partners_are_counted(set_up, says, make):
    today = timezone.localdate(NOW)
    partner, worker = make.staff("partner"), make.staff("practitioner")
    make.staff("practitioner")
    shared = {
        "basis": "consent",
        "opens_all": False,
        "parts": ["people.contact"],
        "valid_from": make.long_ago,
    }
    for citizen in (make.citizen(worker=worker), make.citizen(worker=worker)):
        Relation.objects.create(citizen=citizen, staff=partner, **shared)
    Relation.objects.create(
        citizen=make.citizen(worker=worker),
        staff=make.staff("partner"),
        **shared | {"valid_to": make.long_ago},
    )
    use = gather_use(NOW)

    assert use.roles[Role.PRACTITIONER] == 2
    assert use.partners == 1
    assert make.long_ago < today


def test_instruments_in_use_are_named_and_others_not(set_up, says, care):
    care.session()

    told = made(assessment)

    assert "(life-now, 1)" in told
    assert "phq-9" not in told


@pytest.mark.parametrize("key", [key for key, each in SETTINGS.items() if each.fault])
def test_a_measure_that_is_off_is_told_with_what_to_do(set_up, says, key):
    setting = SETTINGS[key]
    assert measures_today()[key].on

    says.append(setting.fault)

    told = made()
    assert f"NOT ON: {setting.words} Do this: {setting.to_do}" in told
    assert f"NOT ON: {setting.words}" in {each.what for each in missing(now=NOW)}
    assert [
        other
        for other in SETTINGS
        if other != key and SETTINGS[other].fault and not measures_today()[other].on
    ] == []


def test_a_check_that_fails_itself_is_no_measure(set_up, says):
    says.append("medvirk.files")

    now = measures_today()

    assert [now[key].on for key in ("keys_apart", "own_files", "head_apart")] == [False] * 3


def test_the_last_backup_has_a_day(set_up, says):
    assert "The last one: 02.03.2026." in made()


def test_measures_follow_their_settings(set_up, says):
    set_up.STAFF_LEVEL, set_up.CITIZEN_LEVEL = "two", "high"
    now = measures_today()
    assert now["two_factors"].on
    assert now["citizen_level"].on

    set_up.STAFF_LEVEL, set_up.CITIZEN_LEVEL = "one", "substantial"
    now = measures_today()
    assert not now["two_factors"].on
    assert not now["citizen_level"].on


def test_the_real_checks_are_asked(set_up):
    """With the settings of the tests, which are not those of use."""
    now = measures_today()

    assert not now["https"].on
    assert not now["backup"].on
    assert now["policy"].on


def test_a_check_that_is_not_registered_is_no_measure(set_up, monkeypatch):
    monkeypatch.setattr(checkup, "names", lambda: ["https"])

    with pytest.raises(LookupError, match=r"not registered: .*backup"):
        measures_today()


def test_sign_in_settings_that_cannot_be_read_stop_nothing(set_up, monkeypatch):
    monkeypatch.setenv("MEDVIRK_SIGNIN", "[citizens")
    signin.providers.cache_clear()

    assert gather(NOW).sign_in == ()
    assert not measures_today()["citizen_level"].on


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("key", DOCUMENTS)
def test_nothing_secret_and_nobody_is_in_any_file(set_up, make, care, key, language):
    town()
    citizen = make.citizen(
        worker=care.worker, details=make.details(family_name="Hemmeligberg", phone="91919191")
    )
    planted = {
        *SECRETS.values(), *crypto.keys().encryption, crypto.keys().search.hex(), crypto.keys().lasting.hex(),
        "klient-nummer-1", "Hemmeligberg", "91919191", str(citizen.pk), str(set_up.DATA), str(set_up.KEY_FILE),
        care.worker.person.family_name,
    }  # fmt: skip
    with translation.override(language):
        document = make_document(key, now=NOW, language=language)
        files = {kind: make_file(document) for kind, (make_file, _type) in FORMATS.items()}
    told = {kind: content.decode("utf-8", "replace") for kind, content in files.items()}
    told["pdf"] = "\n".join(page.extract_text() for page in PdfReader(BytesIO(files["pdf"])).pages)

    assert "Fjordvik" in told["md"]
    assert "Fjordvik" in told["html"]
    assert "Fjordvik" in told["pdf"]
    assert [(kind, each) for kind, text in told.items() for each in planted if each in text] == []


def test_the_pdf_is_for_everybody(set_up, says):
    with translation.override("nn"):
        content = as_pdf(make_document("dpia", now=NOW, language="nn"))

    reader = PdfReader(BytesIO(content))
    assert reader.trailer["/Root"]["/Lang"] == "nn"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content or "pdfuaid" in str(
        reader.xmp_metadata.rdf_root.toxml()
    )
    assert "Fyll inn:" in "".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("make_words", [record, assessment])
def test_no_sentence_is_left_in_english(set_up, says, make_words):
    english = {line for line in made(make_words).split("\n") if line.count(" ") >= 3}

    assert len(english) > 40
    for language in ("nb", "nn"):
        assert english & set(made(make_words, language).split("\n")) == set()


def test_the_public_page_is_complete_in_each_language(set_up):
    said = {}
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            said[language] = [text for each in notice(gather(NOW)) for text in texts(each)]
    sentences = {code: {text for text in told if text.count(" ") >= 3} for code, told in said.items()}

    assert len(said["nb"]) == len(said["nn"]) == len(said["en"]) > 30
    assert sentences["en"] & (sentences["nb"] | sentences["nn"]) == set()


def test_the_public_page_follows_what_is_set(set_up, monkeypatch):
    told = "\n".join(text for each in notice(gather(NOW)) for text in texts(each))
    assert "The municipality is responsible" in told
    assert "Sign in with ID-porten" in told
    assert "3 years after the day the answer ended" in told

    town()
    RetentionPeriod.objects.create(rule="consent", months=60)
    signin.providers.cache_clear()
    monkeypatch.setenv("MEDVIRK_SIGNIN", "")
    told = "\n".join(text for each in notice(gather(NOW)) for text in texts(each))

    assert "Fjordvik is responsible" in told
    assert "Ask the one who helps you" in told
    assert "5 years after the day the answer ended" in told


@pytest.mark.parametrize("make_words", [record, assessment])
def test_the_data_protection_officer_can_be_reached(set_up, says, make_words):
    assert "Data protection officer: personvern@fjordvik.example, 00 00 00 00" in made(make_words)
    assert "NOT ON: how to reach" not in made(make_words)

    set_up.PRIVACY_CONTACT = ""
    assert "NOT ON: how to reach the data protection officer. Do this: Set MEDVIRK_PRIVACY_CONTACT" in made(
        make_words
    )
    assert "Nobody is told how to reach the data protection officer." in {
        each.what for each in missing(now=NOW)
    }


def test_wherever_legal_bases_stand_somebody_must_confirm_them(set_up, says):
    with translation.override("en"):
        documents = [make_document(key, now=NOW, language="en").sections for key in DOCUMENTS]
        sections = [*notice(gather(NOW)), *(each for document in documents for each in document)]
    with_bases = [each for each in sections if any("GDPR art. 6" in text for text in texts(each))]

    assert len(with_bases) > 10
    for section in with_bases:
        assert "data protection officer" in "\n".join(section.paragraphs), section.title


def test_what_is_missing_goes_when_it_is_there(set_up, says):
    set_up.STAFF_LEVEL, set_up.CITIZEN_LEVEL = "two", "high"
    assert [each.what for each in missing(now=NOW)] == [
        "The name of the municipality is not registered.",
        "The municipality has not written its own privacy notice.",
    ]
    town()
    OrganisationText.objects.create(key="privacy", body={"nb": "Vår egen tekst"})

    assert missing(now=NOW) == []


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("document", "start"), [("record", "Protokoll"), ("dpia", "Vurdering")])
def test_the_command_writes_each_format(set_up, tmp_path, monkeypatch, document, start):
    monkeypatch.setattr("medvirk.instruments.database.use_database", lambda: None)
    for ending in ("md", "html", "pdf"):
        out = tmp_path / f"fil.{ending}"

        result = CliRunner().invoke(privacy, [document, "--out", str(out)])

        assert result.exit_code == 0, result.output
        assert out.stat().st_size > 10_000
    assert (tmp_path / "fil.md").read_text().startswith(f"# {start}")
    assert "02.03.2026" in (tmp_path / "fil.md").read_text()


def test_the_command_says_what_is_wrong(set_up, tmp_path, monkeypatch):
    monkeypatch.setattr("medvirk.instruments.database.use_database", lambda: None)

    odd = CliRunner().invoke(privacy, ["record", "--out", str(tmp_path / "a.docx")])
    nowhere = CliRunner().invoke(privacy, ["record", "--out", str(tmp_path / "not there" / "a.md")])

    assert odd.exit_code == 2
    assert "--out must end in one of: .pdf, .md, .html." in odd.output
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.output
