"""Couplings by name: what may be written, and the Lagrangians that the names stand for."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bayes_cevns.couplings.channels import ELECTRON, NUCLEUS
from bayes_cevns.couplings.coupling import FERMIONS, NamedCoupling
from bayes_cevns.couplings.flavour import UNIT
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.named import (
    CONTENT,
    full_name,
    known_names,
    named_coupling,
    standard_couplings,
)
from bayes_cevns.couplings.values import coupling_values
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation import COUPLINGS, PAIRS, Propagation, to_matrix
from bayes_cevns.physics.weak_charges import tree_charges

SIN2 = 0.23857
FERMI_PER_MEV2 = 1.1663787e-11
FLAVOURS = ("e", "mu", "tau")
PLACES = {a + b: (i, j) for i, a in enumerate(FLAVOURS) for j, b in enumerate(FLAVOURS) if i <= j}


def matrices(name: str) -> np.ndarray:
    """Return what a unit of a coupling adds to u, d, eL, eR, as matrices in flavour."""
    coupling = named_coupling(name)
    return to_matrix(coupling.contact + coupling.exchange)


def test_every_name_of_the_grammar_is_itself() -> None:
    pairs = [*(f"_{pair}" for pair in PAIRS), ""]
    names = [f"{kind}{pair}_{f}" for kind, pair, f in product(("eps", "x"), pairs, CONTENT)]
    names += [f"{n}_im" for n in names if any(p in n for p in ("_emu_", "_etau_", "_mutau_"))]
    names += ["sin2_theta_w", "lambda_nu_emu", "lambda_nu_etau_im"]
    ends = ("", "_e", "_tau", "_emu", "_mutau_im")
    names += [f"{kind}{end}" for kind in ("r2_nu", "q_nu", "mu_nu") for end in ends]
    for name in names:
        found = named_coupling(name)
        assert found.name == name
        assert found.has_mediator == name.startswith("x")
        assert found.is_moment == name.startswith(("mu_nu", "lambda_nu"))
        assert found.is_majorana == name.startswith("lambda")
        assert found.has_photon == name.startswith("q_nu")
        mixed = any(pair in f"{name}_" for pair in ("_emu_", "_etau_", "_mutau_"))
        assert found.is_diagonal == (not mixed)
    assert set(COUPLINGS) <= set(names)


def test_short_names_are_those_of_eps() -> None:
    assert full_name("ee_u") == "eps_ee_u"
    assert full_name("q") == "eps_q"
    assert full_name("emu_d_im") == "eps_emu_d_im"
    assert known_names(["eps_ee_u", "x_u"]) == ("eps_ee_u", "x_u", "ee_u")


@pytest.mark.parametrize(
    "name",
    [
        *("", "eps", "eps_", "eps_eu_u", "eps_ee", "eps_ee_s", "eps_mue_u", "eps_ee_u_im"),
        *("eps_u_im", "eps_ee_U", "eps_ee_u ", "x", "x_ee", "eps_eps_ee_u", "r2", "r2_nu_x"),
        *("mu_nu_e_im", "r2_nu_im", "q_nu_ee", "lambda_nu", "lambda_nu_e", "q_nu_mue"),
        *("mu_nu_ee", "sin2", "sin2_theta_w_e", "eps_x_u", 3, None, b"ee_u", ["ee_u"]),
    ],
)
def test_other_names_are_refused(name: object) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown coupling .*eps_ee_u"):
        named_coupling(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("pair", PLACES)
def test_a_coupling_of_two_flavours_is_hermitian(pair: str) -> None:
    i, j = PLACES[pair]
    expected = np.zeros((3, 3), complex)
    expected[i, j] = expected[j, i] = 1.0
    np.testing.assert_array_equal(matrices(f"eps_{pair}_u")[0], expected)
    if i != j:
        expected = np.zeros((3, 3), complex)
        expected[i, j], expected[j, i] = 1j, -1j
        np.testing.assert_array_equal(matrices(f"eps_{pair}_u_im")[0], expected)


def test_every_coupling_is_hermitian() -> None:
    for name in ("eps_emu_eL_im", "x_mutau_q_im", "r2_nu_mu", "sin2_theta_w", "eps_n"):
        found = matrices(name)
        np.testing.assert_array_equal(found, found.conj().swapaxes(-1, -2))


def charges(name: str) -> tuple[float, float, float, float]:
    """Return charges of proton, neutron, left- and right-handed electron of nu_e, for a unit."""
    coupling = named_coupling(name)
    vector = (coupling.contact + coupling.exchange)[:, 0]
    return (*(NUCLEUS @ vector), *(ELECTRON @ vector))


def test_contact_interactions_by_their_lagrangian() -> None:
    """L = - sqrt2 G_F eps (nu nu) (fbar gamma f): as g_V of the Standard Model, Q = Z g_p + N g_n.

    On electrons -2 sqrt2 G_F (nu nu) (g_L ebar_L gamma e_L + g_R ...), eps_V = eps_L + eps_R and
    eps_A = eps_L - eps_R.
    """
    assert charges("eps_ee_u") == (2, 1, 0, 0)
    assert charges("eps_ee_d") == (1, 2, 0, 0)
    assert charges("eps_ee_q") == (3, 3, 0, 0)
    assert charges("eps_ee_p") == pytest.approx((1, 0, 0, 0), abs=1e-15)
    assert charges("eps_ee_n") == pytest.approx((0, 1, 0, 0), abs=1e-15)
    assert charges("eps_ee_eL") == (0, 0, 1, 0)
    assert charges("eps_ee_eR") == (0, 0, 0, 1)
    for vector, axial in np.random.default_rng(1).normal(size=(3, 2)):
        left, right = 0.5 * (vector + axial), 0.5 * (vector - axial)
        found = vector * np.array(charges("eps_ee_eV")) + axial * np.array(charges("eps_ee_eA"))
        np.testing.assert_allclose(found, [0, 0, left, right], atol=1e-15)
    assert charges("eps_ee_e") == charges("eps_ee_eV")


def test_mediators_by_their_lagrangian() -> None:
    """L = (g_nu nubar_L gamma nu_L + g fbar gamma f) Z'; on chiral parts g_L ebar gamma P_L e.

    A vector coupling g is g_L = g_R = g. In units of -2 sqrt2 G_F each is g_nu g / (2 sqrt2 G_F
    m^2): half of what it is for u and d, in units of - sqrt2 G_F, where nothing is chiral.
    """
    for fermion in ("u", "d", "q", "p", "n", "e", "eV", "eA"):
        assert charges(f"x_ee_{fermion}") == charges(f"eps_ee_{fermion}")
    assert charges("x_ee_eL") == (0, 0, 0.5, 0)
    assert charges("x_ee_eR") == (0, 0, 0, 0.5)
    both = np.add(charges("x_ee_eL"), charges("x_ee_eR"))
    np.testing.assert_array_equal(both, charges("x_ee_eV"))
    # g_A of - ebar gamma gamma_5 e is g_L = g_A, g_R = -g_A.
    np.testing.assert_array_equal(
        np.subtract(charges("x_ee_eL"), charges("x_ee_eR")), charges("x_ee_eA")
    )


def test_without_flavours_all_are_alike() -> None:
    for name in ("u", "eL", "n"):
        three = sum(matrices(f"eps_{f}{f}_{name}") for f in FLAVOURS)
        np.testing.assert_array_equal(matrices(f"eps_{name}"), three)
    np.testing.assert_array_equal(
        matrices("r2_nu"), sum(matrices(f"r2_nu_{flavour}") for flavour in FLAVOURS)
    )


def test_the_standard_model() -> None:
    """g_p = 1/2 - 2 s^2, g_n = -1/2; g_L = s^2 - 1/2 (+ 1 for nu_e), g_R = s^2."""
    found = to_matrix(standard_couplings())
    np.testing.assert_allclose(found.imag, 0.0)
    for flavour in range(3):
        proton, neutron = NUCLEUS @ found[:, flavour, flavour].real
        left, right = ELECTRON @ found[:, flavour, flavour].real
        assert proton == pytest.approx(0.5 - 2 * SIN2)
        assert neutron == pytest.approx(-0.5)
        assert left == pytest.approx(SIN2 - 0.5 + (flavour == 0))
        assert right == pytest.approx(SIN2)
    assert np.all(found[:, ~np.eye(3, dtype=bool)] == 0.0)


def test_the_weak_mixing_angle_moves_the_standard_model() -> None:
    coupling = named_coupling("sin2_theta_w")
    shift = 0.013
    np.testing.assert_allclose(
        standard_couplings() + shift * coupling.contact,
        standard_couplings(tree_charges(coupling.standard + shift)),
        atol=1e-15,
    )
    assert coupling.standard == SIN2


def test_charge_radii() -> None:
    """Protons get - sqrt2 pi alpha <r^2> / (3 G_F), electrons' g_V the same with a plus."""
    alpha, fm_mev = 1 / 137.035999, 197.3269804
    shift = np.sqrt(2) * np.pi * alpha / (3 * FERMI_PER_MEV2) * 1e-32 * 1e26 / fm_mev**2
    proton, neutron, left, right = charges("r2_nu_e")
    assert proton == pytest.approx(-shift, rel=1e-6)
    assert neutron == pytest.approx(0.0, abs=1e-15)
    assert left == right == pytest.approx(0.5 * shift, rel=1e-6)
    assert np.all(named_coupling("r2_nu_mu").contact[:, 0] == 0.0)


