"""Official wording from FHIR R4 Questionnaires. All texts here are made up; the structure is as forms are published."""

import contextlib
import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medvirk.instruments.faults import InstrumentFaults
from medvirk.instruments.loader import get
from medvirk.instruments.wording_files import read_wordings

HL7 = "http://hl7.org/fhir/StructureDefinition/"
SAID = {"translator": "nobody", "licence": "our agreement", "source": "test"}
LABELS = ("aldri", "iblant", "ofte", "alltid")


def ordinal(value, kind="ordinalValue"):
    return {"extension": [{"url": HL7 + kind, "valueDecimal": value}]}


def translated(**texts):
    return {
        "extension": [
            {
                "url": HL7 + "translation",
                "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": text}],
            }
            for code, text in texts.items()
        ]
    }


def control(code):
    return {
        "extension": [
            {
                "url": HL7 + "questionnaire-itemControl",
                "valueCodeableConcept": {"coding": [{"code": code}]},
            }
        ]
    }


def choice(link_id, text, labels=LABELS, first=0, **more):
    options = [
        {**ordinal(value), "valueCoding": {"code": f"LA{value}", "display": label}}
        for value, label in enumerate(labels, start=first)
    ]
    return {"linkId": link_id, "type": "choice", "text": text, "answerOption": options, **more}


def form(*items, **more):
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "language": "nb",
        "title": "Oppdiktet skjema",
        "publisher": "Ingen AS",
        "url": "http://example.org/Questionnaire/made-up",
        "version": "3",
        "copyright": "© Ingen",
        "item": list(items),
        **more,
    }


def seven(**more):
    """Made up, in the shape of gad-7: seven questions with four answers each, in two groups."""
    questions = [choice(f"q{number}", f"Spørsmål {number}?") for number in range(1, 8)]
    groups = [
        {"linkId": "g1", "type": "group", "text": "Tenk på i dag.", "item": questions[:4]},
        {"linkId": "g2", "type": "group", "item": [{"linkId": "g3", "type": "group", "item": questions[4:]}]},
    ]
    return form(*groups, **more)


