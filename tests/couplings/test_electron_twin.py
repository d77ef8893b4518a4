"""Scattering on electrons with explicit 3 x 3 matrices, from the Lagrangian to dR/dT.

    L = -2 sqrt2 G_F sum_X (nubar_a gamma^r P_L nu_b) (g_X)_ab (ebar gamma_r P_X e),   X = L, R,
    g_L = diag(1, 0, 0) + (s^2 - 1/2) 1 + eps^eL,   g_R = s^2 1 + eps^eR.

Final flavours a are summed over, so that a state rho scatters with Tr[rho g^+ g]:

    dsigma/dT = (2 G_F^2 m_e / pi) Tr[rho (g_L^+ g_L + (1 - T/E)^2 g_R^+ g_R
                                           - (m_e T / E^2) (g_L^+ g_R + g_R^+ g_L) / 2)].

For antineutrinos the field nu_b creates what nubar_a destroys: g becomes its transpose, and the
helicity changes, so that L and R change places. Half of the electrons of unpolarised matter are of
either hand: the potential is sqrt2 G_F n_e (eps^eL + eps^eR), of quarks sqrt2 G_F n_q eps^q.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.experiment import Signal
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.spectra import SignalSpectra
from bayes_cevns.couplings.table import nodes_above
from bayes_cevns.physics.oscillation.hermitian import to_matrix
from bayes_cevns.physics.oscillation.propagation import Propagation
from bayes_cevns.physics.oscillation.solar_models import solar_model
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates.electron import electrons_of
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.tables.quadrature import RecoilQuadrature

type Array = NDArray[np.float64]
type Matrix = NDArray[np.complex128]

FERMI_PER_MEV2 = 1.1663787e-11
ELECTRON_MEV = 0.51099895
SIN2 = 0.23857
EV_PER_MOL_PER_CM3 = (
    np.sqrt(2) * 1.1663787e-23 * 6.02214076e23 * (197.3269804e-7) ** 3
)  # sqrt2 G_F N_A (hbar c)^3: eV^-2 x (eV cm)^3
HBARC2_MEV2_CM2 = 3.89379372e-22
SECONDS_PER_YEAR = 365.25 * 86400.0

FLAVOURS = ("e", "mu", "tau")
PLACES = {"ee": (0, 0), "mumu": (1, 1), "tautau": (2, 2), "emu": (0, 1), "etau": (0, 2)}
PLACES |= {"mutau": (1, 2)}

#: eps^eL and eps^eR of the names of what couples.
TO_HANDS = {"eL": (1, 0), "eR": (0, 1), "e": (0.5, 0.5), "eV": (0.5, 0.5), "eA": (0.5, -0.5)}
#: eps^u and eps^d of them: a proton has 2 u + d, a neutron u + 2 d.
TO_QUARKS = {"u": (1, 0), "d": (0, 1), "q": (1, 1), "p": (2 / 3, -1 / 3), "n": (-1 / 3, 2 / 3)}

HANDS = [f"eps_{pair}_{hand}" for pair in PLACES for hand in ("eL", "eR")]
IMAGINARY = [f"eps_{pair}_{hand}_im" for pair in ("emu", "etau", "mutau") for hand in ("eL", "eR")]
OTHERS = ["eps_ee_eV", "eps_emu_eA", "eps_mutau_e_im", "eps_tautau_eA", "eps_etau_p", "eps_ee_n"]
OTHERS += ["eps_mutau_q_im", "eps_e", "eps_emu[eta=20,phi=-60]", "eps_etau[eta=-40,phi=70]_im"]
NAMES = (*HANDS, *IMAGINARY, *OTHERS)


class Explicit:
    """Matrices of couplings by their names: eps^eL, eps^eR, eps^u, eps^d."""

    def __init__(self, values: dict[str, float]) -> None:
        self.left, self.right, self.up, self.down = np.zeros((4, 3, 3), complex)
        for name, value in values.items():
            self._add(name, value)

    def _add(self, name: str, value: float) -> None:
        imaginary = name.endswith("_im")
        found = re.fullmatch(r"eps_?([a-z]*)_?(e[LRVA]?|[udqpn]|\[.*\])?", name.removesuffix("_im"))
        assert found is not None, name
        pair, fermion = found[1], found[2]
        if pair in ("e", "eL", "eR", "eV", "eA"):  # eps_e: of all flavours alike
            pair, fermion = "", pair
        matrix = np.zeros((3, 3), complex)
        if pair:
            a, b = PLACES[pair]
            matrix[a, b] = 1j * value if imaginary else value
            matrix[b, a] = np.conj(matrix[a, b])
        else:
            matrix = value * np.eye(3, dtype=complex)
        left, right, up, down = shares(fermion)
        self.left += left * matrix
        self.right += right * matrix
        self.up += up * matrix
        self.down += down * matrix

    @property
    def g_left(self) -> Matrix:
        return np.diag([1.0, 0.0, 0.0]) + (SIN2 - 0.5) * np.eye(3) + self.left

    @property
    def g_right(self) -> Matrix:
        return SIN2 * np.eye(3) + self.right

    def potential(self, neutrons_per_electron: float) -> Matrix:
        """Over sqrt2 G_F n_e, in neutral matter: as many protons as electrons."""
        up, down = 2.0 + neutrons_per_electron, 1.0 + 2.0 * neutrons_per_electron
        electron = np.diag([1.0, 0.0, 0.0]) + self.left + self.right
        return np.asarray(electron + up * self.up + down * self.down)


def shares(fermion: str) -> tuple[float, float, float, float]:
    """Return what a unit of a coupling adds to eps^eL, eps^eR, eps^u, eps^d."""
    if fermion in TO_HANDS:
        return (*TO_HANDS[fermion], 0.0, 0.0)
    if fermion in TO_QUARKS:
        return (0.0, 0.0, *TO_QUARKS[fermion])
    angles = re.fullmatch(r"\[eta=(.*),phi=(.*)\]", fermion)
    assert angles is not None
    eta, phi = np.deg2rad([float(angles[1]), float(angles[2])])
    proton = np.sqrt(5) * np.cos(eta) * np.cos(phi)
    neutron = np.sqrt(5) * np.sin(eta)
    electron = np.sqrt(5) * np.cos(eta) * np.sin(phi)
    # 2 u + d = p, u + 2 d = n.
    up, down = np.linalg.solve([[2.0, 1.0], [1.0, 2.0]], [proton, neutron])
    return electron / 2, electron / 2, up, down


def traces(left: Matrix, right: Matrix, rho: Matrix) -> Array:
    """Return Tr[rho g_L^+ g_L], Tr[rho g_R^+ g_R] and that of their product, shape (..., 3)."""
    mixed = left.conj().T @ right
    products = [left.conj().T @ left, right.conj().T @ right, (mixed + mixed.conj().T) / 2]
    return np.asarray(np.einsum("...ij,pji->...p", rho, np.array(products)).real)


def cross_section(strength: Array, recoil_mev: Array, energy_mev: Array) -> Array:
    """Return dsigma/dT in 1/MeV^3 with the traces of neutrinos of these energies."""
    ll, rr, lr = np.moveaxis(strength, -1, 0)
    inelasticity = recoil_mev / energy_mev
    inside = ll + rr * (1 - inelasticity) ** 2 - lr * ELECTRON_MEV * inelasticity / energy_mev
    return np.asarray(2 * FERMI_PER_MEV2**2 * ELECTRON_MEV / np.pi * inside)


def least_energy(recoil_mev: Array) -> Array:
    return np.asarray((recoil_mev + np.sqrt(recoil_mev * (recoil_mev + 2 * ELECTRON_MEV))) / 2)


def folded(flux: Spectrum | Line, strength: Callable[[Array], Array], recoil: Array) -> Array:
    """Integrate flux x cross section over energy, shape (R,), in 1/(cm^2 s MeV^3)."""
    if isinstance(flux, Line):
        energy = np.array(flux.energy_mev)
        rate = flux.total_per_cm2_s * cross_section(strength(energy), recoil, energy)
        return np.where(least_energy(recoil) < energy, rate, 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(3)
    found = np.zeros(recoil.size)
    for place, (t, least) in enumerate(zip(recoil, least_energy(recoil), strict=True)):
        edges = np.append(max(least, flux.energy_mev[0]), flux.energy_mev[flux.energy_mev > least])
        half = np.diff(edges)[:, None] / 2
        energy = (edges[:-1, None] + half * (1 + nodes)).ravel()
        values = np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev)
        values = values * cross_section(strength(energy), t, energy)
        found[place] = values @ (half * weights).ravel()
    return found


def merged(signal: Signal) -> dict[str, Spectrum | Line]:
    """Return solar fluxes by name, flavours added up."""
    found: dict[str, Spectrum | Line] = {}
    for fluxes in signal.source.fluxes.values():
        for flux in fluxes:
            before = found.get(flux.name)
            if before is None:
                found[flux.name] = flux
            elif isinstance(flux, Line):
                assert isinstance(before, Line)
                total = before.total_per_cm2_s + flux.total_per_cm2_s
                found[flux.name] = Line(flux.name, flux.energy_mev, total)
            else:
                assert isinstance(before, Spectrum)
                values = before.flux_per_cm2_s_mev + flux.flux_per_cm2_s_mev
                found[flux.name] = Spectrum(flux.name, flux.energy_mev, values)
    return found


def solar_rate(card: Experiment, signal: Signal, explicit: Explicit, recoil_mev: Array) -> Array:
    """Return dR/dT in 1/(t yr keV) at some recoil energies, with propagation."""
    matter = [explicit.up, explicit.down, explicit.left + explicit.right]
    vectors = np.array([vector_of(matrix) for matrix in matter])
    total = np.zeros(recoil_mev.size)
    for name, flux in merged(signal).items():
        propagation = Propagation(component=name.split("_")[1])

        def exactly(energy: Array, way: Propagation = propagation) -> Array:
            rho = to_matrix(way.density(energy, vectors))
            return traces(explicit.g_left, explicit.g_right, rho)

        if isinstance(flux, Line):
            total += folded(flux, lambda energy: exactly(energy)[0], recoil_mev)
        else:
            least = max(float(least_energy(recoil_mev).min()), flux.energy_mev[0])
            energies = np.geomspace(0.999 * least, 1.001 * flux.energy_mev[-1], 300)
            total += folded(flux, CubicSpline(energies, exactly(energies)), recoil_mev)
    return total * electrons_of(card.target, recoil_mev)[0] * per_tonne_year_kev(card)


def per_tonne_year_kev(card: Experiment) -> float:
    return float(card.target.atoms_per_tonne * HBARC2_MEV2_CM2 * SECONDS_PER_YEAR / 1e3)


def vector_of(matrix: Matrix) -> Array:
    """Return the nine real numbers of a hermitian matrix."""
    real = [matrix[place].real for place in PLACES.values()]
    return np.array(real + [matrix[PLACES[pair]].imag for pair in ("emu", "etau", "mutau")])


def spectra_of(
    card: Experiment,
    number: int,
    names: tuple[str, ...],
    count: int,
    mass_mev: float | None = None,
) -> SignalSpectra:
    model = CouplingModel.of(names, mass_mev=mass_mev)
    return SignalSpectra(
        signal=card.signals[number],
        target=card.target,
        theory=Theory("helm"),
        model=model,
        latitude_deg=model.propagation.latitude_deg,
        nodes=nodes_above([(each, card.target) for each in card.signals], count),
    )


def compare(spectra: SignalSpectra, values: Array, rate: Array, tolerance: float) -> None:
    """Compare counts at couplings with those of a rate at the points of the quadrature."""
    weights = spectra.compressed[1]
    place = sum(axis.nodes.index(1.0) for axis in spectra.signal.theory_axes)  # one, or none
    response = spectra.signal.values.transpose("recoil_energy", ...).values
    flat = response.reshape(len(response), -1)
    found = spectra.scales(values) @ weights[:, place] @ flat
    quadrature = RecoilQuadrature.on_nodes(spectra.signal.recoil_energy_kev)
    expected = quadrature.weights(rate) @ flat
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_every_coupling_is_the_matrix_that_its_name_says(name: str) -> None:
    model = CouplingModel.of([name])
    explicit = Explicit({name: 0.7})
    (coupling,) = model.couplings
    matrices = to_matrix(0.7 * coupling.contact)
    expected = [explicit.up, explicit.down, explicit.left, explicit.right]
    np.testing.assert_allclose(matrices, expected, atol=1e-15)


def quadrature_of(signal: Signal) -> RecoilQuadrature:
    return RecoilQuadrature.on_nodes(signal.recoil_energy_kev)


@pytest.mark.parametrize(("number", "size"), [(0, 1.0), (1, 0.2), (1, 1.0), (2, 1.0), (3, 0.2)])
def test_solar_rate(number: int, size: float) -> None:
    """pp, 7Be, pep and CNO; the table of a spectrum is compressed at 1e-7."""
    card = experiment("xenonnt_er")
    spectra = spectra_of(card, number, NAMES, 40)
    values = size * np.random.default_rng(3).uniform(-1, 1, len(NAMES))
    explicit = Explicit(dict(zip(NAMES, values, strict=True)))
    recoil = quadrature_of(spectra.signal).points_kev / 1e3
    compare(spectra, values, solar_rate(card, spectra.signal, explicit, recoil), 1e-6)


def test_reactor_rate() -> None:
    card = experiment("conus_plus_spectrum")
    spectra = spectra_of(card, 1, NAMES, 2)
    values = np.random.default_rng(4).uniform(-1, 1, len(NAMES))
    explicit = Explicit(dict(zip(NAMES, values, strict=True)))
    left, right = explicit.g_right.T, explicit.g_left.T
    strength = traces(left, right, np.diag([1.0, 0.0, 0.0]).astype(complex))
    (flux,) = spectra.signal.source.fluxes["anti_nu_e"]
    recoil = quadrature_of(spectra.signal).points_kev / 1e3
    rate = folded(flux, lambda energy: np.broadcast_to(strength, (*energy.shape, 3)), recoil)
    rate = rate * electrons_of(card.target, recoil)[0] * per_tonne_year_kev(card)
    compare(spectra, values, rate, 1e-6)


def test_mediator_at_a_reactor() -> None:
    """A current ebar gamma P_L e with g_e is half of eps^eL: - 2 sqrt2 G_F eps = - g_nu g_e / D."""
    card = experiment("conus_plus_spectrum")
    mass, halves = 0.2, {"eL": 0.5, "eR": 0.5, "e": 1.0, "eA": 1.0}
    values = {"x_ee_eL": 2e-12, "x_ee_eR": -1e-12, "x_emu_e_im": 3e-12, "x_etau_eA": 1e-12}
    spectra = spectra_of(card, 1, tuple(values), 2, mass_mev=mass)
    (flux,) = spectra.signal.source.fluxes["anti_nu_e"]
    recoil = quadrature_of(spectra.signal).points_kev / 1e3
    rate = np.zeros(recoil.size)
    for place, t in enumerate(recoil):
        propagator = 1 / (np.sqrt(2) * FERMI_PER_MEV2 * (2 * ELECTRON_MEV * t + mass**2))
        epsilons = {
            name.replace("x_", "eps_"): halves[name.removesuffix("_im").split("_")[2]] * x
            for name, x in values.items()
        }
        explicit = Explicit({name: propagator * value for name, value in epsilons.items()})
        strength = traces(
            explicit.g_right.T, explicit.g_left.T, np.diag([1.0, 0.0, 0.0]).astype(complex)
        )
        rate[place] = folded(
            flux, lambda energy, s=strength: np.broadcast_to(s, (*energy.shape, 3)), recoil[[place]]
        )[0]
    rate = rate * electrons_of(card.target, recoil)[0] * per_tonne_year_kev(card)
    compare(spectra, np.array(list(values.values())), rate, 1e-6)


@pytest.mark.parametrize("component", ["pp", "7be", "8b"])
def test_potential(component: str) -> None:
    """Adiabatic evolution from where neutrinos are made, with eigenvectors of explicit matrices."""
    parameters = Propagation().parameters
    mixing = parameters.mixing_matrix()
    masses = np.diag([0.0, parameters.dm21_ev2, parameters.dm31_ev2])
    vacuum = mixing @ masses @ mixing.conj().T
    zone = solar_model("b16-gs98").quadrature(component, 20)
    rng = np.random.default_rng(5)
    energies = np.array([0.3, 0.8616, 3.0, 10.0])
    for _ in range(4):
        values = dict(zip(NAMES, 0.1 * rng.uniform(-1, 1, len(NAMES)), strict=True))
        explicit = Explicit(values)
        matter = [explicit.up, explicit.down, explicit.left + explicit.right]
        found = Propagation(component=component, earth="none").density(
            energies, np.array([vector_of(matrix) for matrix in matter])
        )
        for energy, rho in zip(energies, to_matrix(found), strict=True):
            shares = np.zeros(3)
            for electrons, neutrons, weight in zip(
                zone.electrons_mol_per_cm3, zone.neutrons_mol_per_cm3, zone.weights, strict=True
            ):
                scale = 2e6 * energy * EV_PER_MOL_PER_CM3 * electrons  # 2 E V, in eV^2
                total = vacuum + scale * explicit.potential(neutrons / electrons)
                shares += weight * np.abs(np.linalg.eigh(total)[1][0]) ** 2
            expected = mixing @ np.diag(shares) @ mixing.conj().T
            np.testing.assert_allclose(rho, expected, atol=2e-5)