def test_matter_of_no_charge_has_no_potential_of_photons() -> None:
    """u, d, e per electron are 2 + Y, 1 + 2 Y, 1: charges add up to zero for every Y."""
    slopes = CouplingModel.of(["r2_nu_e", "r2_nu_tau"]).matter_slopes
    for y in (0.0, 0.3, 1.1):
        np.testing.assert_allclose([2 + y, 1 + 2 * y, 1] @ slopes, 0.0, atol=1e-15)


def test_heavy_mediators_are_contact_interactions_in_matter() -> None:
    names = ["ee_u", "emu_d", "tautau_e", "mutau_eA_im", "n"]
    mass, epsilon = 300.0, 0.1
    light = CouplingModel.of([f"x_{name}" for name in names], mass_mev=mass)
    contact = CouplingModel.of(names)
    x = epsilon * np.sqrt(2) * FERMI_PER_MEV2 * mass**2
    np.testing.assert_allclose(
        x * light.matter_slopes, epsilon * contact.matter_slopes, rtol=1e-12, atol=1e-15
    )
    assert not np.any(contact.matter_slopes[3]), "axial currents do not add up in matter at rest"


def test_what_acts_on_the_way() -> None:
    assert CouplingModel.of(["ee_u"]).acts_on_the_way
    assert not CouplingModel.of(["ee_u"], matter=False).acts_on_the_way
    for name in ("u", "sin2_theta_w", "r2_nu", "mu_nu_e", "emu_eA", "x_q", "r2_nu_emu", "q_nu_e"):
        mass = 10.0 if name.startswith("x") else None
        assert not CouplingModel.of([name], mass_mev=mass).acts_on_the_way, name
    assert CouplingModel.of(["mu_nu_e", "u"]).keeps_flavours
    assert not CouplingModel.of(["emu_eA"]).keeps_flavours


