"""Spin expectation values and structure functions."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import TableError, UnknownNameError
from bayes_cevns.physics.nuclei import isotope, target
from bayes_cevns.physics.spin import AnandSpin, KlosSpin, spin_expectation, spin_structure
from bayes_cevns.storage.resources import data_dir

KLOS = ["Na-23", "Si-29", "Ge-73", "I-127", "Xe-129", "Xe-131"]
ANAND = [label for label in KLOS if label != "Si-29"]
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def at_rest(label, a_p, a_n):
    """S(0) = (2J + 1)(J + 1)/(pi J) (a_p <S_p> + a_n <S_n>)^2."""
    j = isotope(label).spin
    s_p, s_n = spin_expectation(isotope(label))
    return (2 * j + 1) * (j + 1) / (math.pi * j) * (a_p * s_p + a_n * s_n) ** 2


def polynomial(file, *key):
    for line in (data_dir() / "nuclei" / file).read_text().splitlines():
        symbol, _, a, *rest = line.split(",") if line.count(",") > 5 else ("", "", "")
        if tuple(rest[: len(key) - 1]) == key[1:] and f"{symbol}-{a}" == key[0]:
            return [mpmath.mpf(word) for word in rest[len(key) - 1 :]]
    raise KeyError(key)


@pytest.mark.parametrize(
    ("label", "proton", "neutron"),
    [
        # Klos et al. (2013), Table I
        ("Xe-129", 0.010, 0.329),
        ("Xe-131", -0.009, -0.272),
        ("I-127", 0.342, 0.031),
        ("Ge-73", 0.031, 0.439),
        ("Na-23", 0.224, 0.024),
        ("Si-29", 0.016, 0.156),
        ("Xe-132", 0.0, 0.0),
    ],
)
def test_expectation_values(label, proton, neutron):
    assert spin_expectation(isotope(label)) == (proton, neutron)


@pytest.mark.parametrize("label", KLOS)
def test_isoscalar_structure_at_rest_has_the_spins(label):
    """S_00(0) from the expectation values: 1%, their rounding."""
    structure = spin_structure(isotope(label))
    found = structure.transverse(0.0, 0.7, 0.7) + structure.longitudinal(0.0, 0.7, 0.7)
    assert found == pytest.approx(at_rest(label, 0.7, 0.7), rel=1e-2)


@pytest.mark.parametrize("label", KLOS)
def test_two_body_currents_lower_the_isovector_spin(label):
    """S_11(0) is that of the spins times (1 + delta_a1)^2: Klos et al. find -32% to -14%."""
    bands = ("low", "central", "high")
    models = [spin_structure(isotope(label), band=band) for band in bands]
    found = [m.transverse(0.0, 0.5, -0.5) + m.longitudinal(0.0, 0.5, -0.5) for m in models]
    ratios = np.sqrt(np.array(found) / at_rest(label, 0.5, -0.5))
    assert ratios[0] < ratios[1] < ratios[2]
    np.testing.assert_allclose(ratios[[0, 2]], [0.68, 0.86], atol=6e-3)
    # The interference S_01 must belong to the same end: a square at q = 0.
    for model in (models[0], models[2]):
        assert isinstance(model, KlosSpin)
        s = [float(model.total(0.0, *a)) for a in ((0.5, 0.5), (0.5, -0.5), (1.0, 0.0))]
        s_01 = s[2] - s[0] - s[1]
        assert s_01**2 == pytest.approx(4 * s[0] * s[1], rel=2e-2)


@pytest.mark.parametrize("label", KLOS)
@pytest.mark.parametrize("model", ["klos2013", "anand2013"])
@pytest.mark.parametrize("couplings", [(1.0, 1.0), (1.0, -1.0), (1.0, 0.0), (0.3, -0.8)])
def test_two_thirds_are_transverse_at_rest(label, model, couplings):
    if label == "Si-29" and model == "anand2013":
        with pytest.raises(UnknownNameError, match=r"anand2013 'Si-29'.*Ge-73, I-127"):
            spin_structure(isotope(label), model=model)
        return
    structure = spin_structure(isotope(label), model=model)
    transverse = structure.transverse(0.0, *couplings)
    assert transverse == pytest.approx(2 * structure.longitudinal(0.0, *couplings), rel=1e-7)
    assert transverse > 0


@pytest.mark.parametrize("label", ANAND)
def test_one_body_spins_are_a_square_at_rest(label):
    """Both responses must be (a_p <S_p> + a_n <S_n>)^2 of one pair of spins, J = 1/2 to 9/2.

    The pair is that of another shell model than Klos et al.; the larger spin agrees in sign and
    within 30%.
    """
    j = isotope(label).spin
    norm = (2 * j + 1) * (j + 1) / (math.pi * j)
    structure = spin_structure(isotope(label), model="anand2013")

    def total(a_p, a_n):
        return float(structure.transverse(0.0, a_p, a_n) + structure.longitudinal(0.0, a_p, a_n))

    proton, neutron = math.sqrt(total(1, 0) / norm), math.sqrt(total(0, 1) / norm)
    sign = math.copysign(1, total(1, 1) - total(1, 0) - total(0, 1))
    assert total(0.4, -0.9) == pytest.approx(
        norm * (0.4 * proton - 0.9 * sign * neutron) ** 2, rel=1e-6
    )
    published = max(map(abs, spin_expectation(isotope(label))))
    assert max(proton, neutron) == pytest.approx(published, rel=0.3)


@pytest.mark.parametrize("label", ANAND)
@pytest.mark.parametrize("q", [0.0, 10.0, 60.0, 140.0])
def test_structure_functions_against_their_polynomials(label, q):
    """Slow twin in mpmath: isoscalar and isovector, both polarisations."""
    a = isotope(label).a
    with mpmath.workdps(30):
        b2 = mpmath.mpf("41.467") / (45 * mpmath.cbrt(a) ** -1 - 25 * mpmath.cbrt(a) ** -2)
        u = (mpmath.mpf(q) / mpmath.mpf("197.3269804")) ** 2 * b2 / 2
        total = sum(c * u**k for k, c in enumerate(polynomial("klos2013.csv", label, "s00")))
        s_00 = {
            kind: mpmath.exp(-u)
            * sum(
                c * (u / 2) ** k
                for k, c in enumerate(polynomial("anand2013.csv", label, kind, "00"))
            )
            for kind in ("transverse", "longitudinal")
        }
        share = s_00["transverse"] / (s_00["transverse"] + s_00["longitudinal"])
        expected = float(mpmath.exp(-u) * total * share)
    nucleus = isotope(label)
    # a_0 = a_p + a_n = 1
    assert spin_structure(nucleus).transverse(q, 0.5, 0.5) == pytest.approx(expected, rel=1e-9)
    bare = spin_structure(nucleus, model="anand2013")
    assert bare.transverse(q, 0.5, 0.5) == pytest.approx(float(s_00["transverse"]), rel=1e-8)
    assert bare.longitudinal(q, 0.5, 0.5) == pytest.approx(float(s_00["longitudinal"]), rel=1e-8)


@pytest.mark.parametrize("label", ANAND)
@pytest.mark.parametrize(("q", "tolerance"), [(30.0, 0.02), (60.0, 0.12)])
def test_both_shell_models_fall_off_alike(label, q, tolerance):
    """S_T(q)/S_T(0) for isoscalar couplings; the values at rest differ by up to a factor of 2."""
    models = [spin_structure(isotope(label), model=m) for m in ("klos2013", "anand2013")]
    falls = [float(m.transverse(q, 1, 1) / m.transverse(0.0, 1, 1)) for m in models]
    assert falls[0] == pytest.approx(falls[1], rel=tolerance)
    assert falls[0] < 1


def test_the_pion_pole_lowers_only_isovector_longitudinal_spin():
    bare = AnandSpin("Xe-129", 129)
    poled = AnandSpin("Xe-129", 129, pion_pole=True)
    assert spin_structure(isotope("Xe-129"), model="anand2013") == bare
    q = np.array([0.0, 50.0, 138.039])
    transverse, longitudinal = poled.polarisations(q, 0.5, -0.5)
    factor = (138.039**2 / (q**2 + 138.039**2)) ** 2
    np.testing.assert_allclose(longitudinal, bare.longitudinal(q, 0.5, -0.5) * factor, rtol=1e-12)
    np.testing.assert_array_equal(transverse, bare.transverse(q, 0.5, -0.5))
    isoscalar = (model.longitudinal(q, 0.5, 0.5) for model in (bare, poled))
    np.testing.assert_array_equal(*isoscalar)


@QUICK
@given(
    q=st.floats(0.0, 290.0),
    angle=st.floats(0.0, math.pi),
    label=st.sampled_from(KLOS),
    band=st.sampled_from(["low", "central", "high"]),
)
def test_positive_finite_and_quadratic_in_the_couplings(q, angle, label, band):
    structure = spin_structure(isotope(label), band=band)
    a_p, a_n = math.cos(angle), math.sin(angle)
    for function in (structure.transverse, structure.longitudinal):
        value = function(q, a_p, a_n)
        assert np.isfinite(value)
        assert value >= 0
        assert function(q, 3 * a_p, 3 * a_n) == pytest.approx(9 * value, rel=1e-6, abs=1e-12)


def test_nuclei_without_spin_see_nothing():
    for each in target("Xe").isotopes:
        structure = spin_structure(each)
        values = structure.transverse([1.0, 50.0], 1.0, 1.0)
        assert values.shape == structure.longitudinal(np.ones((2, 1)), 1, 1)[:, 0].shape == (2,)
        assert np.all((values > 0) == (each.a in (129, 131)))


def test_caesium_has_spins_but_no_structure_function_of_a_shell_model():
    assert spin_expectation(isotope("Cs-133")) == (-0.225, 0.002)
    with pytest.raises(UnknownNameError, match=r"spin structure klos2013 'Cs-133' .*Xe-131"):
        spin_structure(isotope("Cs-133"), model="klos2013")


@pytest.mark.parametrize("label", KLOS)
def test_the_best_model_is_that_of_klos_where_there_is_one(label):
    assert spin_structure(isotope(label)) == spin_structure(isotope(label), model="klos2013")


def test_unknown_models_and_bands():
    with pytest.raises(
        UnknownNameError, match=r"unknown spin model 'klos'; did you mean 'klos2013'"
    ):
        spin_structure(isotope("Xe-129"), model="klos")
    with pytest.raises(UnknownNameError, match=r"'middle' \(available: central, high, low\)"):
        spin_structure(isotope("Xe-129"), band="middle")


def test_the_fits_end():
    structure = spin_structure(isotope("Xe-131"))
    assert structure.transverse(296.0, 1.0, 1.0) > 0
    with pytest.raises(TableError, match=r"Xe-131: expected q up to 298 MeV.*got 400 MeV"):
        structure.transverse([10.0, 300.0, 400.0], 1.0, 1.0)
    with pytest.raises(TableError, match="got nan MeV"):
        structure.transverse([10.0, math.nan], 1.0, 1.0)
    wide = spin_structure(isotope("Xe-131"), model="anand2013")
    assert wide.transverse(400.0, 1.0, 1.0) > 0
