"""The municipality's own texts, and ours where it has written none."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from medvirk.answers.actions import change_text
from medvirk.answers.models import OrganisationText, TextKey
from medvirk.answers.texts import LANGUAGES, default_text, own_texts, text_for


@pytest.fixture
def administrator(make):
    return make.viewer(make.staff("administrator"))


@pytest.fixture
def write(administrator, make):
    from django.utils import timezone

    def written(key="privacy", **body):
        return change_text(by=administrator, key=key, body=body, now=timezone.now())

    return written


@pytest.mark.parametrize("key", TextKey.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_ours_is_shown_where_nothing_is_written(db, key, language):
    text = text_for(key, language)

    assert text.language == language
    assert "<p>" in text.html
    assert default_text(key, language).rsplit("\n\n", 1)[-1].split("**")[-1].strip() in text.html


def test_a_language_without_a_text_of_ours_gets_english(db):
    text = text_for("privacy", "pl")

    assert text.language == "en"
    assert text.html == text_for("privacy", "en").html


def test_the_municipalitys_own_text_in_a_near_language_goes_before_ours(write):
    write(nb="Vårt eget.")

    for language in LANGUAGES:
        text = text_for("privacy", language)
        assert text.html == "<p>Vårt eget.</p>\n"
        assert text.language == "nb"


def test_an_emptied_text_falls_back_to_ours(write):
    before = text_for("privacy", "nb")
    write(nb="Vårt eget.")
    write(nb="  ")

    assert text_for("privacy", "nb") == before
    assert OrganisationText.objects.count() == 1


def test_saving_ours_unchanged_changes_nothing(write):
    before = text_for("privacy", "nb")

    # As a browser sends it: lines end in two signs.
    write(**{code: default_text("privacy", code).replace("\n", "\r\n") for code in LANGUAGES})

    assert own_texts("privacy") == {}
    assert text_for("privacy", "nb").digest == before.digest


def test_the_digest_changes_with_the_wording_and_not_with_the_language(write):
    before = {code: text_for("privacy", code).digest for code in LANGUAGES}
    write(en="Our own.")
    after = {code: text_for("privacy", code).digest for code in LANGUAGES}

    assert len(set(before.values())) == len(set(after.values())) == 1
    assert set(before.values()) != set(after.values())


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        "[trykk](javascript:alert(1))",
        '<a href="javascript:alert(1)">trykk</a>',
        '<p style="position:fixed">x</p>',
        "<iframe src='https://example.org'></iframe>",
        "![bilde](https://example.org/x.png)",
    ],
)
def test_what_could_run_or_load_is_cleaned_away(write, written):
    write(nb=f"Hei\n\n{written}")

    html = text_for("privacy", "nb").html

    assert html.startswith("<p>Hei</p>")
    for dangerous in ("<script", "<img", "<iframe", '<a href="javascript', "<p style"):
        assert dangerous not in html


def test_bold_lists_and_links_are_kept(write):
    write(nb="**Viktig** [lenke](https://example.org)\n\n- en\n- to")

    html = text_for("privacy", "nb").html

    assert "<strong>Viktig</strong>" in html
    assert 'href="https://example.org"' in html
    assert html.count("<li>") == 2


@pytest.mark.parametrize("role", ["practitioner", "team_leader", "manager", "secretary", "auditor"])
def test_only_an_administrator_changes_texts(make, role):
    from django.utils import timezone

    with pytest.raises(PermissionDenied):
        change_text(
            by=make.viewer(make.staff(role)), key="crisis", body={"nb": "Ring naboen"}, now=timezone.now()
        )

    assert OrganisationText.objects.count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_for_help_can_be_called_with_one_touch(db, language):
    html = text_for("crisis", language).html

    for number in ("113", "116117", "116123"):
        assert f'href="tel:{number}"' in html
