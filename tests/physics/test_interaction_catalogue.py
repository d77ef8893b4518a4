"""What each interaction is made of: charges, powers of x, shapes, errors."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

from bayes_cevns.errors import ArgumentError, ChannelError, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor, form_factor
from bayes_cevns.physics.interactions import (
    ELECTRON,
    NUCLEUS,
    STANDARD_MODEL,
    Role,
    Sign,
    check_masses,
    gauge,
    interaction,
    interactions,
)
from bayes_cevns.physics.interactions.gauge import TABLE
from bayes_cevns.physics.interactions.magnetic import MagneticMoment
from bayes_cevns.physics.interactions.scalar import ScalarMediator
from bayes_cevns.physics.interactions.standard_model import (
    MixingAngleShift,
    nuclear_standard_model,
)
from bayes_cevns.physics.interactions.sterile_dipole import SterileDipole
from bayes_cevns.physics.interactions.sterile_mediator import SterileMediator
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.physics.nuclei import target
from bayes_cevns.rates import rate
from bayes_cevns.specification.references import bibtex

XE129, XE132 = target("Xe").isotopes[3], target("Xe").isotopes[6]
GERMANIUM = target("Ge").isotopes
ENERGIES = np.array([1e-4, 1e-3, 3e-3])
HELM, POINT = form_factor("helm"), form_factor("point-like")

ALL = interactions()
ON_NUCLEI = [e for e in ALL.values() if NUCLEUS in e.scatters_on]
ON_ELECTRONS = [e for e in ALL.values() if ELECTRON in e.scatters_on]
#: Vectors that see electric charge, and so no neutrons.
ELECTRIC = {
    *("l_e-l_mu", "l_e-l_tau", "l_mu-l_tau", "l_mu-l_tau-paper-001", "dark-photon"),
    *("millicharge", "millicharge-nu_e", "millicharge-nu_mu", "millicharge-nu_tau"),
}
COHERENT = (
    *(VectorMediator, ScalarMediator, MagneticMoment, MixingAngleShift),
    *(SterileDipole, SterileMediator),
)


def is_mediated(entry):
    """Whether x is the product of two couplings of a mediator, or the square of one."""
    return isinstance(entry, SterileMediator) or (
        entry.has_mass and entry.axis.role is Role.PROPAGATOR
    )


def name_of(entry):
    return entry.name


def test_names_match_their_keys():
    assert STANDARD_MODEL not in ALL
    for name, entry in ALL.items():
        assert entry.name == name
        assert interaction(name) is entry
        assert entry.title
        assert entry.formula
        assert entry.scatters_on
        assert set(entry.scatters_on) <= {NUCLEUS, ELECTRON}


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_every_formula_has_a_reference_with_an_entry(entry):
    assert entry.cite
    assert bibtex(entry.cite)


AXIALS = ("axial", "axial-legacy-spins", "axial-schmidt")
_FIXED, _SEEN = (Sign.FIXED, Sign.FIXED), (Sign.OBSERVABLE, Sign.OBSERVABLE)
#: What is known of the sign of x: on nuclei, on electrons; the rest is not seen on either.
SIGNS = {
    **{model.name: _FIXED for model in TABLE},
    "dark-photon": _SEEN,
    "millicharge": _SEEN,
    "millicharge-nu_e": _SEEN,
    "millicharge-nu_mu": _SEEN,
    "millicharge-nu_tau": _SEEN,
    "vector-universal": (Sign.OBSERVABLE, Sign.OBSERVABLE),
    "b-l": (Sign.FIXED, Sign.FIXED),
    "baryonic": (Sign.OBSERVABLE, Sign.UNSEEN),
    "l_mu-l_tau": (Sign.FIXED, Sign.FIXED),
    "l_mu-l_tau-paper-001": (Sign.FIXED, Sign.FIXED),
    **dict.fromkeys(AXIALS, (Sign.UNSEEN, Sign.OBSERVABLE)),
    "weak-mixing-angle": (Sign.OBSERVABLE, Sign.OBSERVABLE),
    "anapole": (Sign.OBSERVABLE, Sign.OBSERVABLE),
    "anapole-paper-003": (Sign.OBSERVABLE, Sign.OBSERVABLE),
    "charge-radius": (Sign.OBSERVABLE, Sign.OBSERVABLE),
    "sterile-oscillation": _FIXED,
    "sterile-oscillation-nu_e": _FIXED,
    "sterile-oscillation-nu_mu": _FIXED,
}


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_what_is_known_of_the_sign_of_x(entry):
    expected = SIGNS.get(entry.name, (Sign.UNSEEN, Sign.UNSEEN))
    assert (entry.sign_on([NUCLEUS]), entry.sign_on([ELECTRON])) == expected
    together = Sign.OBSERVABLE if Sign.OBSERVABLE in expected else expected[0]
    assert entry.sign_on([NUCLEUS, ELECTRON]) == together
    assert f"sign of x: {together}" in entry.summary


def linear_terms(entry, target_name: str) -> np.ndarray:
    """The terms in x of every flavour, on isotopes with and without spin or on electrons."""
    if target_name == ELECTRON:
        return entry.electron_terms(ENERGIES, 5.0)[0]
    isotopes = (XE132,) if entry.name == "axial-paper-001" else (XE129, XE132, *GERMANIUM)
    return np.stack([entry.nuclear_terms(one, ENERGIES, 5.0, HELM)[0] for one in isotopes])


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_a_sign_is_seen_where_a_term_in_x_is_there_for_some_flavour(entry):
    """What an entry says of itself against what it computes."""
    assert set(entry.interferes_on) <= set(entry.scatters_on)
    computed = {t for t in entry.scatters_on if np.any(linear_terms(entry, t) != 0.0)}
    assert set(entry.interferes_on) == computed


def test_axial_interferes_with_g_a_of_the_electron():
    """The term in x is 2 g_A: positive for nu_e (g_A = 1/2), negative for the others."""
    linear = interaction("axial").electron_terms(1e-3, 5.0)[0]
    at_5_mev = linear[:, 0] + linear[:, 1] / 5.0 + linear[:, 2] / 25.0
    assert [np.sign(at_5_mev[FLAVOURS.index(f)]) for f in ("nu_e", "nu_mu", "nu_tau")] == [
        1,
        -1,
        -1,
    ]


@pytest.mark.parametrize(
    ("source", "sign"),
    [
        ("reactor_conus_plus", 1),  # anti nu_e
        ("sns_csi_2021_prompt", -1),  # nu_mu
        ("sns_csi_2021_delayed", 1),  # nu_e and anti nu_mu
        ("solar_8b", -1),
        ("solar_pp", 1),
        ("solar_7be", 1),
    ],
)
def test_the_sign_of_axial_is_that_of_the_lagrangian_in_its_text(source, sign):
    """L = g_nu nubar gamma nu Z' - g_f fbar gamma gamma_5 f Z' is g_A + x / (sqrt2 G_F D).

    The Dirac traces of `test_dirac_traces` have the same Lagrangian flavour by flavour.
    """
    linear = rate("electron", source=source, target="Xe", interaction="axial").components(
        np.array([1.0, 10.0, 100.0]), 10.0
    )[1]
    assert np.all(np.sign(linear) == sign)
    lagrangian = "L = g_nu nubar_L gamma nu_L Z' - g_f fbar gamma gamma_5 f Z'"
    entry = interaction("axial")
    assert lagrangian in entry.coupling.definition
    assert lagrangian in entry.formula
    assert "x > 0 raises g_A" in entry.coupling.definition


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_the_quoted_coupling_and_x_are_inverse(entry):
    assert entry.coupling.power == (0.5 if is_mediated(entry) else 1.0)
    for coupling in (0.0, 3e-11, 0.5, 2.0):
        assert entry.quoted(entry.product(coupling)) == pytest.approx(coupling, rel=1e-14)
        assert entry.quoted(-entry.product(coupling)) == pytest.approx(coupling, rel=1e-14)
    assert entry.quoted([0.25, -0.25]).shape == (2,)
    for bad in (-1e-9, np.nan, np.inf, 1e61):
        with pytest.raises(ArgumentError, match="a coupling must be finite and >= 0, got"):
            entry.product(bad)


SYMBOLS = {
    "vector-universal": "sqrt(|g_nu g_f|)",
    "b-l": "g_BL",
    "baryonic": "sqrt(|g_nu g_B|)",
    "b-3l_tau": "g_B3Ltau",
    "l_e-l_mu": "g_emu",
    "l_mu-l_tau": "g_mutau",
    "dark-photon": "sqrt(|g_nu eps e|)",
    "millicharge": "|q_nu|",
    "millicharge-nu_mu": "|q_nu_mu|",
    "scalar-universal": "sqrt(|g_nu g_f|)",
    "scalar-higgs-like": "sqrt(|g_nu g_h|)",
    "scalar-leptophilic": "sqrt(|g_nu g_e|)",
    "tensor-spin": "sqrt(|g_nu g_q|)",
    "magnetic-moment": "mu_nu",
    "weak-mixing-angle": "|Delta sin^2 theta_W|",
    "anapole": "|a_nu|",
    "charge-radius": "|<r^2>|",
    "sterile-dipole": "mu_nu4",
    "sterile-dipole-nu_mu": "mu_nu_mu4",
    "sterile-vector": "sqrt(|g_nu4 g_f|)",
    "sterile-oscillation-nu_e": "sin^2(2 theta_e_s)",
}


def test_every_model_has_the_symbol_of_its_own_coupling():
    assert {name: ALL[name].coupling.symbol for name in SYMBOLS} == SYMBOLS
    units = {entry.name: entry.coupling.unit for entry in ALL.values() if not entry.has_mass}
    assert units["magnetic-moment"] == "mu_B"
    assert units["weak-mixing-angle"] == "1"
    assert units["millicharge"] == units["millicharge-nu_e"] == "e"
    assert units["anapole"] == units["charge-radius"] == "cm^2"
    assert all(entry.coupling.unit == "1" for entry in ALL.values() if is_mediated(entry))
    assert interaction("sterile-dipole-nu_e").coupling.unit == "mu_B"
    assert interaction("sterile-oscillation").coupling.unit == "1"


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_the_words_of_a_coupling_agree_with_one_another(entry):
    """Symbol, amplitude, power, unit and label of one coupling, and its summary in `list`."""
    quoted = entry.coupling
    as_quoted = {
        0.5: (f"sqrt(|{quoted.amplitude}|)", quoted.amplitude.removesuffix("^2")),
        1.0: (f"|{quoted.amplitude}|", quoted.amplitude),
    }
    assert quoted.symbol in as_quoted[quoted.power]
    assert quoted.definition
    assert quoted.label.startswith(f"${quoted.latex}$")
    assert quoted.label.endswith("$" if quoted.unit == "1" else "$]")
    MathTextParser("path").parse(quoted.label)
    MathTextParser("path").parse(f"${quoted.amplitude_latex} > 0$")
    for words in (quoted.symbol, quoted.definition, quoted.amplitude, quoted.unit_text):
        assert words in entry.summary


def test_couplings_that_mean_different_things_have_different_words():
    """Two entries with one symbol and one definition couple to the same charges."""
    meanings = {(e.coupling.symbol, e.coupling.definition) for e in ALL.values()}
    labels = {ALL[name].coupling.label for name in ("vector-universal", "b-l", "baryonic")}
    assert len(labels) == 3
    assert len(meanings) == len({e.coupling for e in ALL.values()})


def test_the_coupling_of_b_minus_l_is_a_factor_of_sqrt_3_from_that_of_the_universal_vector():
    """The factor of the definitions: g_BL = 1e-5 is sqrt(|g_nu g_f|) = 5.7735e-6, g_nu g_f < 0."""
    b_minus_l = interaction("b-l")
    universal = interaction("vector-universal")
    x = b_minus_l.product(1e-5)
    same = -universal.product(5.773502692e-6)
    mine = b_minus_l.nuclear_terms(XE132, ENERGIES, 10.0, HELM)
    theirs = universal.nuclear_terms(XE132, ENERGIES, 10.0, HELM)
    np.testing.assert_allclose(
        x * mine[0] + x**2 * mine[1], same * theirs[0] + same**2 * theirs[1], rtol=1e-8
    )


def test_unknown_name_suggests_one():
    with pytest.raises(UnknownNameError, match="did you mean 'vector-universal'"):
        interaction("vector-univers")


@pytest.mark.parametrize("entry", ON_NUCLEI, ids=name_of)
@pytest.mark.parametrize("masses", [5.0, [5.0], [1.0, 5.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
@pytest.mark.parametrize("energies", [1e-3, [1e-3], ENERGIES, ENERGIES.reshape(3, 1)])
def test_shapes_broadcast_masses_before_energies(entry, masses, energies):
    values = entry.nuclear_terms(XE132, energies, masses, HELM)
    flavours = values.shape[1]
    assert flavours in (1, 6)
    assert values.shape == (2, flavours, 3, *np.shape(masses), *np.shape(energies))
    # Every element is what a scalar call gives.
    for i in np.ndindex(np.shape(masses)):
        for j in np.ndindex(np.shape(energies)):
            one = entry.nuclear_terms(XE132, np.asarray(energies)[j], np.asarray(masses)[i], HELM)
            np.testing.assert_allclose(values[(..., *i, *j)], one, rtol=1e-14)


@pytest.mark.parametrize("entry", ON_ELECTRONS, ids=name_of)
@pytest.mark.parametrize("masses", [5.0, [5.0], [1.0, 5.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
@pytest.mark.parametrize("energies", [1e-3, [1e-3], ENERGIES, ENERGIES.reshape(3, 1)])
def test_shapes_on_electrons(entry, masses, energies):
    values = entry.electron_terms(energies, masses)
    flavours = values.shape[1]
    assert flavours in (1, 6)
    assert values.shape == (2, flavours, 3, *np.shape(masses), *np.shape(energies))
    for i in np.ndindex(np.shape(masses)):
        for j in np.ndindex(np.shape(energies)):
            one = entry.electron_terms(np.asarray(energies)[j], np.asarray(masses)[i])
            np.testing.assert_allclose(values[(..., *i, *j)], one, rtol=1e-14)


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_what_it_does_not_scatter_on_is_an_error_that_names_what_it_does(entry):
    calls = {
        NUCLEUS: lambda: entry.nuclear_terms(XE132, 1e-3, 5.0, HELM),
        ELECTRON: lambda: entry.electron_terms(1e-3, 5.0),
    }
    for what, call in calls.items():
        if what in entry.scatters_on:
            assert np.all(np.isfinite(call()))
            continue
        with pytest.raises(
            ChannelError, match=f"{re.escape(entry.name)}.*{', '.join(entry.scatters_on)}"
        ):
            call()


def test_some_lack_a_channel():
    """Guard of the test above."""
    assert ALL["baryonic"].scatters_on == (NUCLEUS,)
    assert ALL["scalar-leptophilic"].scatters_on == (ELECTRON,)


def test_b_minus_l_is_the_universal_vector_with_minus_a_third():
    """Quarks carry g/3 and neutrinos -g: 3 A x -> -A g^2."""
    universal = interaction("vector-universal").nuclear_terms(XE129, ENERGIES, 7.0, HELM)
    b_minus_l = interaction("b-l").nuclear_terms(XE129, ENERGIES, 7.0, HELM)
    np.testing.assert_allclose(b_minus_l[0], -universal[0] / 3, rtol=1e-14)
    np.testing.assert_allclose(b_minus_l[1], universal[1] / 9, rtol=1e-14)
    # Its interference has the sign of the Standard Model: it only ever adds.
    sm = nuclear_standard_model(XE129, ENERGIES, HELM)
    assert np.all(b_minus_l[0] * sm >= 0)
    assert np.all(universal[0] * sm <= 0)


def test_b_minus_l_is_the_universal_vector_on_electrons():
    """Both leptons carry -g."""
    np.testing.assert_array_equal(
        interaction("b-l").electron_terms(ENERGIES, 7.0),
        interaction("vector-universal").electron_terms(ENERGIES, 7.0),
    )


@pytest.mark.parametrize("model", TABLE, ids=lambda model: model.name)
def test_gauge_models_have_no_anomalies_with_right_handed_neutrinos(model):
    """Charges of leptons and of three generations of quarks add up to zero: B - L, L_a - L_b.

    B_y = B_1 - y B_2 - (3 - y) B_3 has -2 units of baryon number, whatever y is.
    """
    baryons = -2 if model.name == "b_y+l_mu+l_tau" else 3 * model.quarks
    assert baryons + sum(model.leptons) == 0
    entry = interaction(model.name)
    assert isinstance(entry, VectorMediator)
    assert entry.proton == entry.neutron == model.quarks
    assert entry.flavours == model.leptons * 2
    assert entry.electron == model.leptons[0]
    seen = {f for f, charge in zip(FLAVOURS, entry.flavours, strict=True) if charge}
    assert set(entry.flavours_seen) == seen


def test_the_baryonic_vector_is_a_third_of_the_universal_one():
    universal = interaction("vector-universal").nuclear_terms(XE129, ENERGIES, 7.0, HELM)
    baryonic = interaction("baryonic").nuclear_terms(XE129, ENERGIES, 7.0, HELM)
    np.testing.assert_allclose(baryonic[0], universal[0] / 3, rtol=1e-14)
    np.testing.assert_allclose(baryonic[1], universal[1] / 9, rtol=1e-14)


@pytest.mark.parametrize("name", ["scalar-universal", "scalar-universal-uds", "scalar-higgs-like"])
def test_scalars_do_not_interfere_and_need_a_flip_of_helicity(name):
    for values in (
        interaction(name).nuclear_terms(XE132, ENERGIES, 5.0, HELM),
        interaction(name).electron_terms(ENERGIES, 5.0),
    ):
        assert not values[0].any()
        assert not values[1, :, :2].any()  # only 1/E^2
        assert np.all(values[1, :, 2] > 0)


def test_quark_charges_of_a_vector():
    """Protons carry 2 u + d, neutrons u + 2 d: here they differ, so that none takes the other's."""
    up, down, mass = 0.9, -0.35, 12.0
    universal = interaction("vector-universal")
    assert isinstance(universal, VectorMediator)
    assert (universal.proton, universal.neutron) == (2 * 1 + 1, 1 + 2 * 1)
    lopsided = replace(universal, proton=2 * up + down, neutron=up + 2 * down)
    propagator = 2 * XE132.mass_mev * 1e-3 + mass**2
    charge = (54 * (2 * up + down) + 78 * (up + 2 * down)) / (
        np.sqrt(2) * 1.1663787e-11 * propagator
    )
    weak = 54 * (0.5 - 2 * 0.23857) - 39
    sm = nuclear_standard_model(XE132, 1e-3, HELM)
    linear, quadratic = lopsided.nuclear_terms(XE132, 1e-3, mass, HELM)
    np.testing.assert_allclose(linear, 2 * charge / weak * sm, rtol=1e-12)
    np.testing.assert_allclose(quadratic, (charge / weak) ** 2 * sm, rtol=1e-12)


