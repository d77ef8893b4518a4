"""Weak charges at tree level and with radiative corrections, against an explicit slow twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.spectrum import coupling_spectrum
from bayes_cevns.errors import PlugInError, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.weak_charges import RADIATIVE, TREE, tree_charges, weak_charges
from bayes_cevns.rates import build_rate
from bayes_cevns.sources import Source
from bayes_cevns.sources.line import Line

G_F, M_E, HBARC2, YEAR_S = 1.1663787e-11, 0.51099895, 3.89379372e-22, 365.25 * 86400
CORRECTED = bc.Theory(weak_charges="radiative")
#: By flavour: g_V^p, and (g_V, g_A) of electrons; the neutron has -0.5117 (Erler and Su 2013).
PROTON = {"nu_e": 0.0382, "nu_mu": 0.0300, "nu_tau": 0.0256}
NEUTRON = -0.5117
VA = {"nu_e": (0.9521, 0.4938), "nu_mu": (-0.0397, -0.5062), "nu_tau": (-0.0353, -0.5062)}
#: A flux of each flavour, all different, in 1/(cm^2 s) at one energy each.
FLUXES = {f: (1e6 * (1 + i), 9.0 + 2.0 * i) for i, f in enumerate(FLAVOURS)}
RECOIL_KEV = np.array([0.3, 0.9])


def of(flavours: Any = FLAVOURS) -> Source:
    return Source("lines", {f: (Line("line", FLUXES[f][1], FLUXES[f][0]),) for f in flavours})


def slow_nuclear(target: Target, recoil_kev: float, flavour: str, x: float, mass: float) -> float:
    """dR/dT with a universal vector mediator, one flavour and isotope after the other."""
    neutrino = flavour.removeprefix("anti_")
    flux, energy = FLUXES[flavour]
    total = 0.0
    for isotope in target.isotopes:
        m, t = isotope.mass_mev, recoil_kev * 1e-3
        q = np.sqrt(2 * m * t)
        proton, neutron = form_factor("standard").both(np.array([q]), isotope)
        new = 3 * x / (np.sqrt(2) * G_F * (q**2 + mass**2))
        charge = isotope.z * (PROTON[neutrino] + new) * proton[0]
        charge += isotope.n * (NEUTRON + new) * neutron[0]
        kinematics = 1 - t / energy - m * t / (2 * energy**2)
        total += isotope.abundance * flux * G_F**2 * m / np.pi * charge**2 * kinematics
    return float(total * target.atoms_per_tonne * HBARC2 * YEAR_S * 1e-3)


def slow_electron(recoil_kev: float, flavour: str, x: float, mass: float) -> float:
    """The same on one free electron, in natural units times flux."""
    neutrino = flavour.removeprefix("anti_")
    flux, energy = FLUXES[flavour]
    t = recoil_kev * 1e-3
    vector, axial = VA[neutrino]
    vector += x / (np.sqrt(2) * G_F * (2 * M_E * t + mass**2))
    left, right = (vector + axial) / 2, (vector - axial) / 2
    if flavour.startswith("anti"):
        left, right = right, left
    terms = left**2 + right**2 * (1 - t / energy) ** 2 - left * right * M_E * t / energy**2
    return float(2 * G_F**2 * M_E / np.pi * terms * flux)


@pytest.mark.parametrize("x", [0.0, 3e-11, -3e-11])
@pytest.mark.parametrize("element", ["Xe", "CsI", "Ar"])
def test_nuclei_of_every_flavour(element: str, x: float) -> None:
    """Standard Model and interference with a vector mediator of 10 MeV."""
    target = bc.target(element)
    rate = bc.rate(source=of(), target=element, interaction="vector-universal", theory=CORRECTED)
    found = rate.total(RECOIL_KEV, 10.0, x)
    expected = [sum(slow_nuclear(target, t, f, x, 10.0) for f in FLAVOURS) for t in RECOIL_KEV]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    if x == 0.0:
        alone = bc.rate(source=of(), target=element, theory=CORRECTED).total(RECOIL_KEV)
        np.testing.assert_allclose(alone, expected, rtol=1e-6)


@pytest.mark.parametrize("x", [0.0, 1e-11, -1e-11])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_electrons_of_every_flavour(flavour: str, x: float) -> None:
    theory = bc.Theory(weak_charges="radiative", atoms="free")
    given: Any = {"source": of([flavour]), "target": "Xe", "interaction": "vector-universal"}
    found = bc.rate("electron", theory=theory, **given).total(RECOIL_KEV, 1.0, x)
    slow = np.array([slow_electron(t, flavour, x, 1.0) for t in RECOIL_KEV])
    per_atom = 54 * bc.target("Xe").atoms_per_tonne * HBARC2 * YEAR_S * 1e-3
    np.testing.assert_allclose(found, slow * per_atom, rtol=1e-6)


@pytest.mark.parametrize("channel", ["cevns", "electron"])
@pytest.mark.parametrize(
    ("couplings", "name", "x", "mass"),
    [
        ({"x_p": 6e-11, "x_n": 6e-11, "x_e": 2e-11}, "vector-universal", 2e-11, 10.0),
        ({"sin2_theta_w": 0.25}, "weak-mixing-angle", 0.25 - 0.23857, None),
        ({"r2_nu": 40.0}, "charge-radius", 40e-32, None),
    ],
)
def test_couplings_by_name_have_the_same_charges(
    channel: str, couplings: dict[str, complex], name: str, x: float, mass: float | None
) -> None:
    given: Any = {"source": of(), "target": "Xe", "theory": CORRECTED}
    named = coupling_spectrum(channel, RECOIL_KEV, couplings=couplings, mass_mev=mass, **given)
    rate = bc.rate(channel, interaction=name, **given)
    np.testing.assert_allclose(named, rate.total(RECOIL_KEV, mass, x), rtol=1e-9)


def test_solar_states_have_charges_by_flavour() -> None:
    """Off-diagonal couplings of solar neutrinos: the Standard Model is that of the flavours."""
    given: Any = {"source": bc.source("solar_8b"), "target": "Xe", "theory": CORRECTED}
    small = coupling_spectrum("cevns", RECOIL_KEV, couplings={"eps_emu_u": 1e-9}, **given)
    expected = bc.rate(**{**given, "source": "solar_8b"}).total(RECOIL_KEV)
    np.testing.assert_allclose(small, expected, rtol=2e-4)  # P_ee at nodes, averaged otherwise
    tree = {**given, "theory": bc.Theory()}
    without = coupling_spectrum("cevns", RECOIL_KEV, couplings={"eps_emu_u": 1e-9}, **tree)
    assert small / without == pytest.approx(np.full(2, 1.0237), abs=1e-3)


def test_migdal_follows_the_nuclear_recoils() -> None:
    energy = np.array([0.2, 0.8])
    given: Any = {"source": of(["nu_mu"]), "target": "Xe"}
    ratio = [
        bc.rate("migdal", theory=CORRECTED, **given).total(energy)
        / bc.rate("migdal", **given).total(energy)
    ]
    charge = [
        sum(i.abundance * (i.z * p + i.n * n) ** 2 for i in bc.target("Xe").isotopes)
        for p, n in ((0.0300, NEUTRON), (0.5 - 2 * 0.23857, -0.5))
    ]
    np.testing.assert_allclose(ratio[0], charge[0] / charge[1], rtol=2e-3)


@pytest.mark.parametrize(
    ("experiment", "effect"),
    [
        ("xenonnt_cevns", 0.024),
        ("coherent_csi", 0.0185),
        ("coherent_lar", 0.016),
        ("coherent_ge", 0.017),
        ("dresden_ii", -0.0015),
        ("conus_plus", -0.0016),
    ],
)
def test_effects_on_nuclei(experiment: str, effect: float) -> None:
    one = bc.experiment(experiment)
    tree, corrected = (RateTable(one, None, t).nominal()[0] for t in (bc.Theory(), CORRECTED))
    assert corrected / tree - 1 == pytest.approx(effect, abs=5e-4)


@pytest.mark.parametrize(
    ("source", "element", "effect"), [("solar", "Xe", -0.033), ("reactor", "Ge", -0.045)]
)
def test_effects_on_electrons(source: str, element: str, effect: float) -> None:
    energy = np.linspace(1.0, 30.0, 59)
    tree, corrected = (
        bc.rate("electron", source=source, target=element, theory=t).total(energy).sum()
        for t in (bc.Theory(), CORRECTED)
    )
    assert corrected / tree - 1 == pytest.approx(effect, abs=2e-3)


def test_a_charge_radius_is_the_total_at_tree_level_and_beyond_it_with_corrections() -> None:
    """It shifts whatever amplitude there is without it, and its definition says which."""
    entry = bc.interaction("charge-radius")
    mixing = bc.interaction("weak-mixing-angle")
    given: Any = {"source": of(["nu_mu"]), "target": "Xe"}
    for theory in (bc.Theory(), CORRECTED):
        zero = bc.rate(**given, interaction=entry, theory=theory).total(RECOIL_KEV)
        np.testing.assert_array_equal(zero, bc.rate(**given, theory=theory).total(RECOIL_KEV))
        # The same shift of the amplitude, whatever it is added to.
        shift = 1e-31 * getattr(entry, "shift")  # noqa: B009  # of this kind alone
        left = bc.rate(**given, interaction=entry, theory=theory).total(RECOIL_KEV, None, 1e-31)
        right = bc.rate(**given, interaction=mixing, theory=theory).total(RECOIL_KEV, None, shift)
        np.testing.assert_allclose(left, right, rtol=1e-12)
    assert "with radiative, it is what is beyond the Standard Model" in entry.coupling.definition


def test_tree_level_is_sin2_alone() -> None:
    assert tree_charges() == TREE == weak_charges("tree") != RADIATIVE == weak_charges("radiative")
    assert TREE.alike
    assert not RADIATIVE.alike
    with pytest.raises(UnknownNameError, match="did you mean 'radiative'"):
        weak_charges("radiativ")


@dataclass(frozen=True, kw_only=True)
class Unaware(Interaction):
    """An interaction that interferes, and knows of tree level alone."""

    inner: VectorMediator

    @property
    def interferes_on(self) -> tuple[str, ...]:
        return ("nucleus", "electron")

    def nuclear_terms(self, *given: Any) -> Any:
        return self.inner.nuclear_terms(*given)

    def electron_terms(self, *given: Any) -> Any:
        return self.inner.electron_terms(*given)


@pytest.mark.parametrize("channel", ["cevns", "electron"])
def test_an_interference_at_tree_level_is_refused_with_corrections(channel: str) -> None:
    inner = bc.interaction("vector-universal")
    assert isinstance(inner, VectorMediator)
    words: Any = {name: getattr(inner, name) for name in ("title", "formula", "coupling", "cite")}
    own = Unaware(name="own", inner=inner, **words)
    given: Any = {"source": of(), "target": bc.target("Xe"), "interaction": own}
    expected = bc.rate(channel, source=of(), target="Xe", interaction=inner).components(1.0, 10.0)
    found = build_rate(channel, **given).components(1.0, 10.0)
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(PlugInError, match="'own' interferes with charges of tree level: derive"):
        build_rate(channel, **given, theory=CORRECTED).components(1.0, 10.0)
