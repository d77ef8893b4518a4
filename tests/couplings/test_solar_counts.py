"""Counts of solar neutrinos whose flavours the couplings turn, against integrals over energy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.channels import NUCLEUS
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.named import named_coupling, standard_couplings
from bayes_cevns.couplings.table import CouplingTable, coupling_tables, nodes_above
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DE_SALAS_2020,
    DEFAULT_MIXING,
    DETECTIONS,
    NsiCouplings,
    Propagation,
    charge_traces,
    density_matrices,
    mean_cos_2theta,
    nucleon_charges,
    to_matrix,
)
from bayes_cevns.rates.electron import electrons_of
from bayes_cevns.sources import source
from bayes_cevns.sources.components import split_by_component
from bayes_cevns.tables.quadrature import RecoilQuadrature

#: The twelve real ones, and two phases.
NAMES = (*COUPLINGS, "eps_emu_u_im", "eps_mutau_d_im")


def table_of(one: Experiment, *names: str, nodes: int = 16, **options: Any) -> CouplingTable:
    model = CouplingModel.of(names, **options)
    (table,) = coupling_tables([one], model, energy_nodes=nodes)
    return table


@pytest.fixture(scope="module")
def table(xenonnt: Experiment) -> CouplingTable:
    return table_of(xenonnt, *NAMES)


def random_couplings(size: float, seed: int = 2, count: int = len(NAMES)) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-size, size, count)


def counts(table: CouplingTable, values: np.ndarray) -> np.ndarray:
    (spectra,) = table.spectra
    return spectra.counts(values).values


def squared_charges(
    values: Mapping[str, float], states: Callable[[np.ndarray], np.ndarray]
) -> Callable[[str], Callable[..., np.ndarray]]:
    """Tr[rho(E) Q Q], Q = Z F_p G_p + N F_n G_n, for rho of shape (E, 3, 3); for any flavour.

    rho(E) is that of all flavours together: the flux of each is multiplied by the same trace.
    """
    total = standard_couplings() + sum(
        value * named_coupling(name).contact for name, value in values.items()
    )
    proton, neutron = to_matrix(NUCLEUS @ total)
    known: dict[bytes, np.ndarray] = {}  # of each flavour and isotope the energies are the same

    def squared(z: np.ndarray, n: np.ndarray, energy: np.ndarray) -> np.ndarray:
        key = energy.tobytes()
        rho = known[key] if key in known else known.setdefault(key, states(energy))
        parts = [(z**2, proton, proton), (n**2, neutron, neutron)]
        parts += [(z * n, proton, neutron), (z * n, neutron, proton)]
        return sum(
            factor * np.einsum("eab,bc,ca->e", rho, one, two).real for factor, one, two in parts
        )

    return lambda _: squared


@pytest.mark.parametrize("earth", ["year", "none"])
@pytest.mark.parametrize("size", [0.0, 0.1, 0.5])
def test_three_flavours_against_an_integral(
    xenonnt: Experiment, slow_signal: Any, size: float, earth: str
) -> None:
    values = random_couplings(size)
    way = Propagation(earth=earth)
    table = table_of(xenonnt, *NAMES, propagation=way)
    matter = np.tensordot(values, table.spectra[0].model.matter_slopes, axes=1)
    slow = slow_signal(xenonnt, "cevns", energies=601)
    expected = slow.counts(
        squared_charges(
            dict(zip(NAMES, values, strict=True)),
            lambda energy: to_matrix(way.density(energy, matter)),
        )
    )
    np.testing.assert_allclose(counts(table, values), expected, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("detection", DETECTIONS)
@pytest.mark.parametrize("mixing", [DEFAULT_MIXING, DE_SALAS_2020])
@pytest.mark.parametrize("size", [0.0, 0.1, 0.5])
def test_two_flavours_against_an_integral(
    xenonnt: Experiment, slow_signal: Any, size: float, mixing: Any, detection: str
) -> None:
    """The forms of arXiv:2409.02003 by the functions that hold them, without nodes."""
    values = random_couplings(size, count=12)
    couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
    way = Propagation(flavours="two", earth="none", detection=detection, parameters=mixing)
    table = table_of(xenonnt, *COUPLINGS[::-1], propagation=way)  # any order
    constant, slope = (
        charge_traces(density, *nucleon_charges(couplings))[:, None]
        for density in density_matrices(mixing, detection)
    )

    def squared(z: np.ndarray, n: np.ndarray, energy: np.ndarray) -> np.ndarray:
        mean = mean_cos_2theta("8b", energy, parameters=mixing, couplings=couplings)
        proton, mixed, neutron = constant + mean * slope
        return z**2 * proton + z * n * mixed + n**2 * neutron

    expected = slow_signal(xenonnt, "cevns", energies=2001).counts(lambda _: squared)
    np.testing.assert_allclose(counts(table, values[::-1]), expected, rtol=4e-4, atol=2e-6)


@pytest.mark.parametrize("seed", range(3))
def test_in_the_detector_alone(xenonnt: Experiment, slow_signal: Any, seed: int) -> None:
    """Off-diagonal couplings see the coherence of the flavours, which stay those of the Sun."""
    values = random_couplings(0.4, seed)
    table = table_of(xenonnt, *NAMES, matter=False)
    way, nothing = Propagation(), np.zeros((3, 9))
    expected = slow_signal(xenonnt, "cevns", energies=601).counts(
        squared_charges(
            dict(zip(NAMES, values, strict=True)),
            lambda energy: to_matrix(way.density(energy, nothing)),
        )
    )
    np.testing.assert_allclose(counts(table, values), expected, rtol=1e-3, atol=2e-6)


def test_a_phase_of_what_is_coherent_is_seen(xenonnt: Experiment) -> None:
    """Re and Im of eps_emu see Re and Im of rho_emu: not the same, and not with one sign."""
    table = table_of(xenonnt, "emu_u", "emu_u_im", matter=False)
    found = {
        place: float(table.nominal_counts(np.array(place)))
        for place in ((0.2, 0.0), (-0.2, 0.0), (0.0, 0.2), (0.0, -0.2))
    }
    density = to_matrix(Propagation().density([8.0], np.zeros((3, 9))))[0]
    real = found[0.2, 0.0] - found[-0.2, 0.0]
    imaginary = found[0.0, 0.2] - found[0.0, -0.2]
    # Q_SM < 0: Tr[rho Q Q] has 2 Q_SM (eps rho_21 + eps^* rho_12) = 4 Q_SM Re(eps^* rho_12).
    assert imaginary / real == pytest.approx(density[0, 1].imag / density[0, 1].real, rel=0.2)
    assert np.sign(real) == -np.sign(density[0, 1].real)


@pytest.mark.parametrize("size", [0.1, 0.3])
def test_interpolation_in_energy(xenonnt: Experiment, table: CouplingTable, size: float) -> None:
    """Random couplings against four times as many nodes."""
    fine = table_of(xenonnt, *NAMES, nodes=64)
    for seed in range(4):
        values = random_couplings(size, seed)
        expected = counts(fine, values)
        np.testing.assert_allclose(
            counts(table, values), expected, rtol=0, atol=1e-4 * expected.max()
        )


def test_the_standard_model(xenonnt: Experiment, table: CouplingTable) -> None:
    """CEvNS is blind to flavours, whatever they are on arrival."""
    expected = RateTable(xenonnt, None).counts().sel(component="sm").values
    found = counts(table, np.zeros(len(NAMES)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7 * expected.max())


@pytest.mark.parametrize("epsilon", [-0.1, 0.05, 0.3])
def test_the_heavy_vector(xenonnt: Experiment, epsilon: float) -> None:
    """Alike for all flavours, it does nothing on the way."""
    mass = 1e5
    x = epsilon * np.sqrt(2) * 1.1663787e-11 * mass**2
    vector = RateTable(xenonnt, interaction("vector-universal")).counts(mass).values
    expected = vector[0] + x * vector[1] + x**2 * vector[2]
    names = [f"{flavour}_{quark}" for flavour in ("ee", "mumu", "tautau") for quark in "ud"]
    table = table_of(xenonnt, *names)
    found = counts(table, np.full(6, epsilon))
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7 * expected.max())


def test_a_bin_cannot_be_negative(table: CouplingTable) -> None:
    for seed in range(10):
        found = counts(table, random_couplings(1.0, seed))
        assert found.min() >= -1e-9 * found.max()


def test_on_electrons_flavours_are_seen() -> None:
    """Lines of 7Be on electrons: rates of nu_e, nu_mu, nu_tau weighed by the states on arrival."""
    one = experiment("xenonnt_er")
    names, values = ("ee_eL", "tautau_eR", "emu_eV"), np.array([0.2, -0.3, 0.15])
    table = table_of(one, *names)
    number = [spectra.signal.name for spectra in table.spectra].index("7be")
    spectra = table.spectra[number]
    (axis,) = spectra.signal.theory_axes
    nominal = {axis.name: axis.nodes.index(1.0)}
    found = spectra.counts(values).isel(nominal).values
    model = spectra.model
    matter = np.tensordot(values, model.matter_slopes, axes=1)
    way = Propagation(component="7be")
    lines = [
        (
            line.energy_mev,
            sum(
                other.total_per_cm2_s
                for fluxes in spectra.signal.source.fluxes.values()
                for other in fluxes
                if other.energy_mev == line.energy_mev
            ),
        )
        for line in spectra.signal.source.fluxes["nu_e"]
    ]
    recoil_kev = spectra.signal.recoil_energy_kev
    total = standard_couplings() + np.tensordot(
        values, [named_coupling(name).contact for name in model.names], axes=1
    )
    left, right = to_matrix(total[2]), to_matrix(total[3])
    quadrature = RecoilQuadrature.on_nodes(recoil_kev)
    recoil = quadrature.points_kev / 1e3
    mass, spectrum = 0.51099895, np.zeros(recoil.size)
    for energy, flux in lines:
        rho = to_matrix(way.density([energy], matter))[0]
        y = recoil / energy
        parts = [(left @ left, 1.0), (right @ right, (1 - y) ** 2)]
        parts += [(0.5 * (left @ right + right @ left), -mass * recoil / energy**2)]
        rate = sum(np.trace(rho @ matrix).real * factor for matrix, factor in parts)
        spectrum += flux * rate * (recoil < 2 * energy**2 / (mass + 2 * energy))
    strength = 2 * 1.1663787e-11**2 * mass / np.pi * 3.89379372e-22 * 365.25 * 86400 / 1e3
    spectrum *= strength * electrons_of(one.target, recoil)[0] * one.target.atoms_per_tonne
    expected = np.tensordot(quadrature.weights(spectrum), spectra.signal.values.values, axes=1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * expected.max())


def test_nodes_are_shared(xenonnt: Experiment) -> None:
    """The lowest threshold decides: both experiments see the states at the same energies."""
    other = experiment("lz_8b")
    signals = [(one.signals[0], one.target) for one in (xenonnt, other)]
    nodes = nodes_above(signals)["8b"]
    alone = [nodes_above([signal])["8b"].energy_mev.min() for signal in signals]
    assert nodes.energy_mev.min() == min(alone)
    for table in coupling_tables([xenonnt, other], CouplingModel.of(["ee_u"])):
        assert table.nodes["8b"] == nodes


def test_wrong_names_of_the_way() -> None:
    with pytest.raises(UnknownNameError, match="description of detection"):
        Propagation(detection="flavours")
    with pytest.raises(UnknownNameError, match="solar model"):
        Propagation(model="BP04")


@pytest.mark.parametrize("matter", [True, False])
def test_components_below_threshold_are_no_obstacle(xenonnt: Experiment, matter: bool) -> None:
    """Of all solar neutrinos on xenon, 8B and hep alone are seen."""
    one = xenonnt.with_source(source("solar"))
    table = table_of(one, "ee_u", "emu_d", matter=matter)
    assert set(table.nodes) == {"8b", "hep"} & set(split_by_component(one.signals[0].source)[0])
    expected = RateTable(one, None).counts().sel(component="sm").values
    np.testing.assert_allclose(
        counts(table, np.zeros(2)), expected, rtol=0, atol=1e-7 * expected.max()
    )