@pytest.fixture
def write(tmp_path):
    def write_file(content, name: str = "wording.json"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def faults_of(path, key="gad-7", **options) -> list[str]:
    with pytest.raises(InstrumentFaults) as caught:
        read_wordings(path, get(key), **{**SAID, **options})
    return [str(fault) for fault in caught.value.faults]


def test_a_questionnaire_brings_text_language_copyright_and_publisher(write):
    (wording,) = read_wordings(write(seven()), get("gad-7"), **SAID)

    assert (wording.language, wording.title, wording.intro) == ("nb", "Oppdiktet skjema", "Tenk på i dag.")
    assert [item.text for item in wording.items.values()] == [f"Spørsmål {n}?" for n in range(1, 8)]
    assert wording.items["q7"].options == LABELS
    assert wording.licence == "our agreement; © Ingen"
    assert wording.source == "test; Ingen AS, Oppdiktet skjema, 3, http://example.org/Questionnaire/made-up"
    assert (wording.translator, wording.local) == ("nobody", True)


def test_what_the_file_says_is_enough_for_licence_and_source(write):
    (wording,) = read_wordings(write(seven()), get("gad-7"), translator="Kari")

    assert (wording.licence, wording.source.split(",")[0]) == ("© Ingen", "Ingen AS")


def test_labels_follow_their_numbers_and_not_their_order(write):
    content = seven()
    for question in content["item"][0]["item"]:
        question["answerOption"].reverse()

    (wording,) = read_wordings(write(content), get("gad-7"), **SAID)

    assert wording.items["q1"].options == LABELS


@pytest.mark.parametrize(
    "kind", ["ordinalValue", "itemWeight", "iso21090-CO-value", "questionnaire-ordinalValue"]
)
def test_the_number_may_stand_at_the_coding_and_under_several_names(write, kind):
    content = seven()
    for option in content["item"][0]["item"][0]["answerOption"]:
        option["valueCoding"].update(ordinal(option["extension"][0]["valueDecimal"], kind))
        del option["extension"]

    (wording,) = read_wordings(write(content), get("gad-7"), **SAID)

    assert wording.items["q1"].options == LABELS


def test_a_code_that_is_a_number_a_text_and_a_whole_number_have_their_value(write):
    content = seven()
    first, second, third = content["item"][0]["item"][:3]
    first["answerOption"] = [
        {"valueCoding": {"code": str(n), "display": text}} for n, text in enumerate(LABELS)
    ]
    second["answerOption"] = [{"valueString": text, **ordinal(n)} for n, text in enumerate(LABELS)]
    third.update(type="integer", answerOption=[{"valueInteger": n} for n in range(4)])

    (wording,) = read_wordings(write(content), get("gad-7"), **SAID)

    assert wording.items["q1"].options == wording.items["q2"].options == LABELS
    assert wording.items["q3"].options == ("0", "1", "2", "3")


@pytest.mark.parametrize("part", ["expansion", "compose"])
def test_answers_in_a_contained_value_set(write, part):
    concepts = [
        {
            "code": f"c{n}",
            "display": text,
            "designation": [{"language": "nn", "value": text.upper()}],
            **ordinal(n),
        }
        for n, text in enumerate(LABELS)
    ]
    held = {"contains": concepts} if part == "expansion" else {"include": [{"concept": concepts}]}
    content = seven(contained=[{"resourceType": "ValueSet", "id": "often", part: held}])
    question = content["item"][0]["item"][0]
    del question["answerOption"]
    question["answerValueSet"] = "#often"

    (wording,) = read_wordings(write(content), get("gad-7"), language="nb", **SAID)

    assert wording.items["q1"].options == LABELS


def test_loinc_codes_say_which_question_is_which(write):
    codes = [item.codes["loinc"] for item in get("gad-7").items]
    by_code = [choice(f"x{n}", f"Spørsmål {n}?", code=[{"system": "http://loinc.org", "code": code}])
               for n, code in enumerate(codes, 1)]  # fmt: skip
    by_link = [choice(f"/69737-5/{code}", f"Spørsmål {n}?") for n, code in enumerate(codes, 1)]
    total = {"linkId": "/70274-6", "type": "decimal", "text": "Sum"}

    for questions in (by_code, by_link):
        (wording,) = read_wordings(write(form(*reversed(questions), total)), get("gad-7"), **SAID)
        assert [item.text for item in wording.items.values()] == [f"Spørsmål {n}?" for n in range(1, 8)]


def test_what_nobody_is_asked_is_passed_over(write):
    hidden = choice("x", "Skjult?", extension=[{"url": HL7 + "questionnaire-hidden", "valueBoolean": True}])
    counted = {"linkId": "y", "type": "integer", "text": "Sum", "readOnly": True}

    (wording,) = read_wordings(write(form(hidden, *seven()["item"], counted)), get("gad-7"), **SAID)

    assert wording.intro == "Tenk på i dag."


def test_the_order_decides_only_where_that_is_said(write):
    questions = [choice(f"spm-{number}", f"Spørsmål {number}?") for number in range(1, 8)]
    path = write(form(*questions))

    told = faults_of(path)
    (wording,) = read_wordings(path, get("gad-7"), by_order=True, **SAID)

    assert any("question spm-3: is no item of gad-7@1" in fault for fault in told)
    assert any("say so with --by-order" in fault for fault in told)
    assert [item.text for item in wording.items.values()] == [f"Spørsmål {n}?" for n in range(1, 8)]


def test_the_order_does_not_overrule_what_the_questions_say(write):
    questions = [choice(f"q{number}", "Spørsmål?") for number in (2, 1, 3, 4, 5, 6, 7)]

    told = faults_of(write(form(*questions)), by_order=True)

    assert any("question q2: is q2 by its code, but stands where q1 is" in fault for fault in told)
    told = faults_of(write(form(*questions, choice("q8", "Enda et?"))), by_order=True)
    assert any("8 questions and gad-7@1 has 7 items" in fault for fault in told)


def test_each_translation_is_a_wording_of_its_own(write):
    content = seven(language="nb-NO", _title=translated(nn="Dikta skjema"))
    content["item"][0]["_text"] = translated(nn="Tenk på i dag, du.")
    for group in (content["item"][0], content["item"][1]["item"][0]):
        for question in group["item"]:
            question["_text"] = translated(nn=question["text"].replace("Spørsmål", "Nynorsk"))
            for option in question["answerOption"]:
                option["valueCoding"]["_display"] = translated(nn=option["valueCoding"]["display"].upper())
    path = write(content)

    bokmal, nynorsk = read_wordings(path, get("gad-7"), **SAID)
    (chosen,) = read_wordings(path, get("gad-7"), language="nn", **SAID)

    assert (bokmal.language, nynorsk.language) == ("nb", "nn")
    assert (nynorsk.title, nynorsk.intro) == ("Dikta skjema", "Tenk på i dag, du.")
    assert nynorsk.items["q5"].text == "Nynorsk 5?"
    assert nynorsk.items["q5"].options == tuple(label.upper() for label in LABELS)
    assert chosen == nynorsk
    assert any("none in 'en'; the file has nb-NO, nn" in fault for fault in faults_of(path, language="en"))


def test_a_translation_with_gaps_is_refused_with_all_of_them(write):
    content = seven(_title=translated(nn="Dikta skjema"))
    content["item"][0]["item"][0]["_text"] = translated(nn="Nynorsk 1?")

    told = faults_of(write(content))

    assert any("a part of its text is missing in nn" in fault for fault in told), "the introduction"
    assert any("wording nn, item q2: `text` is empty" in fault for fault in told)
    assert any("wording nn, item q1: `options` must hold texts only" in fault for fault in told)
    assert not any("wording nb" in fault for fault in told)


@pytest.mark.parametrize(
    ("language", "asked", "loaded"),
    [
        ("nb-NO", None, "nb"),
        ("no", "nn", "nn"),
        ("en-GB", "en", "en"),
        (None, "nb", "nb"),
        ("en-GB", None, "en-GB"),
    ],
)
def test_languages(write, language, asked, loaded):
    content = seven(language=language)

    (wording,) = read_wordings(write(content), get("gad-7"), language=asked, **SAID)

    assert wording.language == loaded


@pytest.mark.parametrize(
    ("language", "problem"),
    [
        (None, "does not say its language: give it with --language"),
        ("no", "'no' may be Bokmål or Nynorsk"),
        ("xx", "'xx' is no language known here"),
    ],
)
def test_languages_that_are_no_answer(write, language, problem):
    assert any(problem in fault for fault in faults_of(write(seven(language=language))))


def ors(**ends):
    lower, upper = ({"linkId": "a", "type": "display", "text": text, **control(code)}
                    for text, code in (("lite", "lower"), ("mye", "upper")))  # fmt: skip
    low, high = ({"url": HL7 + name, "valueInteger": ends.get(name, value)} for name, value in
                 (("minValue", 0), ("maxValue", 10)))  # fmt: skip
    return form(
        *(
            {
                "linkId": f"Q{number}",
                "type": "decimal",
                "text": f"Linje {number}?",
                "extension": [low, high],
                "item": [lower, upper],
            }
            for number in range(1, 5)
        )
    )


def test_a_line_has_the_texts_at_its_ends(write):
    (wording,) = read_wordings(write(ors()), get("ors"), **SAID)

    assert [(item.low, item.high) for item in wording.items.values()] == [("lite", "mye")] * 4
    assert wording.items["q4"].text == "Linje 4?"


def test_a_line_of_another_length_is_refused(write):
    told = faults_of(write(ors(maxValue=100)), "ors")

    assert any(
        "question Q2 (item q2): its highest answer is 100, but the item's is 10" in fault for fault in told
    )


def test_a_heading_between_questions_goes_with_the_next_one_and_no_text_is_lost(write):
    content = seven()
    content["item"].insert(1, {"linkId": "d", "type": "display", "text": "Nå om kroppen."})
    (wording,) = read_wordings(write(content), get("gad-7"), **SAID)
    assert wording.items["q5"].text == "Nå om kroppen. Spørsmål 5?"

    content["item"].append({"linkId": "e", "type": "display", "text": "Takk!"})

    assert any("there is no place for the text “Takk!”" in fault for fault in faults_of(write(content)))


def spoil(**changes):
    def change(content):
        content["item"][0]["item"][2].update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (spoil(linkId="q2"), ["question q2: is q2, as is question q2", "item q3: its text is missing"]),
        (spoil(linkId="q9"), ["question q9: is no item of gad-7@1", "item q3: its text is missing"]),
        (spoil(code=[{"system": "http://loinc.org", "code": "69735-9"}]), ["say different items: q3, q5"]),
        (spoil(type="string"), ["(item q3): its type is string; for a likert item it is choice or integer"]),
        (spoil(repeats=True), ["question q3: takes several answers"]),
        (spoil(text=" "), ["item q3: `text` is empty"]),
        (spoil(answerOption=[]), ["the numbers of its answers are none, but the item's are 0, 1, 2, 3"]),
        (
            spoil(answerOption=choice("", "", first=1)["answerOption"]),
            ["the numbers of its answers are 1, 2, 3, 4, but the item's are 0, 1, 2, 3"],
        ),
        (
            spoil(answerOption=choice("", "", labels=(*LABELS, "aldri"))["answerOption"]),
            ["the numbers of its answers are 0, 1, 2, 3, 4, but"],
        ),
        (
            spoil(answerOption=[{"valueCoding": {"code": "LA1", "display": "aldri"}}]),
            ["the answer “aldri” has no number: give it the extension ordinalValue"],
        ),
        (spoil(answerOption=[{"valueDate": "2024-01-01"}]), ["no coding, whole number or text"]),
        (
            spoil(answerOption=[{**ordinal(1), "valueCoding": {"display": "x", **ordinal(2)}}]),
            ["question q3: one of its answers has two numbers, 1 and 2"],
        ),
        (
            spoil(answerOption=None, answerValueSet="http://example.org/ValueSet/x"),
            ["its answers stand elsewhere (http://example.org/ValueSet/x)"],
        ),
        (
            lambda content: content["item"].pop(),
            ["item q5: its text is missing", "item q7: its text is missing"],
        ),
        (
            lambda content: content.pop("title"),
            ["wording nb: `title` is empty"],
        ),
        (lambda content: content.update(item=[]), ["there is no question in it"]),
        (lambda content: content.update(item="x"), ["there is no question in it"]),
    ],
)
def test_what_does_not_fit_is_refused_with_what_differs(write, change, problems):
    content = seven()
    change(content)

    told = faults_of(write(content))

    assert [problem for problem in problems if not any(problem in fault for fault in told)] == [], told


