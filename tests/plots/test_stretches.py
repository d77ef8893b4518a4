"""Pieces of regions over masses: they go on to the nearest one, and end with a straight edge."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.plots.stretches import Piece, Region, Stretch, ends, stretches

MASSES = np.array([1.0, 2.0, 3.0, 4.0])
ONE: Region = (Piece(0.0, 1.0),)
ISLAND: Region = (Piece(0.0, 1.0), Piece(2.0, 2.5, is_reversed=True))


def shape(found: list[Stretch]) -> list[tuple[list[float], int]]:
    return [(list(part.mass), len(part.low)) for part in found]


def test_a_region_that_keeps_its_pieces_is_one_stretch() -> None:
    (found,) = stretches(MASSES, [ISLAND] * 4)
    np.testing.assert_array_equal(found.mass, MASSES)
    np.testing.assert_array_equal(found.high, [[1.0] * 4, [2.5] * 4])
    assert found.is_reversed == (False, True)
    assert [(low[0], high[0]) for low, high in found.gaps] == [(1.0, 2.0), (2.5, np.inf)]


def test_an_island_ends_at_its_last_mass() -> None:
    """What goes on between two masses is the piece from zero alone: no line to the island."""
    island, between, alone = stretches(MASSES, [ISLAND, ISLAND, ONE, ONE])
    assert shape([island, between, alone]) == [([1, 2], 2), ([2, 3], 1), ([3, 4], 1)]
    np.testing.assert_array_equal(between.high, [[1.0, 1.0]])
    assert ends(island, between) == [(2.0, 2.5)], "the straight end of the island"
    assert ends(between, alone) == []


def test_two_pieces_that_become_one_leave_the_gap_between_them_behind() -> None:
    wide: Region = (Piece(0.0, 2.6),)
    island, between, _ = stretches(MASSES[:3], [ISLAND, wide, wide])
    np.testing.assert_array_equal(between.high, [[2.5, 2.6]])
    assert ends(island, between) == [(1.0, 2.0)], "the straight end of the gap"


def test_a_region_that_is_lifted_off_zero() -> None:
    band: Region = (Piece(0.6, 1.0),)
    before, between, after = stretches(MASSES, [ONE, ONE, band, band])
    np.testing.assert_array_equal(between.low, [[0.0, 0.0]])
    assert ends(between, after) == [(0.0, 0.6)]
    assert ends(before, between) == []
    assert [(low[0], high[0]) for low, high in after.gaps] == [(0.0, 0.6), (1.0, np.inf)]


def test_pieces_are_compared_at_the_same_signal() -> None:
    """The one piece is the near one times three, as the scale is, and not the far one."""
    grown: Region = (Piece(0.0, 3.0),)
    _, between, _ = stretches(MASSES[:2], [ISLAND, grown], np.array([1.0, 3.0]))
    np.testing.assert_array_equal(between.high, [[1.0, 3.0]])
    _, between, _ = stretches(MASSES[:2], [ISLAND, grown])
    np.testing.assert_array_equal(between.high, [[2.5, 3.0]])


def test_nothing_is_drawn_across_a_mass_that_failed() -> None:
    assert shape(stretches(MASSES, [ONE, None, ISLAND, ISLAND])) == [([1], 1), ([3, 4], 2)]
    assert stretches(MASSES, [None] * 4) == []


@pytest.mark.parametrize("island", [(2.0, 2.5), (1.5, 9.0)])
def test_the_order_of_masses_does_not_matter(island: tuple[float, float]) -> None:
    """An island that appears is one that ends, seen from the other side."""
    two: Region = (Piece(0.0, 1.0), Piece(*island, is_reversed=True))
    down = stretches(MASSES, [two, two, ONE, ONE])[1]
    up = stretches(MASSES, [ONE, ONE, two, two])[1]
    np.testing.assert_array_equal(up.high, down.high[:, ::-1])


OPEN: Region = (Piece(0.0, 1.5, is_open=(False, True)),)


def test_nothing_is_outside_beyond_an_end_that_is_open() -> None:
    """Between a mass where a region ends and one where its range ends nothing is known either."""
    closed, between, cut = stretches(MASSES, [ONE, ONE, OPEN, OPEN])
    assert [bool(part.gaps) for part in (closed, between, cut)] == [True, False, False]
    assert between.is_open == cut.is_open == ((False, True),)
    assert ends(closed, between) == ends(between, cut) == []


def test_what_is_between_pieces_is_outside_whether_the_last_one_is_open_or_not() -> None:
    two: Region = (Piece(0.0, 1.0), Piece(2.0, 2.5, is_reversed=True, is_open=(False, True)))
    (found,) = stretches(MASSES, [two] * 4)
    assert [(low[0], high[0]) for low, high in found.gaps] == [(1.0, 2.0)]
    lifted: Region = (Piece(0.5, 1.0, is_open=(True, False)),)
    (found,) = stretches(MASSES, [lifted] * 4)
    assert [(low[0], high[0]) for low, high in found.gaps] == [(1.0, np.inf)]
