"""A worker's own figures: with intervals, hidden where they are few, and without a verdict."""

from __future__ import annotations

import pytest

from medvirk.feedback.logic.learning import FEWEST, figure, guesses, spread
from medvirk.feedback.wording.learning import guess_words, of_words, signed, spread_words


def test_a_share_has_wilsons_interval():
    found = figure(14, 20)

    assert found.share == 0.7
    # Newcombe 1998, method 3, for 14 of 20.
    assert (found.low, found.high) == pytest.approx((0.481, 0.855), abs=0.001)
    assert "14 of 20" in of_words(found)
    assert "48 and 85 %" in of_words(found)


@pytest.mark.parametrize("of", range(FEWEST))
def test_below_the_smallest_group_nothing_is_told(of):
    assert figure(of, of).share is None
    assert str(of) not in of_words(figure(of, of)).replace(str(FEWEST), "")
    assert spread([40.0] * of, top=50).middle is None
    assert guesses([(40.0, 30.0)] * of).mean is None


def test_how_scores_lie():
    found = spread([10.0, 20.0, 30.0, 40.0, 50.0], top=50)

    assert (found.low, found.middle, found.high) == (20.0, 30.0, 40.0)
    assert (found.full.count, found.full.of) == (1, 5)
    assert "30" in spread_words(found, 50)[0]


class TestGuesses:
    def test_guesses_that_are_always_too_high_lean_that_way(self):
        found = guesses([(40.0, 30.0), (42.0, 33.0), (45.0, 34.0), (44.0, 33.0), (41.0, 32.0)])

        assert found.mean == pytest.approx(10.0)
        # Student's t with 4 degrees of freedom: 2.776 · 1.0 / √5.
        assert (found.low, found.high) == pytest.approx((10 - 1.2416, 10 + 1.2416), abs=0.001)
        assert found.leans == 1
        assert "went better" in guess_words(found)[1]

    def test_too_low_is_told_as_kindly(self):
        found = guesses([(30.0, 40.0), (32.0, 41.0), (33.0, 43.0), (31.0, 40.0), (30.0, 41.0)])

        assert found.leans == -1
        assert "went worse" in guess_words(found)[1]

    def test_as_often_too_high_as_too_low_is_no_lean_though_each_may_be_far_off(self):
        found = guesses([(40.0, 30.0), (30.0, 40.0), (40.0, 30.0), (30.0, 40.0), (40.0, 30.0), (30.0, 40.0)])

        assert (found.mean, found.typical, found.leans) == (0.0, 10.0, 0)

    def test_the_sign_is_written(self):
        assert [signed(value) for value in (1.5, -2.0, 0.0)] == ["+1.5", "−2", "0"]
