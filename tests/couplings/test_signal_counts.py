"""Counts of signals with fixed flavours: beside mediator tables and sums over flavours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.possible import check_possible
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import CouplingTable, coupling_tables, of_couplings
from bayes_cevns.errors import ArgumentError, ImpossibleDataError
from bayes_cevns.physics.interactions import interaction

#: Nodes of the mass axis: between them mediator tables are interpolated, couplings are not.
MASSES = np.logspace(-2, 5, 85)
LIGHT, HEAVY = float(MASSES[28]), float(MASSES[44])
SIN2 = 0.23857

NAMES = (
    *("coherent_csi", "coherent_lar", "conus_plus", "conus_plus_spectrum", "xenonnt_er"),
    "xenonnt_cevns",
)


@cache
def loaded(name: str) -> Experiment:
    return experiment(name)


def tables(name: str, *couplings: str, **options: Any) -> CouplingTable:
    (table,) = coupling_tables([loaded(name)], CouplingModel.of(couplings, **options))
    return table


def counts(table: CouplingTable, values: Mapping[str, float]) -> list[xr.DataArray]:
    """Return the counts of each signal at some couplings, the others as in the Standard Model."""
    model = table.spectra[0].model
    standard = dict(zip(model.names, model.standard_values, strict=True))
    theta = model.values(standard | dict(values))
    return [spectra.counts(theta) for spectra in table.spectra]


def close(found: xr.DataArray, expected: xr.DataArray, rtol: float) -> None:
    """Compare counts bin by bin, relative to the largest."""
    expected = expected.transpose(*found.dims)
    largest = float(np.abs(expected).max())
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=rtol * largest)


CASES = {
    "weak mixing angle": ("weak-mixing-angle", {"sin2_theta_w": SIN2 + 0.03}, 0.03, None),
    "charge radius": ("charge-radius", {"r2_nu": 3.0}, 3e-32, None),
    "magnetic moment": ("magnetic-moment", {"mu_nu": 1e-10}, 1e-10, None),
    "millicharge": ("millicharge", {"q_nu": 1e-9}, 1e-9, None),
    "light vector": ("vector-universal", {"x_q": 3e-10, "x_e": 3e-10}, 3e-10, LIGHT),
    "heavy vector": ("vector-universal", {"x_q": 1e-8, "x_e": 1e-8}, 1e-8, HEAVY),
    "b-l": ("b-l", {"x_q": -2e-10 / 3, "x_e": 2e-10}, 2e-10, LIGHT),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_couplings_of_a_universal_model_are_its_table(name: str, case: str) -> None:
    kind, values, x, mass = CASES[case]
    table = tables(name, *values, mass_mev=mass)
    twin = RateTable(loaded(name), interaction(kind))
    for found, signal in zip(counts(table, values), twin.signals, strict=True):
        sm, linear, quadratic = signal.counts(mass).transpose("component", ...)
        expected = sm + x * linear + x**2 * quadratic
        assert float(np.abs(expected - sm).max()) > 1e-4 * float(sm.max()), "too weak to tell"
        close(found, expected, 2e-7)


@pytest.mark.parametrize("name", NAMES)
def test_no_coupling_is_the_standard_model(name: str) -> None:
    """Flavours as they come; solar ones are the same source, and the same for all of a kind."""
    table = tables(name, "sin2_theta_w", "mu_nu_e", "eps_ee_q", matter=False)
    twin = RateTable(loaded(name), None)
    for found, signal in zip(counts(table, {}), twin.signals, strict=True):
        close(found, signal.counts().sel(component="sm"), 2e-7)


GAUGE = {
    # L = sum of charges x g^2: nu_e, nu_mu, nu_tau; u, d; e.
    "own charges": ({"u": 1, "d": -0.5, "nu_e": 1, "nu_mu": -0.3, "e": 0.7}, (1, -0.3, 0)),
    "flavours": ({"q": 0.25, "nu_tau": 1, "nu_e": 2, "e": -1}, (2, 0, 1)),
}


@pytest.mark.parametrize("case", GAUGE)
@pytest.mark.parametrize("name", ["coherent_csi", "conus_plus_spectrum", "xenonnt_er"])
def test_gauge_models_by_their_charges(name: str, case: str) -> None:
    """Charge times charge is a coupling of each flavour to each fermion."""
    charges, neutrinos = GAUGE[case]
    x, up, down = 4e-10, charges.get("u", charges.get("q", 0)), charges.get("d", charges.get("q"))
    values = {
        f"x_{pair}_{fermion}": x * neutrino * charge
        for pair, neutrino in zip(("ee", "mumu", "tautau"), neutrinos, strict=True)
        for fermion, charge in (("u", up), ("d", down), ("e", charges["e"]))
    }
    table = tables(name, *values, mass_mev=LIGHT, matter=False)
    words = ",".join(f"{key}={value}" for key, value in charges.items())
    twin = RateTable(loaded(name), interaction(f"vector[{words}]"))
    for found, signal in zip(counts(table, values), twin.signals, strict=True):
        sm, linear, quadratic = signal.counts(LIGHT).transpose("component", ...)
        close(found, sm + x * linear + x**2 * quadratic, 1e-6)


@pytest.mark.parametrize("name", ["coherent_csi", "conus_plus_spectrum"])
def test_heavy_mediators_are_contact_interactions(name: str) -> None:
    """eps = x / (sqrt2 G_F m^2), twice as much for what is chiral in eps alone; per flavour."""
    mass, strength = 1e5, 0.2
    x = strength * np.sqrt(2) * 1.1663787e-11 * mass**2
    fermions = {"ee_u": x, "emu_d": x, "mutau_q_im": x, "ee_eL": 2 * x, "etau_eR": 2 * x, "eA": x}
    light = {f"x_{key}": value for key, value in fermions.items()}
    contact = {f"eps_{key}": strength for key in fermions}
    found = counts(tables(name, *light, mass_mev=mass), light)
    for one, two in zip(found, counts(tables(name, *contact), contact), strict=True):
        close(one, two, 2e-6)


NSI = {
    "eps_ee_u": 0.31,
    "eps_ee_d": -0.12,
    "eps_mumu_u": -0.2,
    "eps_mumu_d": 0.17,
    "eps_tautau_u": 0.3,
    "eps_emu_u": 0.14,
    "eps_emu_d": 0.05,
    "eps_etau_d": -0.23,
    "eps_mutau_u": 0.4,
    "eps_emu_u_im": -0.21,
    "eps_mutau_d_im": 0.18,
}
PAIRS = {"ee": (0, 0), "mumu": (1, 1), "tautau": (2, 2), "emu": (0, 1), "etau": (0, 2)}
PAIRS["mutau"] = (1, 2)


def entry(a: int, b: int, quark: str) -> complex:
    """Return eps_ab, of which eps_ba is the complex conjugate."""
    (pair,) = (name for name, place in PAIRS.items() if place in ((a, b), (b, a)))
    imaginary = NSI.get(f"eps_{pair}_{quark}_im", 0.0)
    return complex(NSI.get(f"eps_{pair}_{quark}", 0.0), imaginary if a < b else -imaginary)


def charge_squared(flavour: str) -> Callable[..., np.ndarray]:
    """Q_a^2 = [Z (g_p + 2 e_aa^u + e_aa^d) + N (g_n + ...)]^2 + sum_b |Z (2 e_ab^u + ...)|^2."""
    a = ("e", "mu", "tau").index(flavour.removeprefix("anti_").removeprefix("nu_"))

    def squared(z: np.ndarray, n: np.ndarray, energy: np.ndarray) -> np.ndarray:
        total = 0.0
        for b in range(3):
            up, down = entry(a, b, "u"), entry(a, b, "d")
            weak = z * (0.5 - 2 * SIN2) - 0.5 * n if a == b else 0.0
            total = total + np.abs(weak + z * (2 * up + down) + n * (up + 2 * down)) ** 2
        return total * np.ones_like(energy)

    return squared


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("coherent_csi", "prompt"),
        ("coherent_csi", "delayed"),
        ("coherent_lar", "delayed"),
        ("conus_plus", "cevns"),
    ],
)
def test_nsi_of_fixed_flavours(name: str, signal: str, slow_signal: Any) -> None:
    """Muon neutrinos of pions at once, nu_e and antineutrinos of muons later; reactors."""
    table = tables(name, *NSI)
    number = [each.signal.name for each in table.spectra].index(signal)
    found = counts(table, NSI)[number]
    expected = slow_signal(loaded(name), signal).counts(charge_squared)
    for axis in table.spectra[number].signal.theory_axes:
        found = found.isel({axis.name: axis.nodes.index(1.0)})
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * expected.max())


def test_the_radius_changes_all_couplings_alike() -> None:
    """A place of the theory axis is a form factor at q times the scale."""
    table = tables("coherent_csi", "ee_u", "mu_nu")
    twin = RateTable(loaded("coherent_csi"), interaction("magnetic-moment"))
    for found, signal in zip(counts(table, {"mu_nu": 2e-10}), twin.signals, strict=True):
        places = signal.counts().transpose("component", ...)
        assert float(places.sel(component="sm").std("neutron_radius_scale").max()) > 0.01
        sm, _, quadratic = places
        close(found, sm + 4e-20 * quadratic, 2e-7)


def test_compression_keeps_every_part_and_pair() -> None:
    """The components give back the counts of each part of the source and pair of charges."""
    table = tables("conus_plus", "x_ee_u", "emu_d", "mu_nu_e", mass_mev=LIGHT)
    (spectra,) = table.spectra
    response = spectra.signal.values.values
    flat = response.reshape(response.shape[0], -1)
    mixings, components = spectra.compressed
    assert spectra.count < 8
    for piece, mixing in zip(spectra.pieces, mixings, strict=True):
        found = np.einsum("pic,cr,rb->pib", mixing, components[:, 0], flat)
        expected = piece.weights[:, :, 0] @ flat
        largest = np.abs(expected).max(axis=(0, 2), keepdims=True)
        np.testing.assert_allclose(found / largest, expected / largest, rtol=0, atol=1e-6)


def test_recoils_that_are_not_seen_have_no_say() -> None:
    """They are zero in the components: what is below threshold takes no precision from the rest."""
    (spectra,) = tables("conus_plus", "ee_u").spectra
    response = spectra.signal.values.copy()
    response[3:9] = 0.0
    blind = replace(spectra, signal=replace(spectra.signal, values=response))
    _, components = blind.compressed
    assert not components[..., 3:9].any()
    assert components[..., 9:].any()
    recoils = np.tensordot(spectra.scales([0.3]), spectra.compressed[1][:, 0], axes=1)
    expected = np.tensordot(recoils, response.values, axes=1)
    np.testing.assert_allclose(blind.counts([0.3]).values, expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["coherent_csi", "conus_plus_spectrum", "xenonnt_cevns"])
def test_many_values_at_once(name: str) -> None:
    """`scales` and `nominal_counts` of a batch are those of its members."""
    table = tables(name, "ee_u", "emu_d", "sin2_theta_w")
    batch = np.random.default_rng(2).uniform(-0.3, 0.3, (2, 3, 3))
    nominal = table.nominal_counts(batch)
    assert nominal.shape == (2, 3)
    for place in np.ndindex(2, 3):
        assert nominal[place] == pytest.approx(float(table.nominal_counts(batch[place])), rel=1e-9)
        for spectra in table.spectra:
            np.testing.assert_allclose(
                spectra.scales(batch)[place], spectra.scales(batch[place]), rtol=1e-9, atol=1e-15
            )


@pytest.mark.parametrize("name", ["conus_plus", "xenonnt_cevns"])
def test_nominal_counts_are_those_at_nominal_nuisances(name: str) -> None:
    table = tables(name, "ee_u", "tautau_d")
    theta, one = np.array([0.3, -0.4]), loaded(name)
    (found,) = (spectra.counts(theta) for spectra in table.spectra)
    for axis in one.signal_axes:
        nominal = one.card.nuisance[axis.name].nominal
        found = found.isel({axis.name: axis.nodes.index(nominal)})
    assert float(table.nominal_counts(theta)) == pytest.approx(float(found.sum()), rel=1e-6)


def test_a_square_alone() -> None:
    """`counts_of_square`: what x^2 makes, without interference; and of a moment."""
    one = loaded("conus_plus")
    table = tables("conus_plus", "x_q", "mu_nu", mass_mev=LIGHT)
    for place, kind in enumerate(("vector-universal", "magnetic-moment")):
        twin = RateTable(one, interaction(kind)).nominal(LIGHT if place == 0 else None)
        assert table.counts_of_square(place) == pytest.approx(twin[2], rel=1e-6)


def test_the_axial_mediator_on_electrons() -> None:
    table = tables("xenonnt_er", "x_eA", mass_mev=LIGHT)
    twin = RateTable(loaded("xenonnt_er"), interaction("axial"))
    for found, signal in zip(counts(table, {"x_eA": 2e-10}), twin.signals, strict=True):
        sm, linear, quadratic = signal.counts(LIGHT).transpose("component", ...)
        close(found, sm + 2e-10 * linear + 4e-20 * quadratic, 2e-7)


def test_other_channels_are_refused() -> None:
    (table,) = coupling_tables([loaded("xenonnt_cevns")], CouplingModel.of(["ee_u"], matter=False))
    spectra = table.spectra[0]
    migdal = replace(spectra, signal=replace(spectra.signal, channel="migdal"))
    with pytest.raises(ArgumentError, match=r"channels cevns and electron, .* is migdal"):
        migdal.counts([0.0])
    with pytest.raises(ArgumentError, match="expected tables of named couplings"):
        of_couplings([table, RateTable(loaded("conus_plus"), None)])


def test_what_no_neutrino_can_make_is_nothing(invent: Any) -> None:
    """Components may be large beyond the end point, but cancel; impossible data are found."""
    one = invent("beyond", [3, 0, 0, 0], edges_kev=(0.3, 16.0), background=None)
    impossible = np.array([[3, 0, 0, 1]])
    for matter in (True, False):
        model = CouplingModel.of(["emu_u", "mu_nu"], matter=matter)
        (table,) = coupling_tables([one], model)
        found = table.spectra[0].counts([0.4, 1e-10]).values
        assert np.abs(found[0, 3]) < 1e-14 * found.max()
        check_possible(table, table.coefficients())
        with pytest.raises(ImpossibleDataError, match="the model 'eps_emu_u, mu_nu' expects none"):
            check_possible(table, table.coefficients(), impossible)


def test_a_signal_that_no_neutrino_makes(invent: Any) -> None:
    one = invent("above", [3, 1], edges_kev=(7.0, 16.0), recoils_kev=np.linspace(6.0, 20.0, 30))
    (table,) = coupling_tables([one], CouplingModel.of(["ee_u"], matter=False))
    assert table.spectra[0].count == 0
    assert not table.spectra[0].counts([0.4]).values.any()
    assert float(table.nominal_counts([0.4])) == 0.0
