"""Tables whose numbers cannot be, or would make sense in another unit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import CardError, DataError, UnitWarning


@pytest.mark.parametrize("factor", [1.4, 1.001])
def test_a_probability_above_1_is_refused(factor, invented):
    card = invented(probability=factor)
    message = (
        rf"line 10, signal.cevns.template: .*'response' sums over its bins to {factor} at nominal "
        "nuisances, expected a probability above 0 and at most 1.000001"
    )
    with pytest.raises(DataError, match=message):
        bc.experiment(card)


def test_rounding_is_not(invented):
    bc.experiment(invented(probability=1 + 5e-7))


@pytest.mark.parametrize(
    ("numbers", "key"),
    [
        ({"exposure_tonne_year": 1e308}, "signal.cevns.template"),
        ({"background": 1e308}, "background.flat.template"),
        (
            {"background": 1e200, "background_unit": "1/(t yr)", "exposure_tonne_year": 1e59},
            "background.flat.template",
        ),
    ],
)
def test_numbers_that_leave_the_range_of_numbers(numbers, key, invented):
    card = invented(**numbers)
    with pytest.raises(DataError, match=rf"line \d+, {key}: .*expected a number of at most 1e\+60"):
        bc.experiment(card)


def test_a_rate_that_was_multiplied_and_kept_its_unit(invented):
    """160 events are 0.016 if they are multiplied by the exposure again."""
    wrong = {"observed": 158, "background": 160.0, "exposure_tonne_year": 1e-4}
    card = invented(**wrong, background_unit="1/(t yr)")
    message = (
        r"background flat: in its unit, '1/\(t yr\)', it makes 0.016 of 0.0654 expected counts, "
        "but 158 are observed; in 'counts' it would make 160, and all would agree"
    )
    with pytest.warns(UnitWarning, match=message):
        bc.experiment(card)


def test_counts_that_were_divided_and_kept_their_unit(invented):
    card = invented(observed=158, background=160 / 1e-2, exposure_tonne_year=1e-2)
    with pytest.warns(UnitWarning, match=r"makes 1.6e\+04 of .* in '1/\(t yr\)' it would make 160"):
        bc.experiment(card)


@pytest.mark.parametrize(
    "numbers",
    [
        {"observed": 60, "background": 5.0},  # an excess
        {"observed": 0, "background": 160.0},  # a deficit
        {"observed": 540, "background": 40.0, "exposure_tonne_year": 1.0},  # mostly signal
        {"observed": 160, "background": 160.0},
        {"observed": 160, "background": 160e3, "background_unit": "1/(t yr)"},
    ],
)
def test_what_disagrees_in_both_units_or_agrees_is_no_matter_of_units(numbers, invented):
    bc.experiment(invented(**numbers))  # warnings are errors here


def test_a_card_that_is_a_pipe_is_refused_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(CardError, match=r"pipe\.toml is no file"):
        bc.experiment(tmp_path / "pipe.toml")


def test_a_table_that_is_a_pipe_is_refused(tmp_path, invented):
    card = invented()
    (tmp_path / "invented.nc").unlink()
    os.mkfifo(tmp_path / "invented.nc")
    with pytest.raises(CardError, match=r"line 3, table: .invented\.nc. is no file"):
        bc.experiment(card)


def long_table(text: str) -> str:
    return text.replace("invented.nc", "n" * 3000)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda _: "a = " + "[" * 5000 + "]" * 5000, "tables nested"),
        (lambda _: f"[{'.'.join('a' * 5000)}]\nb = 1\n", "tables nested more than 20 deep"),
        (lambda text: text + "#" * 1_000_001, "expected 1000000 at most"),
        (long_table, r"line 3, table: 'n+\.\.\.n+' is no file"),
        (lambda text: text + f"[{'n' * 3000}]\na = 1\n", r"line 24, n+\.\.\.: unknown key"),
        (lambda text: text.replace("[background.flat", f"[background.{'n' * 3000}"), "60 at most"),
    ],
)
def test_bottomless_cards_are_one_short_line(spoil, message, tmp_path, invented):
    card = invented()
    card.write_text(spoil(card.read_text()))
    with pytest.raises(CardError, match=message) as caught:
        bc.experiment(card)
    text = str(caught.value).replace(str(tmp_path), "")
    assert "\n" not in text
    assert len(text) < 400


def test_the_path_of_a_card_that_is_too_long():
    with pytest.raises(CardError, match="cannot be read"):
        bc.experiment(Path("n" * 3000 + ".toml"))
