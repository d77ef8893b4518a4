"""Tables that end while there is still something to count."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

import bayes_cevns as bc
from bayes_cevns.cards import experiment_names
from bayes_cevns.cards.ends import LARGEST_LOSS, loss
from bayes_cevns.cli import main
from bayes_cevns.errors import CardError, RangeWarning
from bayes_cevns.sources import source

TO_1_KEV = np.geomspace(0.05, 1.0, 100)


def counts(card: Path) -> float:
    return bc.expected_counts(bc.experiment(card))["all"]["sm"]


def test_a_response_to_1_kev_says_that_it_loses_a_fifth_of_8b(invented):
    """Above 1 keV are 95.9 of 493.8 counts per tonne year."""
    whole = counts(invented(name="whole", exposure_tonne_year=1.0, observed=500))
    assert whole == pytest.approx(493.8, rel=1e-3)
    cut = invented(name="cut", recoils_kev=TO_1_KEV, exposure_tonne_year=1.0, observed=400)
    message = (
        r"cut, signal cevns: its response ends at 1 keV, where it is 100.0% of .* 'solar_8b' about "
        r"19% of the counts .*recoil_range_kev = \[0.05, 1\]"
    )
    with pytest.warns(RangeWarning, match=message):
        assert counts(cut) == pytest.approx(397.9, rel=1e-3)


def test_the_command_line_says_it_in_one_line(invented, monkeypatch, capsys):
    card = invented(recoils_kev=TO_1_KEV)
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "rates", str(card)])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert not exit_.value.code
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert line.startswith("bayes-cevns: warning: invented, signal cevns: its response ends at")
    assert "all" in out


def test_a_cut_that_the_card_declares_is_meant(invented):
    card = invented(recoils_kev=TO_1_KEV, declared="recoil_range_kev = [0.05, 1.0]")
    bc.experiment(card)  # warnings are errors here


@pytest.mark.parametrize("declared", ["[0.05, 1.2]", "[0.06, 1.0]", "[1.0, 0.05]"])
def test_a_range_that_is_not_that_of_the_table(declared, invented):
    card = invented(recoils_kev=TO_1_KEV, declared=f"recoil_range_kev = {declared}")
    with pytest.raises(CardError, match=r"line 12, signal.cevns.recoil_range_kev: declares"):
        bc.experiment(card)


def test_a_response_that_begins_too_high(invented):
    """Recoils from 0.5 keV on, where those of 0.3 keV are seen."""
    card = invented(recoils_kev=np.geomspace(0.5, 6.0, 100))
    with pytest.warns(RangeWarning, match=r"begins at 0.5 keV, where it is 100.0% .* lost beyond"):
        bc.experiment(card)


def test_another_source_that_goes_on_where_the_table_ends(invented):
    """8B ends at 4.5 keV, atmospheric neutrinos make recoils of 100 keV."""
    found = bc.experiment(invented())
    found.with_source(source("solar_hep"))
    with pytest.warns(RangeWarning, match=r"ends at 6 keV.*'atmospheric'"):
        found.with_source(source("atmospheric"))


def test_built_in_cards_declare_what_they_lose():
    """Loading one that did not would warn, which is an error here; and none declares nothing."""
    declared = set()
    for name in experiment_names():
        found = bc.experiment(name)
        found.warn_of_ends()
        signals = found.card.signal.items()
        declared |= {f"{name}.{key}" for key, s in signals if s.recoil_range_kev is not None}
    assert declared == {
        *("xenonnt_cevns.cevns", "xenonnt_2024.cevns", "xenonnt_2024_s2.cevns"),
        *("xenonnt_s2only.cevns", "pandax4t_paired.cevns", "pandax4t_us2.cevns"),
        *("dresden_ii.cevns", "dresden_ii_ybe.cevns"),
        *("xenon1t_s2only.cevns", "xenon1t_s2only.electron"),
    }


@pytest.mark.parametrize("power", [0.0, 2.5])
def test_loss_against_an_integral(power):
    """A response that goes on as the power of the energy that it has, below 0.5 and above 1 keV."""
    rate = bc.rate(source="solar_8b", target="Xe")
    recoils = np.linspace(0.5, 1.0, 60)
    above = recoils[-1] ** power
    found = loss(rate, recoils, recoils**power)

    def integral(low: float, high: float, cap: float = np.inf) -> float:
        return quad(lambda t: float(rate.total(t)) * min(t**power, cap), low, high)[0]

    parts = np.array([integral(1e-3, 0.5), integral(0.5, 1.0), integral(1.0, 4.5, above)])
    shares = parts / parts.sum()
    # Counted in steps: a few percent of what is lost.
    assert found.below == pytest.approx(shares[0], rel=0.02)
    assert found.above == pytest.approx(shares[2], rel=0.02)


def test_a_response_that_has_gone_to_zero_loses_nothing():
    rate = bc.rate(source="solar_8b", target="Xe")
    recoils = np.linspace(0.5, 1.0, 60)
    response = np.sin(np.pi * (recoils - 0.5) / 0.5) ** 8
    response[[0, -1]] = 0.0
    found = loss(rate, recoils, response)
    assert found.below == found.above == 0.0
    assert max(found.below, found.above) < LARGEST_LOSS


def test_a_source_that_reaches_nothing_loses_nothing():
    rate = bc.rate(source="solar_pp", target="Xe")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = loss(rate, np.linspace(1.0, 2.0, 5), np.ones(5))
    assert found.below == pytest.approx(1.0)
    assert found.above == 0.0
