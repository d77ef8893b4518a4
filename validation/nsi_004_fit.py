"""Rates and intervals of arXiv:2409.02003, as printed and in variants that may explain it.

The variants exist to compare with the paper; what the package computes is "three".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from nsi_004_propagation import (
    CONTINUOUS,
    MeanCos,
    all_fluxes,
    at_energy,
    exchanged,
    mean_of_all_fluxes,
    nodes,
    opposite_potential,
    printed,
    scaled,
)
from nsi_004_published import COMBINED, OBSERVED, SM_EVENTS, WINDOWS, Intervals
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.couplings.arrival import Nodes, Parts
from bayes_cevns.couplings.channels import nuclear_pairs
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DE_SALAS_2020,
    NO_NSI,
    NUFIT_5_3,
    NsiCouplings,
    OscillationParameters,
    Propagation,
    charge_traces,
    density_matrices,
    matter_couplings,
    nucleon_charges,
    to_matrix,
)
from bayes_cevns.rates.base import per_tonne_year_kev
from bayes_cevns.releases import default_releases_dir
from bayes_cevns.tables.quadrature import RecoilQuadrature

type Array = NDArray[np.float64]

GRID = np.linspace(-1.0, 1.0, 401)
_EFFICIENCY = "lz_pandax_digitised/pandaX/pandaX.csv"


def paired_efficiency() -> tuple[Array, Array] | None:
    """Return recoil energies in keV and efficiencies of PandaX-4T paired, None where absent."""
    path = default_releases_dir() / _EFFICIENCY
    if not path.exists():
        return None
    energy, efficiency = np.loadtxt(path, delimiter=",", unpack=True)
    return energy, efficiency


@cache
def weights(data_set: str, yields: float = 0.0) -> Array:
    """Return counts of unit charges by energy node, shape (1 + nodes, 3).

    XENONnT: the response of the public release, all its bins, SR0 and SR1, with both yields at so
    many standard deviations.
    PandaX-4T paired: the digitised efficiency in the window; US2, and paired where the file is
    absent: an ideal detector in the window. Intervals need only the shape in neutrino energy.
    """
    if data_set == "xenonnt":
        (signal,) = xenonnt().signals
        quadrature = RecoilQuadrature.on_nodes(signal.recoil_energy_kev)
        values = signal.values.sel(tly=yields, tqy=yields).values.sum(axis=(-2, -1))
        return np.asarray(quadrature.weights(unit_spectra(quadrature.points_kev)) @ values)
    exposure, low, high = WINDOWS[data_set]
    edges = np.linspace(low, high, 21)
    x, w = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(edges)[:, None]
    energy, width = (edges[:-1, None] + half * (1.0 + x)).ravel(), (half * w).ravel()
    curve = paired_efficiency()
    if data_set == "paired" and curve is not None:
        width = width * np.interp(energy, *curve, left=0.0)
    return np.asarray(exposure * (unit_spectra(energy) @ width))


def unit_spectra(recoil_energy_kev: Array) -> Array:
    """Return dR/dT of 8B on xenon for unit charges in 1/(t yr keV), shape (1 + nodes, 3, R).

    First of the whole flux, then of the flux times the cardinal function of each node.
    """
    source, target = bc.source("solar_8b"), bc.target("Xe")
    parts = Nodes("8b", (), nodes()).parts(source)
    recoil, form = recoil_energy_kev / const.KEV_PER_MEV, form_factor(DEFAULT_FORM_FACTOR)
    total = np.zeros((1 + nodes().count, 3, recoil.size))
    for isotope in target.isotopes:
        least = minimum_neutrino_energy_mev(recoil, isotope.mass_mev)
        moments = [p.inverse_moments(least).sum(axis=1) for p in (Parts("", (source,)), parts)]
        pairs = nuclear_pairs(isotope, recoil, form)
        total += isotope.abundance * np.einsum("qnr,pnr->pqr", pairs, np.concatenate(moments))
    return total * per_tonne_year_kev(target)


@cache
def xenonnt() -> bc.experiments.Experiment:
    """Return XENONnT with the runs of 2024: 3.52 tonne years."""
    return bc.experiment("xenonnt_cevns").select_runs(["sr0", "sr1"])


def sm_counts(data_set: str, yields: float = 0.0) -> float:
    """Return the Standard-Model counts that `weights` give; oscillation does not matter."""
    constant, _ = density_matrices(DE_SALAS_2020)
    return float(weights(data_set, yields)[0] @ charge_traces(constant, *nucleon_charges(NO_NSI)))


@dataclass(frozen=True)
class Variant:
    """One way to read the paper.

    Attributes
    ----------
    text
        What it is.
    propagation
        C(E) for couplings.
    frozen_at
        The value at which a coupling enters propagation, whatever it is in the detector; None
        where both are the same.
    detection, mixing
        As in `density_matrices`.
    """

    text: str
    propagation: MeanCos = field(default=printed)
    frozen_at: float | None = None
    detection: str = "propagation-basis"
    mixing: OscillationParameters = DE_SALAS_2020

    def mean_cos(self, name: str) -> Array:
        """Return C of a coupling at the points of `GRID`, shape (grid, nodes)."""
        if self.frozen_at is not None:
            frozen = self.propagation(NsiCouplings.of({name: self.frozen_at}))
            return np.tile(frozen, (GRID.size, 1))
        return np.array([self.propagation(NsiCouplings.of({name: x})) for x in GRID])

    def ratios(self, name: str) -> dict[str, Array]:
        """Return events over those of the Standard Model on `GRID`, by data set."""
        densities = density_matrices(self.mixing, self.detection)
        charges = [nucleon_charges(NsiCouplings.of({name: x})) for x in GRID]
        standard = charge_traces(densities[0], *nucleon_charges(NO_NSI))
        constant, slope = (np.array([charge_traces(d, *c) for c in charges]) for d in densities)
        cos = self.mean_cos(name)
        return {
            data_set: (constant @ w[0] + np.einsum("xq,xj,jq->x", slope, cos, w[1:]))
            / (standard @ w[0])
            for data_set, w in ((key, weights(key)) for key in OBSERVED)
        }


@dataclass(frozen=True)
class Arriving:
    """What the package computes by a description of propagation.

    Attributes
    ----------
    text
        What it is.
    propagation
        How 8B neutrinos arrive.
    """

    text: str
    propagation: Propagation

    def ratios(self, name: str) -> dict[str, Array]:
        """Return events over those of the Standard Model on `GRID`, by data set."""
        couplings = [NsiCouplings.of({name: x}) for x in GRID]
        traces = np.array([self._traces(each) for each in couplings])
        standard = self._traces(NO_NSI)
        found = {}
        for key in OBSERVED:
            per_node = weights(key)[1:]
            found[key] = np.einsum("xqj,jq->x", traces, per_node) / np.sum(standard.T * per_node)
        return found

    def _traces(self, couplings: NsiCouplings) -> Array:
        """Return `charge_traces` at the energy nodes, shape (3, nodes)."""
        matter = matter_couplings(couplings)
        states = to_matrix(self.propagation.density(nodes().energy_mev, matter))
        charges = nucleon_charges(couplings)
        return np.array([charge_traces(state, *charges) for state in states]).T


NUFIT_REAL = replace(NUFIT_5_3, delta_cp_rad=0.0)

VARIANTS: Mapping[str, Variant] = {
    "printed": Variant("as printed"),
    "density-matrix": Variant("density matrix with two flavours", detection="density-matrix"),
    "no-propagation": Variant("no couplings on the way", frozen_at=0.0),
    "opposite-nsi": Variant("couplings on the way with the opposite sign", scaled(-1.0)),
    "opposite-potential": Variant(
        "whole matter potential with the opposite sign", opposite_potential
    ),
    "exchanged": Variant("Y_u and Y_d exchanged", exchanged),
    "per-electron": Variant("couplings on the way halved (Y_q half)", scaled(0.5)),
    "nufit": Variant(
        "mixing of NuFIT 5.3, without CP phase",
        lambda c: printed(c, NUFIT_REAL),
        mixing=NUFIT_REAL,
    ),
    "10-mev": Variant("P_ee of 10 MeV at all energies", at_energy(10.0)),
    "all-fluxes": Variant("(16) with all fluxes at each energy", all_fluxes),
    "one-rho": Variant(
        "(16) with one production profile, that of all fluxes",
        lambda c: printed(c, components=CONTINUOUS),
    ),
    "mean": Variant("P_ee averaged over all fluxes and energies", mean_of_all_fluxes),
    "frozen": Variant("P_ee of eps = -1, whatever eps is in the detector", frozen_at=-1.0),
    "frozen-half": Variant("P_ee of eps = -0.5, whatever eps is in the detector", frozen_at=-0.5),
    "frozen-two": Variant("P_ee of eps = -2, whatever eps is in the detector", frozen_at=-2.0),
    "frozen-plus": Variant("P_ee of eps = +1, whatever eps is in the detector", frozen_at=1.0),
}

#: What the package has by name.
ARRIVING: Mapping[str, Arriving] = {
    "two": Arriving(
        "two flavours by name in the package: its basis and mixing, all elements of B16-GS98",
        Propagation(
            flavours="two",
            earth="none",
            detection="propagation-basis",
            parameters=DE_SALAS_2020,
        ),
    ),
    "three-mixing": Arriving(
        "three flavours by day with the mixing of the paper",
        Propagation(earth="none", parameters=DE_SALAS_2020),
    ),
    "three": Arriving(
        "three flavours and the Earth (mixing of NuFIT 5.3)", Propagation(parameters=NUFIT_5_3)
    ),
}

READINGS: Mapping[str, Variant | Arriving] = {**VARIANTS, **ARRIVING}


def chi2(ratios: Mapping[str, Array]) -> dict[str, Array]:
    """Return Delta chi^2 of its eq. 20 by data set and combined, R_SM being the paper's."""
    found = {
        key: ((OBSERVED[key][0] - SM_EVENTS[key] * ratio) / OBSERVED[key][1]) ** 2
        for key, ratio in ratios.items()
    }
    found[COMBINED] = np.sum(list(found.values()), axis=0)
    return {key: value - value.min() for key, value in found.items()}


