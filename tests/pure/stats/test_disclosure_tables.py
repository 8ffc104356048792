"""Tables with hidden cells, audited by a reader who is written anew here: naive sums, one programme per cell."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from medvirk.stats.disclosure import Found, Hidden, Reason, differencing, protect_table
from medvirk.stats.disclosure.suppression import Sums, unsafe_cells
from medvirk.stats.faults import BadScoresError

#: A classic: the 3 stands alone in its row and in its column.
CLASSIC = [[20, 50, 10], [8, 19, 22], [17, 32, 3]]


def grid_of(table, groups=()):
    """True numbers laid out as `ProtectedTable.grid`, by plain loops."""
    rows = [[int(v) for v in row] for row in table]
    subtotals = [
        [sum(row[j] for row, g in zip(rows, groups, strict=True) if g == name) for j in range(len(rows[0]))]
        for name in dict.fromkeys(groups)
    ]
    total = [sum(row[j] for row in rows) for j in range(len(rows[0]))]
    return [[*row, sum(row)] for row in [*rows, *subtotals, total]]


def sums_of(height, width, rows, groups):
    """(parts, whole) of every sum in the grid, as lists of (row, column)."""
    for i in range(height):
        yield [(i, j) for j in range(width - 1)], (i, width - 1)
    names = list(dict.fromkeys(groups))
    for j in range(width):
        for n, name in enumerate(names):
            yield [(i, j) for i in range(rows) if groups[i] == name], (rows + n, j)
        yield [(i, j) for i in range(rows)], (height - 1, j)


def reader_ranges(published, rows, groups=()):
    """{cell: (least, greatest)} of every hidden cell, from what is shown, the sums, and no negative counts."""
    height, width = len(published), len(published[0])
    unknown = [(i, j) for i in range(height) for j in range(width) if isinstance(published[i][j], Hidden)]
    A, b = [], []
    for parts, whole in sums_of(height, width, rows, groups):
        left, right = np.zeros(len(unknown)), 0
        for cell, sign in [*((part, 1) for part in parts), (whole, -1)]:
            if cell in unknown:
                left[unknown.index(cell)] += sign
            else:
                right -= sign * published[cell[0]][cell[1]]
        A.append(left)
        b.append(right)
    ranges = {}
    for k, cell in enumerate(unknown):
        c = np.eye(len(unknown))[k]
        low = linprog(c, A_eq=A, b_eq=b)
        high = linprog(-c, A_eq=A, b_eq=b)
        assert low.status == 0
        assert high.status in {0, 2, 3, 4}
        ranges[cell] = (low.fun, -high.fun if high.status == 0 else np.inf)
    return ranges


def audit(table, protected, *, threshold=5, groups=(), hide_zeros=False):
    truth = grid_of(table, groups)
    published = protected.grid
    ranges = reader_ranges(published, len(table), groups)
    for i, row in enumerate(truth):
        for j, count in enumerate(row):
            small = count < threshold and (count > 0 or hide_zeros)
            if not isinstance(published[i][j], Hidden):
                assert published[i][j] == count
                assert not small, f"the small {count} in {i}, {j} is shown"
                continue
            low, high = ranges[i, j]
            assert low <= count + 1e-6
            assert high >= count - 1e-6
            assert high - low >= threshold - 1e-6
            if small:
                assert low <= 1e-6
                assert high >= threshold - 1e-6


counts = st.one_of(st.integers(0, 7), st.integers(0, 60))


@st.composite
def tables(draw, largest=8):
    rows, columns = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.lists(st.lists(counts, min_size=columns, max_size=columns), min_size=rows, max_size=rows))


@given(tables())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_no_hidden_cell_of_a_random_table_can_be_worked_out(table):
    audit(table, protect_table(table))


@pytest.mark.parametrize("mean", [6, 20])
def test_a_large_table_is_safe_and_mostly_shown(mean):
    rng = np.random.default_rng(mean)
    table = rng.poisson(rng.gamma(1, mean, size=(8, 8)))
    small = int(((table > 0) & (table < 5)).sum())

    protected = protect_table(table)

    audit(table, protected)
    assert protected.total == table.sum()
    assert 0 < small <= protected.hidden <= small + 16


@pytest.mark.parametrize(
    "table", [CLASSIC, [[4, 9, 30], [12, 25, 8], [7, 3, 40]], [[1, 6, 9], [8, 7, 20], [30, 5, 11]]]
)
def test_no_cheaper_choice_of_cells_would_be_safe(table):
    protected = protect_table(table)
    cost = sum(table[i][j] + 1 for i, j in np.ndindex(3, 3) if isinstance(protected.cells[i][j], Hidden))
    star = Hidden(Reason.PROTECTED_CELL)

    cheaper_and_safe = []
    for choice in itertools.product([False, True], repeat=9):
        hidden = np.reshape(choice, (3, 3))
        small = np.array(table) < 5
        lone = (hidden.sum(axis=0) == 1).any() or (hidden.sum(axis=1) == 1).any()
        if (small & ~hidden).any() or lone or (np.array(table) + 1)[hidden].sum() >= cost:
            continue
        grid = grid_of(table)
        for i, j in np.argwhere(hidden):
            grid[i][j] = star
        ranges = reader_ranges(grid, 3)
        if all(
            high - low >= 5 - 1e-6 and (not small[cell] or (low <= 1e-6 and high >= 5 - 1e-6))
            for cell, (low, high) in ranges.items()
        ):
            cheaper_and_safe.append(hidden)

    assert cheaper_and_safe == []


@given(tables(largest=5), st.data())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_nor_with_subtotals_other_thresholds_and_hidden_zeros(table, data):
    groups = tuple(data.draw(st.lists(st.sampled_from("AB"), min_size=len(table), max_size=len(table))))
    threshold = data.draw(st.sampled_from([2, 3, 10]))

    protected = protect_table(table, groups=groups, threshold=threshold, hide_zeros=True)

    assert protected.groups == tuple(dict.fromkeys(groups))
    audit(table, protected, threshold=threshold, groups=groups, hide_zeros=True)


@given(tables(largest=4))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_with_totals_already_known_they_stay_or_nothing_is_shown(table):
    protected = protect_table(table, totals_known=True)

    if isinstance(protected.total, Hidden):
        assert protected.hidden == (len(table) + 1) * (len(table[0]) + 1)
        assert protected.total.reason is Reason.WHOLE_TABLE
    else:
        truth = grid_of(table)
        assert list(protected.column_totals) == truth[-1][:-1]
        assert list(protected.row_totals) == [row[-1] for row in truth[:-1]]
        for (i, j), (low, high) in reader_ranges(protected.grid, len(table)).items():
            assert high - low >= 5 - 1e-6
            assert table[i][j] >= 5 or table[i][j] == 0 or (low <= 1e-6 and high >= 5 - 1e-6)


def test_the_audit_of_this_file_finds_a_betrayal():
    alone = protect_table(CLASSIC)
    betrayed = [list(row) for row in alone.grid]
    for i, j in itertools.product(range(3), range(3)):
        if (i, j) != (2, 2):
            betrayed[i][j] = CLASSIC[i][j]

    assert reader_ranges(betrayed, 3)[2, 2] == (3, 3)


def test_the_fewest_people_are_hidden_with_the_small_cell():
    protected = protect_table(CLASSIC)

    hidden = [(i, j) for i, j in np.ndindex(3, 3) if isinstance(protected.cells[i][j], Hidden)]
    # The 3 and three more that close a loop; both cheapest loops cost 17 + 8 + 22 = 47 or 17 + 20 + 10 = 47.
    assert len(hidden) == 4
    assert sum(CLASSIC[i][j] for i, j in hidden) == 3 + 47
    assert (protected.total, protected.row_totals, protected.column_totals) == (
        181,
        (80, 49, 52),
        (45, 101, 35),
    )


def test_whole_numbers_leave_as_much_in_doubt_as_the_programme_says():
    protected = protect_table(CLASSIC)
    (low, high) = reader_ranges(protected.grid, 3)[2, 2]

    # Every whole-number table that fits: one number decides the other three of the loop.
    hidden = [(i, j) for i, j in np.ndindex(3, 3) if isinstance(protected.cells[i][j], Hidden)]
    other_row = next(i for i, _ in hidden if i != 2)
    possible = [
        x
        for x in range(100)
        if min(20 - x, CLASSIC[other_row][2] + 3 - x, CLASSIC[other_row][0] - 3 + x) >= 0
    ]
    assert (possible[0], possible[-1]) == (low, high)


def test_a_table_without_small_counts_is_shown_whole_and_a_true_zero_is_zero():
    protected = protect_table([[0, 12], [30, 8]])

    assert protected.hidden == 0
    assert protected.cells == ((0, 12), (30, 8))


def test_zeros_can_be_hidden_when_they_speak_of_everybody_in_the_row():
    protected = protect_table([[0, 12, 9], [30, 8, 11]], hide_zeros=True)

    assert isinstance(protected.cells[0][0], Hidden)


def test_where_nothing_suffices_the_whole_table_is_hidden_with_the_reason():
    assert protect_table([[3]]).total == Hidden(Reason.WHOLE_TABLE)
    assert protect_table([[1, 2]]).cells == ((Hidden(Reason.WHOLE_TABLE),) * 2,)
    # With totals of 4 already known nothing keeps a reader from knowing that all counts are small.
    assert protect_table([[1, 3], [20, 30]], totals_known=True).hidden == 9


@pytest.mark.parametrize(
    "table",
    [
        [[5, 2, 12, 4], [7, 0, 0, 4], [6, 12, 0, 7], [3, 12, 2, 12]],
        [[0, 5, 1, 4], [0, 7, 7, 3], [6, 3, 6, 1]],
    ],
)
def test_further_cells_that_would_be_too_narrow_get_company_and_the_total_stays(table):
    protected = protect_table(table)

    audit(table, protected)
    assert protected.total == np.sum(table)


def test_the_last_look_finds_a_small_cell_shown_hemmed_in_or_known_to_be_small_and_a_narrow_neighbour():
    counts = np.array([3.0, 3, 3, 3, 9, 9])
    small = counts < 5
    sums = Sums(counts, np.zeros((1, 6)), counts, small, np.zeros(6, dtype=bool), 5)
    ranges = np.array([[3, 3], [1, 9], [0, 4], [0, 5], [7, 11], [5, 10]], dtype=float)

    unsafe = unsafe_cells(sums, np.array([False, True, True, True, True, True]), ranges)

    assert unsafe.tolist() == [True, True, True, False, True, False]


def test_all_hidden_cells_look_the_same():
    protected = protect_table(CLASSIC)

    assert {c for row in protected.grid for c in row if isinstance(c, Hidden)} == {
        Hidden(Reason.PROTECTED_CELL)
    }
    assert "3" not in repr(protected.cells[2][2])


def test_subtotals_are_sums_too():
    protected = protect_table([[3, 30], [40, 50], [10, 12]], groups=["a", "a", "b"])

    assert protected.group_rows == ((43, 80), (10, 12))
    assert protected.group_totals == (123, 22)
    assert protected.cells[2] == (10, 12)
    assert all(isinstance(cell, Hidden) for row in protected.cells[:2] for cell in row)


def test_the_same_table_is_hidden_the_same_way():
    table = np.random.default_rng(3).poisson(7, size=(6, 6))

    assert protect_table(table) == protect_table(table)


@pytest.mark.parametrize(
    ("table", "more", "faults"),
    [
        ([], {}, 1),
        ([1, 2], {}, 1),
        ([[1.5, -1], [np.nan, np.inf]], {}, 4),
        ([[1, None]], {"threshold": 1, "groups": ["a", "b"]}, 3),
        (np.ones((40, 40)), {}, 1),
    ],
)
def test_every_fault_of_a_table_is_named(table, more, faults):
    with pytest.raises(BadScoresError) as raised:
        protect_table(table, **more)

    assert len(raised.value.faults) == faults


def test_two_releases_that_differ_by_one_person_are_stopped():
    june = protect_table([[20, 50], [18, 19]])
    july = protect_table([[21, 50], [18, 29]])

    found = differencing(june, july)

    # One came in cell 0, 0; of the 11 in all that is known too, but 11 is no small count.
    assert [(e.found, e.row, e.column, e.low, e.high) for e in found] == [
        (Found.SMALL_DIFFERENCE, 0, 0, 1, 1),
        (Found.SMALL_DIFFERENCE, 0, 2, 1, 1),
        (Found.SMALL_DIFFERENCE, 2, 0, 1, 1),
    ]
    assert differencing(june, june) == ()
    assert differencing(june, protect_table([[30, 60], [28, 29]])) == ()


def test_a_hidden_count_that_the_next_release_gives_away_is_found():
    # The hidden 6 to 10 of June cannot be more than July shows in the same cell.
    june = protect_table([[3, 30], [40, 50]])
    july = protect_table([[6, 30], [40, 50]])

    found = differencing(june, july)

    assert {(e.found, e.row, e.column) for e in found} >= {
        (Found.HIDDEN_IN_OLD, 0, 0),
        (Found.HIDDEN_IN_OLD, 1, 1),
        (Found.SMALL_DIFFERENCE, 2, 2),
    }
    (first,) = [e for e in found if (e.found, e.row, e.column) == (Found.HIDDEN_IN_OLD, 0, 0)]
    assert (first.low, first.high) == (3, 3)


def test_tables_that_are_no_two_releases_of_one_are_refused():
    with pytest.raises(BadScoresError, match="differ in rows"):
        differencing(protect_table([[9, 9]]), protect_table([[9], [9]]))
    with pytest.raises(BadScoresError, match="Row 0, column 0: 20 before, 19 now"):
        differencing(protect_table([[20, 50]]), protect_table([[19, 60]]))
