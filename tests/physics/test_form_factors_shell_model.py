"""The weak form factor of Hoferichter, Menendez and Schwenk (2020)."""

from __future__ import annotations

import csv
import math

import mpmath
import numpy as np
import pytest

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.form_factors import coherent_charge, helm, hoferichter2020
from bayes_cevns.physics.nuclei import isotope, target
from bayes_cevns.storage.resources import data_dir

HBARC = 197.3269804
NUCLEON = (938.27208816 + 939.56542052) / 2
LABELS = ["I-127", "Xe-128", "Xe-131", "Xe-136", "Cs-133"]


def rows(label):
    symbol_a = isotope(label)
    with (data_dir() / "nuclei/hoferichter2020.csv").open() as stream:
        for row in csv.DictReader(line for line in stream if line[0] != "#"):
            if (int(row["z"]), int(row["a"])) == (symbol_a.z, symbol_a.a):
                yield row


def weak_form_factor(label, q, q_w_p, q_w_n):
    """Q_w F_w(q) of the paper, term by term, in mpmath and fm."""
    responses = {}
    with mpmath.workdps(30):
        k = mpmath.mpf(q) / HBARC
        for row in rows(label):
            u = k**2 * mpmath.mpf(row["b_fm"]) ** 2 / 2
            series = sum(mpmath.mpf(row[f"c{i}"]) * u**i for i in range(6))
            responses[row["operator"]] = mpmath.exp(-u / 2) * series
        half = mpmath.mpf(1) / 2
        m_p = half * (responses["m_plus"] + responses["m_minus"])
        m_n = half * (responses["m_plus"] - responses["m_minus"])
        phi_p = half * (responses["phi2_plus"] + responses["phi2_minus"])
        phi_n = half * (responses["phi2_plus"] - responses["phi2_minus"])
        t, m2 = -(k**2), (mpmath.mpf(NUCLEON) / HBARC) ** 2
        r_p, r_n, r_s = 0.7071, -0.1161, -0.0048
        k_p, k_n, k_s = 1.79284734462, -1.91304273, -0.017
        return (
            (q_w_p * (1 + r_p * t / 6 + t / (8 * m2)) + q_w_n * (r_n + r_s) * t / 6) * m_p
            + (q_w_n * (1 + (r_p + r_s) * t / 6 + t / (8 * m2)) + q_w_p * r_n * t / 6) * m_n
            - (q_w_p * (1 + 2 * k_p) + 2 * q_w_n * (k_n + k_s)) * t / (4 * m2) * phi_p
            - (q_w_n * (1 + 2 * k_p + 2 * k_s) + 2 * q_w_p * k_n) * t / (4 * m2) * phi_n
        )


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("weak_charges", [(0.0714, -0.9900), (0.09144, -1.0), (1.0, 0.0)])
def test_protons_and_neutrons_make_the_published_weak_form_factor(label, weak_charges):
    """Q_w^p = 0.0714 and Q_w^n = -0.9900 are those of the paper; g_N = Q_w^N / 2."""
    for q in (0.0, 5.0, 30.0, 80.0, 150.0):
        expected = weak_form_factor(label, q, *weak_charges)
        g_p, g_n = (charge / 2 for charge in weak_charges)
        found = coherent_charge(isotope(label), q, hoferichter2020, proton=g_p, neutron=g_n)
        assert 2 * float(found) == pytest.approx(float(expected), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("label", LABELS)
def test_charge_radii_are_those_measured(label):
    """Shell model against Angeli and Marinova (2013): 0.7%; neutrons reach further out."""
    nucleus = isotope(label)
    k = 1e-3
    radius, neutrons = (
        math.sqrt(6 * (1 - float(of(k * HBARC, nucleus)))) / k
        for of in (hoferichter2020.proton, hoferichter2020.neutron)
    )
    assert radius == pytest.approx(nucleus.charge_radius_fm, rel=7e-3)
    assert 0.2 < neutrons - radius < 0.4


def test_close_to_helm():
    """The fall-off of both agrees within 5% up to q = 60 MeV."""
    for q in (10.0, 30.0, 60.0):
        nucleus = isotope("Xe-132")
        weak, simple = (
            coherent_charge(nucleus, q, form, proton=0.02286, neutron=-0.5)
            for form in (hoferichter2020, helm)
        )
        assert weak / simple == pytest.approx(1, abs=0.05)
        assert weak != simple


def test_light_xenon_takes_the_form_factor_of_its_neighbour():
    light, neighbour = isotope("Xe-124"), isotope("Xe-128")
    for q in (0.0, 20.0, 60.0):
        for of in (hoferichter2020.proton, hoferichter2020.neutron):
            assert of(q, light) == of(q, neighbour)
    # What that does to natural xenon: take the trend from 128Xe to 132Xe instead.
    xenon = target("Xe")
    share = sum(i.abundance for i in xenon.isotopes if i.a < 128)
    for q in (20.0, 60.0):
        near, far = (hoferichter2020.neutron(q, isotope(n)) ** 2 for n in ("Xe-128", "Xe-132"))
        assert share * abs(near / far - 1) < 1e-4


@pytest.mark.parametrize("label", ["Ar-40", "Ge-73", "Na-23"])
def test_nuclei_without_coefficients(label):
    with pytest.raises(UnknownNameError, match=rf"{label}.*Cs-133, I-127, Xe-124, .*, Xe-136"):
        hoferichter2020.proton(np.array([1.0]), isotope(label))
