"""Form factors against the Fourier transform of the density they stand for."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.form_factors import (
    FORM_FACTORS,
    Helm,
    HelmRms,
    KleinNystrand,
    coherent_charge,
    form_factor,
    helm,
    helm_rms,
    klein_nystrand,
    point_like,
)
from bayes_cevns.physics.nuclei import Isotope, isotope
from bayes_cevns.specification.references import bibtex

HBARC = 197.3269804
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


XE132 = isotope("Xe-132")


def nucleus(a: int) -> Isotope:
    return Isotope(symbol="X", z=a // 2, a=a, abundance=1.0, atomic_mass_u=float(a))


def smeared_ball(radius, s):
    def density(r):
        r = max(r, 1e-9)
        up, down = (radius + r) / (math.sqrt(2) * s), (radius - r) / (math.sqrt(2) * s)
        surface = math.exp(-(up**2)) - math.exp(-(down**2))
        return (erf(up) + erf(down)) / 2 + s / (math.sqrt(2 * math.pi) * r) * surface

    return density


def transform(density, q_mev, reach_fm):
    """Integrate 4 pi r^2 density(r) sin(k r)/(k r) over a sphere, and divide by k = 0."""
    k = q_mev / HBARC
    wave = quad(lambda r: r**2 * density(r) * np.sinc(k * r / np.pi), 0, reach_fm, limit=400)[0]
    return wave / quad(lambda r: r**2 * density(r), 0, reach_fm, limit=400)[0]


@pytest.mark.parametrize("a", [40, 132])
@pytest.mark.parametrize("q_mev", [1.0, 15.7, 32.0, 60.0, 90.0])
def test_helm_is_a_ball_smeared_by_a_gaussian(a, q_mev):
    c = 1.23 * a ** (1 / 3) - 0.60
    radius = math.sqrt(c**2 + 7 / 3 * math.pi**2 * 0.52**2 - 5 * 0.9**2)
    expected = transform(smeared_ball(radius, 0.9), q_mev, radius + 9)
    found = helm.proton(q_mev, nucleus(a))
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-8)
    assert found == helm.neutron(q_mev, nucleus(a))


@pytest.mark.parametrize("q_mev", [1.0, 15.7, 32.0, 60.0])
def test_klein_nystrand_is_a_ball_folded_with_a_yukawa(q_mev):
    """The transform of a folding is the product of the transforms."""
    radius, reach = 1.23 * 132 ** (1 / 3), 0.7
    ball = transform(lambda _: 1.0, q_mev, radius)
    yukawa = transform(lambda r: math.exp(-r / reach) / max(r, 1e-12), q_mev, 40 * reach)
    assert klein_nystrand.neutron(q_mev, XE132) == pytest.approx(ball * yukawa, rel=1e-7)


@pytest.mark.parametrize(
    ("form", "mean_square_radius"),
    [
        (helm, lambda a: 0.6 * ((1.23 * a ** (1 / 3) - 0.6) ** 2 + 6.2272 - 4.05) + 3 * 0.81),
        (klein_nystrand, lambda a: 0.6 * (1.23 * a ** (1 / 3)) ** 2 + 6 * 0.49),
    ],
)
@pytest.mark.parametrize("a", [28, 74, 131])
def test_small_q_gives_the_radius(form, mean_square_radius, a):
    k = 0.02  # 1/fm
    slope = (1 - float(form.proton(k * HBARC, nucleus(a)))) * 6 / k**2
    assert slope == pytest.approx(mean_square_radius(a), rel=1e-2)


@pytest.mark.parametrize("name", FORM_FACTORS)
def test_normalisation_and_names(name):
    form = form_factor(name)
    for of_nucleons in (form.proton, form.neutron):
        assert of_nucleons(0.0, XE132) == pytest.approx(1.0, rel=1e-14)
        assert of_nucleons([0.0, 1.0], XE132).shape == (2,)
        assert of_nucleons(np.zeros((2, 3)), XE132).shape == (2, 3)
        assert of_nucleons(40, XE132).dtype == float


@pytest.mark.parametrize("name", FORM_FACTORS)
def test_every_form_factor_can_be_cited(name):
    keys = form_factor(name).cite
    assert bibtex(keys).count("@article") == len(keys)
    assert (len(keys) == 0) == (name == "point-like")


def test_point_like_is_one_everywhere():
    np.testing.assert_array_equal(point_like.proton([[0.0, 50.0]], XE132), [[1.0, 1.0]])


@pytest.mark.parametrize("form", [helm, klein_nystrand])
def test_no_step_where_the_series_takes_over(form):
    """3 j1(x)/x switches from its series to its closed form at x = 0.01.

    The series is good to rounding; the closed form loses five digits there, to 1e-11.
    """
    a = 132
    edge = 0.01
    if form is helm:
        c = 1.23 * a ** (1 / 3) - 0.60
        radius = math.sqrt(c**2 + 7 / 3 * math.pi**2 * 0.52**2 - 5 * 0.9**2)
    else:
        radius = 1.23 * a ** (1 / 3)
    for x in (edge * (1 - 1e-9), edge * (1 + 1e-9), 0.003, 0.03):
        k = x / radius
        with mpmath.workdps(40):
            y = mpmath.mpf(x)
            ball = 3 * (mpmath.sin(y) - y * mpmath.cos(y)) / y**3
            damping = (
                mpmath.exp(-((k * 0.9) ** 2) / 2) if form is helm else 1 / (1 + (k * 0.7) ** 2)
            )
            expected = float(ball * damping)
        precision = 1e-14 if x < edge else 1e-11
        assert form.proton(k * HBARC, nucleus(a)) == pytest.approx(expected, rel=precision)


@QUICK
@given(low=st.floats(1e-3, 30.0), step=st.floats(0.1, 10.0), a=st.integers(20, 140))
def test_falls_with_q_below_its_first_zero(low, step, a):
    for form in (helm, klein_nystrand):
        assert 1.0 >= form.proton(low, nucleus(a)) > form.proton(low + step, nucleus(a)) > 0


def test_unknown_form_factor_suggests_a_name():
    with pytest.raises(UnknownNameError, match=r"unknown form factor 'Helm'; did you mean 'helm'"):
        form_factor("Helm")


@pytest.mark.parametrize(("label", "radius"), [("Cs-133", 4.8041), ("Ar-40", 3.4274)])
@pytest.mark.parametrize("q_mev", [1.0, 32.0, 90.0])
def test_helm_rms_has_the_radii_of_protons_and_neutrons(label, radius, q_mev):
    """Charge radii of Angeli and Marinova (2013); the density has the rms radius it is given."""
    nucleus = isotope(label)
    forms = [(helm_rms.proton, radius), (helm_rms.neutron, radius + 0.2)]
    for of_nucleons, rms in forms:
        ball = math.sqrt(5 / 3 * rms**2 - 5 * 0.9**2)
        density = smeared_ball(ball, 0.9)
        square = quad(lambda r, f=density: r**4 * f(r), 0, ball + 9)[0]
        norm = quad(lambda r, f=density: r**2 * f(r), 0, ball + 9)[0]
        assert math.sqrt(square / norm) == pytest.approx(rms, rel=1e-9)
        expected = transform(density, q_mev, ball + 9)
        assert of_nucleons(q_mev, nucleus) == pytest.approx(expected, rel=1e-7, abs=1e-8)


def test_neutron_radii_may_be_given():
    shifted, given = HelmRms(neutron_shift_fm=0.5), HelmRms(neutron_radii_fm=(("Xe-132", 5.3),))
    assert shifted.neutron_radius_fm(XE132) == pytest.approx(5.2859)
    assert given.neutron_radius_fm(XE132) == 5.3
    assert given.neutron_radius_fm(isotope("Xe-131")) == pytest.approx(4.9808)
    assert given.proton(50.0, XE132) == shifted.proton(50.0, XE132) == helm_rms.proton(50.0, XE132)
    values = [form.neutron(50.0, XE132) for form in (helm_rms, shifted, given)]
    assert values[0] > values[1] > values[2] > 0
    assert HelmRms(proton_radii_fm=(("Xe-132", 5.0),)).neutron_radius_fm(XE132) == 5.2
    same = HelmRms(neutron_shift_fm=0.0)
    assert same.neutron(50.0, XE132) == same.proton(50.0, XE132)


@pytest.mark.parametrize("radius", [1.5, -4.0, math.nan, math.inf])
def test_impossible_radii(radius):
    form = HelmRms(neutron_radii_fm=(("Xe-132", radius),))
    with pytest.raises(ArgumentError, match=r"Xe-132 needs an rms radius above .* = 1.56 fm, got"):
        form.neutron(1.0, XE132)


def test_an_isotope_without_charge_radius():
    with pytest.raises(ArgumentError, match=r"X-40 has no charge radius"):
        helm_rms.proton(1.0, nucleus(40))


def test_parameters_make_a_form_factor():
    assert Helm() == helm
    assert Helm(skin_fm=1.0) != helm
    # The same rms radius with a softer surface falls less at large q.
    assert Helm(skin_fm=1.0).proton(80.0, XE132) > helm.proton(80.0, XE132)
    assert KleinNystrand(range_fm=0.0).proton(50.0, XE132) > klein_nystrand.proton(50.0, XE132)


def test_coherent_charge():
    q = np.array([0.0, 40.0])
    found = coherent_charge(XE132, q, helm_rms, proton=0.1, neutron=-0.5)
    protons, neutrons = helm_rms.proton(q, XE132), helm_rms.neutron(q, XE132)
    np.testing.assert_allclose(found, 5.4 * protons - 39.0 * neutrons, rtol=1e-14)
    assert found[0] == pytest.approx(-33.6)


def test_the_diffraction_radius_of_majumdar_is_an_rms_radius():
    """Majumdar et al. (2022), eq. 6: R_0^2 = R^2 - 5 s^2, R = 1.2 A^(1/3) fm; R^2 = 5/3 rms^2."""
    radius = 1.2 * 132 ** (1 / 3)
    radii = (("Xe-132", math.sqrt(0.6) * radius),)
    form = HelmRms(proton_radii_fm=radii, neutron_shift_fm=0.0)
    x = 40.0 / HBARC * math.sqrt(radius**2 - 5 * 0.9**2)
    expected = 3 * (math.sin(x) - x * math.cos(x)) / x**3 * math.exp(-((40 / HBARC * 0.9) ** 2) / 2)
    for value in form.both(40.0, XE132):
        assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", FORM_FACTORS)
def test_both_are_the_one_and_the_other(name):
    form = form_factor(name)
    protons, neutrons = form.both([1.0, 50.0], XE132)
    np.testing.assert_array_equal(protons, form.proton([1.0, 50.0], XE132))
    np.testing.assert_array_equal(neutrons, form.neutron([1.0, 50.0], XE132))
