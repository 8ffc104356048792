"""Which version of a form is asked at which age."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from medvirk.instruments.ages import family_of, for_age
from medvirk.instruments.definitions import Instrument, Wording
from medvirk.instruments.loader import catalogue, get


def asked(key: str) -> Instrument:
    """As it is where the municipality has loaded a wording."""
    found = get(key)
    return replace(found, wordings={"nb": Wording("nb", key, "", {}, "", "", "")})


ADULT, CHILD = asked("ors"), asked("cors")
HERE = [ADULT, CHILD, asked("life-now")]


@pytest.mark.parametrize(
    ("age", "wanted"), [(6, CHILD), (12, CHILD), (13, ADULT), (80, ADULT), (None, ADULT), (5, ADULT)]
)
def test_the_version_follows_the_age(age, wanted):
    assert for_age(ADULT, age, HERE) == wanted


def test_from_the_childs_form_one_grows_into_the_adults():
    assert for_age(CHILD, 13, HERE) == ADULT
    assert for_age(CHILD, None, HERE) == ADULT


def test_a_version_without_wording_cannot_be_asked():
    assert for_age(ADULT, 8, [ADULT, get("cors")]) == ADULT


def test_a_form_without_versions_is_for_everybody():
    assert for_age(HERE[2], 8, HERE) == HERE[2]


def test_ages_of_a_family_do_not_overlap():
    for instrument in catalogue().values():
        held = [each.age for each in family_of(instrument, catalogue().values()) if each.age]
        for younger, older in pairwise(held):
            assert younger.high is not None
            assert younger.high < older.low