def test_the_order_is_that_of_the_names() -> None:
    names = ("sin2_theta_w", "mu_nu", "eps_ee_u")
    model = CouplingModel.of(["sin2_theta_w", "mu_nu", "ee_u"])
    assert model.names == names
    np.testing.assert_array_equal(model.standard_values, [SIN2, 0.0, 0.0])
    values = dict(zip(reversed(names), (1.0, 2.0, 3.0), strict=True))
    np.testing.assert_array_equal(model.values(values), [3.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"names": []}, ArgumentError, "one coupling or more, each once, got none"),
        ({"names": ["ee_u", "eps_ee_u"]}, ArgumentError, "each once, got eps_ee_u, eps_ee_u"),
        ({"names": ["eu_u"]}, UnknownNameError, "unknown coupling 'eu_u'"),
        ({"names": ["ee_u", 3]}, ArgumentError, "a list of couplings"),
        ({"names": b"ee_u"}, ArgumentError, "a list of couplings"),
        ({"names": 5}, ArgumentError, "a list of couplings"),
        ({"names": ["x_u"]}, ArgumentError, "x_u: expected the mass of the mediator, got none"),
        ({"names": ["x_u"], "mass_mev": 0.0}, ArgumentError, "mediator mass must be positive"),
        ({"names": ["x_u"], "mass_mev": np.nan}, ArgumentError, "mediator mass must be positive"),
        ({"names": ["x_u"], "mass_mev": [1.0, 2.0]}, ArgumentError, "must be one number"),
        ({"names": ["ee_u"], "mass_mev": 1.0}, ArgumentError, r"no couplings of a mediator"),
        ({"names": ["q_nu"], "mass_mev": 1.0}, ArgumentError, r"no couplings of a mediator"),
        ({"names": ["mu_nu_e", "lambda_nu_emu"]}, ArgumentError, "or of Majorana .*, got both"),
        ({"names": ["ee_u"], "matter": "no"}, ArgumentError, "matter must be True or False"),
        ({"names": ["ee_u"], "propagation": "three"}, ArgumentError, "a Propagation"),
    ],
)
def test_wrong_models(arguments: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        CouplingModel.of(**arguments)


def test_models_of_other_things_than_couplings() -> None:
    with pytest.raises(ArgumentError, match="a tuple of couplings"):
        CouplingModel([named_coupling("ee_u")])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="what named_coupling returns"):
        CouplingModel(("ee_u",))  # type: ignore[arg-type]
    assert isinstance(named_coupling("ee_u"), NamedCoupling)
    assert CouplingModel.of(["ee_u"]).propagation == Propagation()


def test_complex_values() -> None:
    found = coupling_values({"emu_u": 0.1 - 0.2j, "x_ee_q": 1e-9, "mu_nu": 3})
    assert found == {"eps_emu_u_im": -0.2, "eps_emu_u": 0.1, "x_ee_q": 1e-9, "mu_nu": 3.0}
    i, j = PLACES["emu"]
    matrix = sum(value * matrices(name)[0] for name, value in found.items() if "emu" in name)
    assert (matrix[i, j], matrix[j, i]) == (0.1 - 0.2j, 0.1 + 0.2j)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ee_u": 1j}, "eps_ee_u is real"),
        ({"sin2_theta_w": 0.2 + 1j}, "sin2_theta_w is real"),
        ({"ee_u": 1.0, "eps_ee_u": 1.0}, "given twice"),
        ({"emu_u": 1j, "emu_u_im": 1.0}, "given twice"),
        ({"ee_u": np.inf}, "finite"),
        ({"emu_u": complex(0, np.nan)}, "expected a finite complex number"),
    ],
)
def test_wrong_values(given: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        coupling_values(given)


def test_fermions_have_a_row_each() -> None:
    assert FERMIONS == ("u", "d", "eL", "eR")
    assert all(len(row) == len(FERMIONS) for row in CONTENT.values())
    np.testing.assert_array_equal(to_matrix(UNIT), np.eye(3))
