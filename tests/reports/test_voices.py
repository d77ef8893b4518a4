"""Numbers and words in plain text and in LaTeX."""

from __future__ import annotations

import pytest

from bayes_cevns.physics.interactions import interaction
from bayes_cevns.reports.voices import Latex, Plain, listed, macro_name, significant_digits


@pytest.mark.parametrize(
    ("value", "error", "plain", "latex"),
    [
        (7.7163e-06, 2e-07, "7.7e-6", r"$7.7 \times 10^{-6}$"),
        (7.7163e-06, 2e-08, "7.72e-6", r"$7.72 \times 10^{-6}$"),
        (7.7163e-06, None, "7.72e-6", r"$7.72 \times 10^{-6}$"),
        (7.7163e-06, float("nan"), "7.72e-6", r"$7.72 \times 10^{-6}$"),
        (9.96e-06, 2e-07, "1.0e-5", r"$1.0 \times 10^{-5}$"),
        (-0.4213, 0.004, "-0.421", "$-0.421$"),
        (12.34, 5.0, "12", "$12$"),
        (0.0, 0.1, "0", "$0$"),
        (123456.0, 10.0, "1.2346e5", r"$1.2346 \times 10^{5}$"),
    ],
)
def test_a_number_has_the_digits_that_its_error_leaves(
    value: float, error: float | None, plain: str, latex: str
) -> None:
    assert Plain().number(value, error) == plain
    assert Latex().number(value, error) == latex


def test_a_rounded_number_is_as_close_as_its_digits() -> None:
    for exponent in range(-12, 7):
        for mantissa in (1.0, 1.23456, 4.9999, 9.98765):
            value = mantissa * 10.0**exponent
            digits = significant_digits(value, value / 300)
            assert float(Plain().number(value, value / 300)) == pytest.approx(
                value, rel=0.51 * 10.0 ** (1 - digits)
            )


def test_titles_and_special_signs() -> None:
    title = interaction("b-3l_mu").title
    assert Plain().title(title) == "B-3L_mu vector"
    assert Latex().title(title) == r"$B-3L_\mu$ vector"
    assert Latex().text("50% of g_BL & {x}") == r"50\% of g\_BL \& \{x\}"
    assert Latex().cite(["a", "b", "a"]) == r"~\cite{a,b}"
    assert Plain().cite([]) == Latex().cite([]) == ""
    assert listed([]) == ""


def test_macros_have_letters_alone() -> None:
    assert macro_name("b-l 0.5 MeV") == "BLZeroPointFiveMeV"
    assert macro_name("lz_8b").isalpha()