def intervals(delta_chi2: Array, level: float) -> Intervals:
    """Return where a Delta chi^2 on `GRID` is below a level, linear between its points."""
    y = delta_chi2 - level
    inside = y <= 0
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    step = y[turns] / (y[turns] - y[turns + 1])
    ends = list(GRID[turns] + step * (GRID[turns + 1] - GRID[turns]))
    ends = [*([GRID[0]] if inside[0] else []), *ends, *([GRID[-1]] if inside[-1] else [])]
    return [(float(a), float(b)) for a, b in zip(ends[::2], ends[1::2], strict=True)]


def all_intervals(
    variant: Variant | Arriving, level: float = 1.0
) -> dict[tuple[str, str], Intervals]:
    """Return the intervals of all couplings and data sets."""
    return {
        (name, key): intervals(value, level)
        for name in COUPLINGS
        for key, value in chi2(variant.ratios(name)).items()
    }


def differences(ours: Intervals, published: Intervals) -> Array:
    """Return ours minus published ends; of the outer ends, if the intervals differ in number."""
    if len(ours) != len(published):
        ours, published = ([(i[0][0], i[-1][1])] for i in (ours, published))
    return np.ravel(ours) - np.ravel(published)


def bare_ratios(name: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the ratios for C = 0 and for C = 1 everywhere; a rate is linear in C."""
    off, on = (
        Variant("", lambda _, c=c: np.full(nodes().count, c), frozen_at=0.0).ratios(name)
        for c in (0.0, 1.0)
    )
    return off, on


def constant_cos(name: str, published: Mapping[str, Intervals]) -> tuple[float, float]:
    """Return the one C, at all energies and couplings, that fits ends best; rms difference."""
    off, on = bare_ratios(name)
    best = (0.0, np.inf)
    for c in np.linspace(-1.0, 1.0, 201):
        found = chi2({key: off[key] + c * (on[key] - off[key]) for key in off})
        parts = [differences(intervals(found[key], 1.0), v) for key, v in published.items()]
        rms = float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))
        best = min(best, (float(c), rms), key=lambda pair: pair[1])
    return best
