"""Atoms as many-body systems: the ratio to the step function, in every power of a coupling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.many_body import many_body_ratio
from bayes_cevns.rates import ElectronRecoilRate, build_rate

#: Recoil energy in keV -> RRPA over stepping, read off the digitised curves by hand.
READ = {0.3: 0.81, 0.5: 0.86, 1.0: 0.86, 2.0: 0.89, 5.0: 0.86, 10.0: 0.81, 20.0: 0.74, 27.0: 0.70}
ENERGY = np.array([0.1, 0.3, 0.8, 2.0, 4.5, 12.0, 26.0, 30.0, 100.0])
#: Moment in mu_B, and g_nu g_e and mass of a mediator.
MOMENT, PRODUCT, MASS = 1e-11, 1e-13, 0.05


def electrons(theory: bc.Theory, interaction: str | None = None) -> ElectronRecoilRate:
    new = None if interaction is None else bc.interaction(interaction)
    given: Any = {"source": bc.source("solar_pp"), "target": bc.target("Xe")}
    rate = build_rate("electron", interaction=new, theory=theory, **given)
    assert isinstance(rate, ElectronRecoilRate)
    return rate


@pytest.mark.parametrize(("energy", "ratio"), READ.items())
def test_the_ratio_of_the_curves(energy: float, ratio: float) -> None:
    assert float(many_body_ratio(energy, "Xe")) == pytest.approx(ratio, abs=0.012)


def test_the_whole_is_0_78_of_the_step_function() -> None:
    """From 1 to 27 keV, as the ratio of the areas of the curves."""
    energy = np.linspace(1.0, 27.0, 2601)

    def whole(atoms: str) -> float:
        given: Any = {"target": "Xe", "theory": bc.Theory(atoms=atoms)}
        rates = (bc.rate("electron", source=f"solar_{s}", **given) for s in ("pp", "7be"))
        return float(sum(rate.total(energy).sum() for rate in rates))

    assert whole("rrpa") / whole("stepping") == pytest.approx(0.78, abs=0.01)


def test_beyond_the_table() -> None:
    """Kept below and up to the K edge, then one: electrons that are far from bound are free."""
    assert many_body_ratio(0.01, "Xe") == many_body_ratio(0.2, "Xe")
    assert many_body_ratio(28.0, "Xe") == many_body_ratio(34.5, "Xe")
    lost = 1.0 - many_body_ratio([34.561, 69.122, 345.61], "Xe")
    np.testing.assert_allclose(lost / lost[0], [1.0, 0.5, 0.1])
    energy = np.geomspace(0.05, 1e4, 4000)
    assert np.all(np.abs(np.diff(many_body_ratio(energy, "Xe"))) < 0.01)  # nowhere a step
    np.testing.assert_array_equal(many_body_ratio(energy, "Ge"), 1.0)


def test_the_default_is_many_body_theory_of_xenon_alone() -> None:
    standard, rrpa, stepping = (bc.Theory(atoms=a) for a in ("standard", "rrpa", "stepping"))
    np.testing.assert_array_equal(electrons(standard).total(ENERGY), electrons(rrpa).total(ENERGY))
    found = electrons(standard).total(ENERGY) / electrons(stepping).total(ENERGY)
    np.testing.assert_allclose(found, many_body_ratio(ENERGY, "Xe"), rtol=1e-12)
    for element in ("Ge", "CsI", "Ar"):
        one, two = (
            bc.rate("electron", source="reactor", target=element, theory=t)
            for t in (standard, stepping)
        )
        np.testing.assert_array_equal(one.total(ENERGY), two.total(ENERGY))
        with pytest.raises(ArgumentError, match="has a table of Xe alone, and none of"):
            bc.rate("electron", source="reactor", target=element, theory=rrpa)


@pytest.mark.parametrize("s", [-0.2, 0.0, 0.5, 1.0, 2.2])
@pytest.mark.parametrize(
    ("name", "mass", "x"),
    [("magnetic-moment", None, MOMENT), ("vector-universal", MASS, PRODUCT), ("b-l", MASS, 1e-14)],
)
def test_new_physics_has_its_own_effect(name: str, mass: float | None, x: float, s: float) -> None:
    """r of the Standard Model, 1 + s (r - 1) of new physics, their geometric mean between."""
    found = electrons(bc.Theory(parameters={"atomic_response": s}), name).components(ENERGY, mass)
    step = electrons(bc.Theory(atoms="stepping"), name).components(ENERGY, mass)
    r = many_body_ratio(ENERGY, "Xe")
    f = 1.0 + s * (r - 1.0)
    np.testing.assert_allclose(found, step * np.stack([r, np.sqrt(r * f), f]), rtol=1e-12)
    powers = np.array([1.0, x, x**2])
    assert np.all(powers @ found >= 0.0)


def test_an_amplitude_that_cancels_is_nowhere_negative() -> None:
    """With another factor of the interference, the rate would be negative where it cancels."""
    rate = electrons(bc.Theory(parameters={"atomic_response": 0.3}), "vector-universal")
    standard, linear, quadratic = rate.components(ENERGY, MASS)
    least = standard - linear**2 / (4.0 * quadratic)
    assert np.all(least > 0.0)


COUPLINGS: dict[str, tuple[dict[str, float], str, float, float | None]] = {
    "moment": ({"mu_nu": MOMENT}, "magnetic-moment", MOMENT, None),
    "vector": (
        {"x_p": 3 * PRODUCT, "x_n": 3 * PRODUCT, "x_e": PRODUCT},
        "vector-universal",
        PRODUCT,
        MASS,
    ),
}


@pytest.mark.parametrize("which", COUPLINGS)
def test_couplings_by_name_have_the_same_effect(which: str) -> None:
    """At every node of the axis, against the table of the interaction."""
    couplings, name, x, mass = COUPLINGS[which]
    one = bc.experiment("xenonnt_er")
    one = replace(one, signals=one.signals[:1])
    model = bc.CouplingModel.of(list(couplings), mass_mev=mass, matter=False)
    (table,) = coupling_tables([one], model)
    found = table.spectra[0].counts(list(couplings.values()))
    assert found.dims == ("atomic_response", "run", "bin")
    twin = RateTable(one, bc.interaction(name)).counts(mass).transpose("component", ...)
    sm, linear, quadratic = twin.values
    expected = sm + x * linear + x**2 * quadratic
    np.testing.assert_allclose(found.values, expected, rtol=2e-5)
    assert np.ptp(expected.sum(axis=(1, 2))) > 0.1  # events, along the axis
    assert np.ptp(sm.sum(axis=(1, 2))) == 0.0


@pytest.mark.parametrize(
    "name", ["xenonnt_er", "lz_er", "pandax4t_er", "xenon_1ty_er", "xenon1t_s2only"]
)
def test_cards_of_xenon_have_the_nuisance(name: str) -> None:
    one = bc.experiment(name)
    entry = one.card.nuisance["atomic_response"]
    assert entry.shared
    for signal in one.signals:
        has = [axis.name for axis in signal.theory_axes] == ["atomic_response"]
        assert has == (signal.channel == "electron")
    assert entry.alternatives["stepping"].prior.centre == 0.0
    assert "a choice" in entry.origin


def test_limits_without_an_effect_are_those_of_the_step_function() -> None:
    """atomic_response = 0 is new physics on the step function: events of a moment."""
    one = bc.experiment("lz_er")
    parts = [
        RateTable(one, bc.interaction("magnetic-moment"), bc.Theory(atoms=a)).counts()
        for a in ("standard", "stepping")
    ]
    axis = one.signals[0].theory_axes[0]
    found = parts[0].sel(component="new_physics").transpose("atomic_response", ...).values
    at_zero = np.tensordot(axis.weights_at(0.0), found, axes=1)
    stepping = parts[1].sel(component="new_physics", atomic_response=1.0).values
    np.testing.assert_allclose(at_zero, stepping, rtol=1e-6)
