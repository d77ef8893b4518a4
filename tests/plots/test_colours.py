"""Colours that are used together differ for readers with any vision of colours."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from bayes_cevns.plots import ranks_and_coverage as calibration
from bayes_cevns.plots import style

#: Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291, for the whole
#: deficiency (severity 1), from https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/;
#: they act on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

#: sRGB to CIE XYZ, and its white (IEC 61966-2-1, D65).
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)

#: Least distance in CIE Lab (1976): one of 2.3 is just noticed.
LEAST = 15.0


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    relative = (XYZ @ rgb) / XYZ.sum(axis=1)
    f = np.where(
        relative > (6 / 29) ** 3, np.cbrt(relative), relative / (3 * (6 / 29) ** 2) + 4 / 29
    )
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, vision: str) -> float:
    seen = [lab(np.clip(VISIONS[vision] @ linear(colour), 0, 1)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_lab_of_known_colours() -> None:
    """White, and red of sRGB (53.24, 80.09, 67.20); greys look alike to everybody."""
    np.testing.assert_allclose(lab(linear("#ffffff")), [100, 0, 0], atol=0.01)
    np.testing.assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.02)
    for matrix in VISIONS.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-5)


TOGETHER = {
    "series": [*(s.colour for s in style.series(6)), style.INK],
    "regions": [*style.SHADES, style.INK, "#ffffff"],
    "projected regions": [*style.LINES, "#ffffff"],
    "expected limits": [style.ONE_SIGMA, style.TWO_SIGMA, style.INK, style.series(2)[1].colour],
    "ranks": [style.BAND, *(s.colour for s in style.series(2))],
}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", TOGETHER)
def test_colours_that_are_used_together_differ(name: str, vision: str) -> None:
    for one, other in combinations(TOGETHER[name], 2):
        assert distance(one, other, vision) >= LEAST, f"{one} and {other} look alike"


def test_the_simulation_finds_pairs_that_look_alike() -> None:
    """Red and green of the same lightness, and a blue and a violet, for a protanope."""
    assert distance("#b5492c", "#6b7a1e", "deuteranopia") < LEAST
    assert distance("#0b5fa5", "#7a4fa0", "protanopia") < 2.3


def test_series_with_one_colour_have_other_lines_and_markers() -> None:
    """Also those that a figure has more of than there are colours."""
    found = style.series(20)
    assert len(set(found)) == 20
    for one, other in combinations(found, 2):
        if one.colour == other.colour:
            assert (one.line, one.marker) != (other.line, other.marker)
    for one, other in zip(found, found[6:], strict=False):
        assert one.line != other.line, "the first that have the same colour"


def test_intervals_of_a_coverage_have_a_style_each() -> None:
    looks = list(calibration._INTERVALS.values())
    assert len({look.marker for look in looks}) == len({look.line for look in looks}) == len(looks)
