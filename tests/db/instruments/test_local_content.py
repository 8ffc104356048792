"""Official wording and local numbers in the database, by action and by command."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.db import IntegrityError

from medvirk.instruments.actions import load_wording, set_parameters, withdraw_parameters
from medvirk.instruments.commands import instruments
from medvirk.instruments.definitions import Confidence, ItemWording, Wording
from medvirk.instruments.faults import InstrumentFaults
from medvirk.instruments.loader import UnknownInstrument, catalogue, get
from medvirk.instruments.models import LocalParameters, LocalWording
from medvirk.instruments.queries import NoWording, askable, effective, effective_catalogue

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CSV = "item;text;low;high\ntitle;Oppdiktet;;\n" + "".join(
    f"q{number};Spørsmål {number}?;lite;mye\n" for number in range(1, 5)
)
SAID = ("--language", "nb", "--translator", "ingen", "--licence", "ingen", "--source", "prøve")


def wording(language: str = "nb", text: str = "Oppdiktet?", items: int = 4) -> Wording:
    return Wording(
        language=language,
        title="Oppdiktet",
        intro="",
        items={f"q{number}": ItemWording(text, "lite", "mye") for number in range(1, items + 1)},
        translator="ingen",
        licence="ingen",
        source="prøve",
        local=True,
    )


def run(*arguments: str):
    return CliRunner().invoke(instruments, arguments)


def test_loaded_wording_can_be_asked():
    with pytest.raises(NoWording):
        askable(effective("ors"), "nb")

    load_wording(instrument=get("ors"), wordings=[wording()], now=NOW, by="Kari")

    assert askable(effective("ors"), "nb") == wording()
    row = LocalWording.objects.get()
    assert (row.instrument_key, row.version, row.loaded_at, row.loaded_by) == ("ors", 1, NOW, "Kari")
    with pytest.raises(NoWording):
        askable(effective("ors"), "nn")
    with pytest.raises(NoWording):
        askable(effective("srs"), "nb")


def test_loading_the_same_again_changes_nothing():
    (first,) = load_wording(instrument=get("ors"), wordings=[wording()], now=NOW)

    (again,) = load_wording(instrument=get("ors"), wordings=[wording()], now=NOW + timedelta(days=1))

    assert again.pk == first.pk
    assert LocalWording.objects.get().loaded_at == NOW


def test_another_wording_needs_replace_and_all_or_nothing_is_loaded():
    load_wording(instrument=get("ors"), wordings=[wording()], now=NOW)
    later = NOW + timedelta(days=1)

    with pytest.raises(InstrumentFaults, match=r"another one was loaded on 02\.03\.2026.*--replace"):
        load_wording(instrument=get("ors"), wordings=[wording("nn"), wording(text="Ny?")], now=later)

    assert [row.language for row in LocalWording.objects.all()] == ["nb"]
    load_wording(
        instrument=get("ors"), wordings=[wording("nn"), wording(text="Ny?")], now=later, replace=True
    )
    assert effective("ors").wordings["nb"].items["q1"].text == "Ny?"
    assert LocalWording.objects.count() == 2


def test_what_a_version_ships_with_is_never_replaced():
    with pytest.raises(InstrumentFaults, match="a version never changes its wording"):
        load_wording(instrument=get("life-now"), wordings=[wording(items=5)], now=NOW, replace=True)

    assert not LocalWording.objects.exists()


def test_nothing_to_load_is_a_fault():
    with pytest.raises(InstrumentFaults, match="no wording to load"):
        load_wording(instrument=get("ors"), wordings=[], now=NOW)


def test_numbers_are_set_one_at_a_time_and_withdrawn_together():
    ors = get("ors")
    set_parameters(instrument=ors, scale="total", cutoff=25, source="our licence", now=NOW, by="Kari")
    set_parameters(instrument=ors, scale="total", reliable_change=6, level=0.95, source="our data", now=NOW)

    scale = effective("ors").scale("total")

    assert (scale.cutoffs[0].value, scale.cutoffs[0].source) == (25, "our licence")
    assert scale.reliable_change is not None
    assert (scale.reliable_change.value, scale.reliable_change.confidence) == (6, Confidence.LOCAL)
    withdraw_parameters(instrument=ors, scale="total", source="new licence", now=NOW)
    assert effective("ors").scale("total") == ors.scale("total")
    assert LocalParameters.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"cutoff": None}, ["give a cut-off, a reliable change or both"]),
        ({"cutoff": 41}, ["the cut-off 41 lies outside the scale, 0 to 40"]),
        ({"cutoff": float("nan")}, ["the cut-off nan lies outside"]),
        ({"reliable_change": 0, "level": 95, "source": " "}, ["must be above 0", "not 95", "say where"]),
        ({"scale": "sum"}, ["there is no such scale; ors@1 has total"]),
    ],
)
def test_wrong_numbers_are_refused_all_at_once(changes, problems):
    with pytest.raises(InstrumentFaults) as caught:
        set_parameters(
            **{"instrument": get("ors"), "scale": "total", "cutoff": 25, "source": "a", "now": NOW} | changes
        )

    assert [problem for problem in problems if problem not in str(caught.value)] == []
    assert not LocalParameters.objects.exists()


def test_withdrawing_needs_a_scale_and_a_reason():
    with pytest.raises(InstrumentFaults) as caught:
        withdraw_parameters(instrument=get("ors"), scale="sum", source="", now=NOW)

    assert len(caught.value.faults) == 2


def test_two_queries_however_much_there_is(django_assert_num_queries):
    for key in ("ors", "srs"):
        load_wording(instrument=get(key), wordings=[wording("nb"), wording("nn")], now=NOW)
        set_parameters(instrument=get(key), scale="total", cutoff=25, source="a", now=NOW)

    with django_assert_num_queries(1):
        found = effective_catalogue()

    assert found.keys() == catalogue().keys()
    assert found["srs", 1].languages == ("nb", "nn")
    assert found["phq-9", 1] == get("phq-9")
    with django_assert_num_queries(1):
        assert effective("ors", 1) == found["ors", 1]


def test_an_unknown_instrument_is_told_before_the_database_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(UnknownInstrument):
        effective("ors", 7)


@pytest.mark.parametrize(
    "values",
    [{"source": ""}, {"source": "a", "reliable_change": 0}, {"source": "a", "level": 95}],
)
def test_the_database_itself_refuses_impossible_numbers(values):
    with pytest.raises(IntegrityError):
        LocalParameters.objects.create(instrument_key="ors", version=1, scale="total", **values)


def test_one_wording_per_language_in_the_database():
    load_wording(instrument=get("ors"), wordings=[wording()], now=NOW)

    with pytest.raises(IntegrityError):
        LocalWording.objects.create(instrument_key="ors", version=1, language="nb", content={})


def test_wording_by_command_from_a_norwegian_table(tmp_path):
    path = tmp_path / "ors.csv"
    path.write_bytes(CSV.encode("latin-1"))

    result = run("wording", "ors", str(path), *SAID)

    assert (result.exit_code, result.output) == (0, "ORS can now be asked in nb.\n")
    assert effective("ors").wordings["nb"].items["q2"].text == "Spørsmål 2?"


def test_a_faulty_file_is_told_whole_and_nothing_is_stored(tmp_path):
    path = tmp_path / "ors.csv"
    path.write_text(CSV.replace("q2;", "q7;").replace("Spørsmål 3?", ""), encoding="utf-8")

    result = run("wording", "ors", str(path), *SAID)

    assert result.exit_code == 2
    for place in (
        "item q2: its text is missing",
        "item q7: the instrument has no",
        "item q3: `text` is missing",
    ):
        assert place in result.stderr
    assert not LocalWording.objects.exists()


def test_parameters_by_command():
    result = run("parameters", "ors", "--cutoff", "25", "--reliable-change", "6", "--source", "our licence")

    assert result.exit_code == 0
    assert "Cut-off: below 25" in result.output
    assert "Reliable change: 6 points or more (level 0.95)" in result.output
    assert "our licence [local]" in result.output
    result = run("parameters", "ors", "--withdraw", "--source", "new licence")
    assert "Cut-off: none" in result.output


def test_wrong_parameters_by_command():
    result = run("parameters", "ors", "--cutoff", "99", "--source", "our licence")

    assert result.exit_code == 2
    assert "ors@1: scale total: the cut-off 99 lies outside the scale, 0 to 40." in result.stderr


def test_wording_by_command_from_a_questionnaire_in_the_order_of_the_items(tmp_path):
    ends = [
        {
            "linkId": code,
            "type": "display",
            "text": text,
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
                    "valueCodeableConcept": {"coding": [{"code": code}]},
                }
            ],
        }
        for code, text in (("lower", "lite"), ("upper", "mye"))
    ]
    questions = [
        {"linkId": f"spm{number}", "type": "decimal", "text": f"Spørsmål {number}?", "item": ends}
        for number in range(1, 5)
    ]
    content = {"resourceType": "Questionnaire", "language": "nb", "title": "Oppdiktet", "copyright": "© Ingen",
               "publisher": "Ingen AS", "item": questions}  # fmt: skip
    path = tmp_path / "ors.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    refused = run("wording", "ors", str(path), "--translator", "ingen")
    result = run("wording", "ors", str(path), "--translator", "ingen", "--by-order")

    assert refused.exit_code == 2
    assert "question spm4: is no item of ors@1" in refused.stderr
    assert (result.exit_code, result.output) == (0, "ORS can now be asked in nb.\n")
    row = LocalWording.objects.get()
    assert (row.licence, row.source) == ("© Ingen", "Ingen AS, Oppdiktet")
    assert effective("ors").wordings["nb"].items["q2"] == ItemWording("Spørsmål 2?", "lite", "mye")