def test_many_faults_are_told_at_once(write):
    content = seven(language=None, copyright=None)
    spoil(linkId="x")(content)
    content["item"][0]["item"][0]["type"] = "text"

    told = faults_of(write(content), licence="", translator="")

    for problem in (
        "--language",
        "--licence",
        "--translator",
        "question x: is no item",
        "(item q1): its type is text",
    ):
        assert any(problem in fault for fault in told), problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not valid JSON"),
        ("[]", "has no `resourceType`; it must be one FHIR R4 Questionnaire"),
        ('{"resourceType": "Bundle"}', "holds a Bundle; it must be"),
        ("[" * 100_000, "nested too deeply"),
        ("\ufeff{}", "has no `resourceType`"),
    ],
)
def test_a_file_that_is_no_questionnaire(write, content, problem):
    (told,) = faults_of(write(content))

    assert problem in told


def test_a_byte_that_is_no_utf_8(tmp_path):
    path = tmp_path / "wording.json"
    path.write_bytes(b'{"title": "\xe5"}')

    assert "is not UTF-8 (byte 12)" in faults_of(path)[0]


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "q1", "choice", "nb", HL7 + "ordinalValue"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["item", "linkId", "type", "text", "_text", "answerOption", "valueCoding", "extension", "url"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.data(), junk)
def test_nonsense_anywhere_is_refused_or_harmless_but_never_a_crash(tmp_path_factory, data, nonsense):
    content = copy.deepcopy(seven())
    node = content
    for _ in range(data.draw(st.integers(0, 6))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        inside = [key for key in keys if isinstance(node[key], dict | list)]
        if not inside:
            break
        node = node[data.draw(st.sampled_from(inside))]
    if node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        node[data.draw(st.sampled_from(keys))] = nonsense
    path = tmp_path_factory.mktemp("fhir") / "w.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    with contextlib.suppress(InstrumentFaults):
        wordings = read_wordings(path, get("gad-7"), **SAID)

        assert wordings
        assert all(len(wording.items) == 7 for wording in wordings)
        assert all(
            item.text and len(item.options) == 4 for wording in wordings for item in wording.items.values()
        )
