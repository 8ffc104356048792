"""Every table, permission, purpose and threat has its words in the privacy documents, and names stay text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation
from markdown_it import MarkdownIt

from medvirk.interop.processing import categories
from medvirk.interop.processing.categories import CONSENT_BASIS, PURPOSES, SAID_TO_CITIZENS, faults
from medvirk.interop.processing.document import Document, Section, Table
from medvirk.interop.processing.files import as_html, as_markdown, as_pdf
from medvirk.interop.processing.measures import ALWAYS, SETTINGS
from medvirk.interop.processing.risks import RISKS
from medvirk.interop.processing.words import duration
from medvirk.people.access import Permission
from medvirk.people.models import ConsentPurpose
from medvirk.people.privacy import Purpose

THREATS = Path(__file__).resolve().parents[3] / "docs" / "threat-model.md"


def test_every_table_and_permission_has_words():
    assert list(faults()) == []


def test_a_table_without_words_is_told(monkeypatch):
    kept = tuple(each for each in categories.CATEGORIES if "answers.Draft" not in each.tables)
    monkeypatch.setattr(categories, "CATEGORIES", kept)

    (fault,) = faults()

    assert "answers.Draft must stand in exactly one of CATEGORIES" in fault


def test_tables_kept_by_different_rules_in_one_category_are_told(monkeypatch):
    draft = next(each for each in categories.CATEGORIES if "answers.Draft" in each.tables)
    mixed = categories.Category(
        draft.words, draft.about, "answers.Draft answers.AnswerLink answers.TabletCode"
    )
    others = [
        each for each in categories.CATEGORIES if not set(mixed.tables.split()) & set(each.tables.split())
    ]
    monkeypatch.setattr(categories, "CATEGORIES", (*others, mixed))

    (fault,) = faults()

    assert "mixes" in fault


def test_a_table_that_is_gone_and_a_permission_without_words_are_told(monkeypatch):
    gone = categories.Category(categories.CATEGORIES[0].words, (), "people.Ghost")
    monkeypatch.setattr(categories, "CATEGORIES", (*categories.CATEGORIES, gone))
    monkeypatch.delitem(SAID_TO_CITIZENS, Permission.READ_LOG)

    first, second = faults()

    assert "people.Ghost" in first
    assert "READ_LOG is missing in SAID_TO_CITIZENS" in second


def test_every_purpose_has_a_basis():
    assert set(PURPOSES) == set(Purpose)
    assert set(CONSENT_BASIS) == set(ConsentPurpose)


def test_every_risk_rests_on_measures_that_there_are():
    assert set(ALWAYS).isdisjoint(SETTINGS)
    for risk in RISKS:
        assert set(risk.measures.split()) <= set(ALWAYS) | set(SETTINGS), risk.title


def test_every_threat_of_the_threat_model_is_among_the_risks():
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", THREATS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {threat for risk in RISKS for threat in risk.threats}

    assert len(rows) >= 10
    assert named == set(rows)


@pytest.mark.parametrize(
    ("months", "words"),
    [(1, "1 month"), (3, "3 months"), (12, "1 year"), (120, "10 years"), (30, "2 years and 6 months")],
)
def test_months_are_said_as_people_say_them(months, words):
    with translation.override("en"):
        assert duration(months) == words


HARMFUL = "A | B <script>alert(1)</script> [x](javascript:y) *z* `q` &amp;\n# no heading"
DOCUMENT = Document(
    language="nb",
    title=HARMFUL,
    subtitle="",
    sections=[
        Section(HARMFUL, [HARMFUL], [HARMFUL], Table("t", ["a", "b"], [[HARMFUL, HARMFUL]]), [HARMFUL])
    ],
)


def test_names_stay_text_in_markdown():
    html = MarkdownIt("commonmark").enable("table").render(as_markdown(DOCUMENT).decode())

    assert html.count("<h1>") == html.count("<h2>") == 1
    assert html.count("<td>") == 2
    assert not re.search("<script|<a |<em>|<code>", html)
    # Title, heading, paragraph, point, two cells and a box.
    assert html.count("A | B &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:y) *z* `q` &amp;amp;") == 7


def test_names_stay_text_in_html_and_on_paper():
    assert b"<script" not in as_html(DOCUMENT)
    assert as_pdf(DOCUMENT).startswith(b"%PDF")