def test_scalar_charges():
    """Q_S of 132Xe by hand: 54 protons, 78 neutrons, m_N / m_q f_q."""
    by_proton = {"u": 938.27208816 * 0.0208 / 2.16, "d": 938.27208816 * 0.0411 / 4.67}
    by_neutron = {"u": 939.56542052 * 0.0189 / 2.16, "d": 939.56542052 * 0.0451 / 4.67}
    light = 54 * sum(by_proton.values()) + 78 * sum(by_neutron.values())
    strange = (54 * 938.27208816 + 78 * 939.56542052) * 0.043 / 93.4
    sigma = 54 * 938.27208816 * (0.0208 + 0.0411 + 0.043) + 78 * 939.56542052 * (
        0.0189 + 0.0451 + 0.043
    )

    def charge(name: str) -> float:
        entry = interaction(name)
        assert isinstance(entry, ScalarMediator)
        proton, neutron = entry.nucleon_couplings()
        return 54 * proton + 78 * neutron

    assert charge("scalar-universal") == pytest.approx(light, rel=1e-12)
    assert charge("scalar-universal-uds") == pytest.approx(light + strange, rel=1e-12)
    # The quark masses drop out of the Higgs-like charge.
    assert charge("scalar-higgs-like") == pytest.approx(sigma / 246220.0, rel=1e-12)


def test_strangeness_adds_5_percent_to_the_rate():
    without = interaction("scalar-universal").nuclear_terms(XE132, 1e-3, 10.0, HELM)[1, 0, 2]
    with_it = interaction("scalar-universal-uds").nuclear_terms(XE132, 1e-3, 10.0, HELM)[1, 0, 2]
    assert with_it / without == pytest.approx(1.05, abs=2e-3)


def test_the_form_factor_enters_squared_everywhere():
    squared = float(HELM.proton(np.sqrt(2 * XE132.mass_mev * 2e-3), XE132)) ** 2
    assert 0.5 < squared < 0.95
    for entry in ON_NUCLEI:
        if isinstance(entry, COHERENT):
            helm, point = (entry.nuclear_terms(XE132, 2e-3, 5.0, f) for f in (HELM, POINT))
            assert point[1].any()
            np.testing.assert_allclose(helm, squared * point, rtol=1e-12)
    np.testing.assert_allclose(
        nuclear_standard_model(XE132, 2e-3, HELM),
        squared * nuclear_standard_model(XE132, 2e-3, POINT),
        rtol=1e-12,
    )


def test_protons_and_neutrons_have_their_own_form_factors():
    """With F_n = 0 only protons are left, with F_p = 0 only neutrons."""

    class Only(FormFactor):
        def __init__(self, proton, neutron):
            self.values = proton, neutron

        def proton(self, q_mev, _):
            return self.values[0] * np.ones_like(q_mev)

        def neutron(self, q_mev, _):
            return self.values[1] * np.ones_like(q_mev)

    for entry in ON_NUCLEI:
        if isinstance(entry, COHERENT):
            both, protons, neutrons = (
                entry.nuclear_terms(XE132, 2e-3, 5.0, Only(p, n))[1]
                for p, n in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0))
            )
            # Amplitudes add: sqrt(all) = |sqrt(protons) +- sqrt(neutrons)|, here of one sign.
            np.testing.assert_allclose(
                np.sqrt(np.abs(both)), np.sqrt(np.abs(protons)) + np.sqrt(np.abs(neutrons))
            )
            electric = isinstance(entry, MagneticMoment | MixingAngleShift | SterileDipole) or (
                isinstance(entry, VectorMediator) and entry.name in ELECTRIC
            )
            assert neutrons.any() != electric


@pytest.mark.parametrize("entry", ALL.values(), ids=name_of)
def test_a_mass_where_there_is_none_and_none_where_there_is_one(entry):
    if entry.has_mass:
        assert entry.check_masses([3, 4]).tolist() == [3.0, 4.0]
        needs = re.escape(f"needs a {entry.axis.name}, in MeV")
        with pytest.raises(ArgumentError, match=needs):
            entry.check_masses(None)
    else:
        assert entry.check_masses(None).shape == ()
        with pytest.raises(ArgumentError, match="has no mediator, got a mass of 10"):
            entry.check_masses(10.0)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, -np.inf, [1.0, -2.0], None])
def test_masses_must_be_positive_and_finite(value):
    with pytest.raises(ArgumentError, match="mediator mass must be positive and finite, in MeV"):
        check_masses(value)


def test_the_message_names_the_first_bad_mass():
    with pytest.raises(ArgumentError, match="got -2"):
        check_masses([[1.0, -2.0], [0.0, 4.0]])


def test_masses_become_floats():
    for value in (1, [1, 2], np.array([3], dtype=np.uint8), np.float32(2.0)):
        assert check_masses(value).dtype == np.float64
    assert check_masses([]).shape == (0,)


def test_the_printed_loop_has_the_coupling_of_its_model() -> None:
    """Rows may be added to the table of gauge models in any place."""
    assert interaction("l_mu-l_tau-paper-001").coupling == interaction("l_mu-l_tau").coupling


@pytest.mark.parametrize(
    ("leptons", "words"),
    [
        ((-1, -1, -1), "constructive"),
        ((0, 1, 1), "destructive"),
        ((2, -5, 0), "destructive for nu_e, constructive for nu_mu"),
        ((-3, 1, 1), "destructive for nu_mu and nu_tau, constructive for nu_e"),
    ],
)
def test_how_flavours_interfere_on_nuclei(leptons: tuple[int, ...], words: str) -> None:
    assert gauge._way(leptons) == words
