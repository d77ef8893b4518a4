"""Dresden-II as one table: spectrum, response for two quenching factors, background shapes."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    Quenching,
    TabulatedQuenching,
    response_table,
)
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.releases.germanium import PAIR_ENERGY_KEV, resolution, sigma_kev
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_rows
from bayes_cevns.tables.shape_axes import ShapeAxis

RAW = RawRelease("dresden_ii_2022", "from the ancillary files of https://arxiv.org/abs/2202.09672")
SPECTRUM, QUENCHING = "data_release.txt", "QF_Fef_YBe.txt"

#: arXiv:2202.09672: active mass, and the days with the reactor on and off.
MASS_TONNE, ON_DAYS, OFF_DAYS = 2.924e-3, 96.4, 25.0
_DAYS_PER_YEAR = 365.25
#: Edges of the 130 bins of 10 eV, whose centres are in the release.
EDGES_KEV = np.linspace(0.2, 1.5, 131)

#: Electronic noise in keV, nominal (arXiv:2202.09672) and tabulated.
NOISE_KEV = 0.0685
NOISE_NODES_KEV = (0.0625, 0.0655, 0.0685, 0.0715, 0.0745)
#: Standard deviations of the quenching factor, each 5% of it at all energies.
QUENCHING_PULLS, QUENCHING_STEP = (-3.0, -1.5, 0.0, 1.5, 3.0), 0.05
#: Highest recoil energy of the quenching tables that is used.
HIGHEST_RECOIL_KEV = 4.49
#: Recoil energies: this many in geometric steps up to the first, then in even steps up to the
#: second, and in wider ones beyond, where next to nothing of the signal is. Straight lines between
#: them in place of a cubic spline move the events of no interaction by 0.2%, and the spline is
#: right to 3e-4 (tests).
GEOMETRIC_NODES, _FIRST_KEV, _SECOND_KEV = 34, 0.1, 2.02
RECOIL_STEPS_KEV = (0.025, 0.1)
#: Electronic recoils above this do not reach the last bin: 7 sigma.
HIGHEST_ELECTRON_KEV, ELECTRON_STEP_KEV = 2.0, 0.03
#: Probabilities below are written as zero, which makes the table small.
_NEGLIGIBLE = 1e-9
#: Decimals of events a day that depend on computed rates.
_DIGITS = 6


#: Background a day, after arXiv:2202.09672 and 2202.10829. Epithermal neutrons: events a bin at
#: 0.2 keV, N exp(-slope (E - 0.2 keV)), and tabulated slopes. A constant: events a bin.
EPITHERMAL_PER_DAY, SLOPES_PER_KEV = 65.0, np.linspace(2.0, 8.0, 13)
CONSTANT_PER_DAY = 14.0
#: What is not known of its shape towards threshold: the exponential is multiplied by 1 + pull x
#: size x CEvNS / exponential, with CEvNS of the Standard Model and the slope of 4 per keV that the
#: data have. A pull of one is what a fit to the data with the reactor off takes for CEvNS, where
#: there is none: -1.6 +- 0.6 of the Standard Model with Fef, -2.0 +- 1.0 with YBe
#: (validation/experiments.md). At a pull of -2.4 nothing is left in the first bin.
LOW_ENERGY_SIZE = {"fef": 1.6, "ybe": 2.0}
LOW_ENERGY_PULLS, _SLOPE_PER_KEV = (-2.4, -0.6, 1.2, 3.0), 4.0
#: L1-shell capture in 71Ge: events, tabulated energies and widths.
L_PER_DAY = 1474.0
L_ENERGIES_KEV = np.array([1.288, 1.290, 1.292, 1.294, 1.296])
L_WIDTHS_KEV = np.array([0.066, 0.068, 0.070, 0.072, 0.074])
#: L2 and M1 shells: energy, and events per event of L1.
L2_ENERGY_KEV, L2_RATIO = 1.142, 0.008
M_ENERGY_KEV, M_RATIO = 0.158, 0.16


@builder(
    RAW,
    licence="none stated; ancillary files of the paper, which is to be cited",
    paper="arXiv:2202.09672",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    spectrum = _spectrum(raw)
    factors = read_rows(raw, QUENCHING, "energy, Fef factor, YBe factor", separator=None)
    signals, energies = _signals(np.array(factors))
    backgrounds = _epithermal_columns(signals, energies)
    return {"response.nc": {**signals, **backgrounds, **_counts(spectrum), **energies, **_axes()}}


def _epithermal_columns(signals: Table, energies: Table) -> dict[str, Column]:
    """Return the epithermal neutrons, whose shape is uncertain by that of a signal."""
    nominal = QUENCHING_PULLS.index(0.0), NOISE_NODES_KEV.index(NOISE_KEV)
    found = {}
    for name, size in LOW_ENERGY_SIZE.items():
        response = np.asarray(signals[f"response_{name}"].values)[:, *nominal]
        nodes = np.asarray(energies[f"recoil_energy_{name}"].values)
        counts = ON_DAYS * _epithermal(nodes, response, size).round(_DIGITS)
        text = f"epithermal neutrons, their shape uncertain as the signal of {name.capitalize()}"
        dims = "epithermal_slope low_energy run bin"
        found[f"epithermal_{name}"] = Column(dims, counts[:, :, None], "counts", text)
    return found


def _spectrum(raw: RawFolder) -> Array:
    """Return events a day and their errors, on then off, shape (4, bin)."""
    what = "energy, on, error, off, error"
    rows = np.array(read_rows(raw, SPECTRUM, what, separator=None))
    centres = 0.5 * (EDGES_KEV[:-1] + EDGES_KEV[1:])
    same = len(rows) == centres.size and np.allclose(rows[:, 0], centres, atol=1e-6)
    raw.expect(SPECTRUM, same, "130 bins centred at 0.205, 0.215, ... 1.495 keV")
    raw.expect(SPECTRUM, np.all(rows[:, [2, 4]] > 0), "errors > 0")
    return np.asarray(rows[:, 1:].T)


def quenching(energy_kev: Array, factor: Array, pull: float = 0.0) -> TabulatedQuenching:
    """Return a quenching factor of the release, moved by standard deviations of 5%."""
    return TabulatedQuenching(energy_kev, factor * (1.0 + QUENCHING_STEP * pull))


def recoil_nodes_kev(energy_kev: Array, factor: Array) -> Array:
    """Return recoil energies for the response, from where one electron-hole pair is made."""
    lowest = float(np.interp(PAIR_ENERGY_KEV, energy_kev * factor, energy_kev))
    narrow, wide = RECOIL_STEPS_KEV
    fine = np.geomspace(lowest, _FIRST_KEV, GEOMETRIC_NODES)
    even = np.arange(_FIRST_KEV + narrow, _SECOND_KEV, narrow)
    last = np.arange(even[-1] + wide, HIGHEST_RECOIL_KEV, wide)
    return np.concatenate([fine, even, last, [HIGHEST_RECOIL_KEV]]).round(6)


def _nuclear_response(energy_kev: Array, factor: Array) -> tuple[Array, Array]:
    """Return nodes, and the response of shape (node, quenching, noise, bin)."""
    table = response_table(
        recoil_nodes_kev(energy_kev, factor),
        lambda at: _detector(quenching(energy_kev, factor, at["quenching"]), at["noise"]),
        [ShapeAxis("quenching", QUENCHING_PULLS), ShapeAxis("noise", NOISE_NODES_KEV)],
    )
    return table.recoil_energy_kev, _written(table.values)


def _electron_response() -> tuple[Array, Array]:
    """Return nodes, and the response of shape (node, noise, bin)."""
    low = PAIR_ENERGY_KEV
    even = np.arange(ELECTRON_STEP_KEV, HIGHEST_ELECTRON_KEV, ELECTRON_STEP_KEV)
    nodes = np.concatenate([[low, 3 * low], even])
    table = response_table(
        nodes,
        lambda at: _detector(ConstantQuenching(1.0), at["noise"]),
        [ShapeAxis("noise", NOISE_NODES_KEV)],
    )
    return nodes, _written(table.values)


def _detector(seen: Quenching, noise_kev: float) -> DetectorResponse:
    return DetectorResponse(EDGES_KEV, seen, resolution=resolution(noise_kev))


def _written(values: Array) -> Array:
    """Return probabilities, tiny ones as zero."""
    return np.where(values < _NEGLIGIBLE, 0.0, values)


def _gaussian(mean: Array | float, width: Array) -> Array:
    """Return the parts of a normal distribution in the bins, shape (..., bin)."""
    from scipy.special import ndtr

    below = ndtr((EDGES_KEV - np.asarray(mean)[..., None]) / width[..., None])
    return np.asarray(np.diff(below))


def exponential(slope_per_kev: Array) -> Array:
    """Return epithermal neutrons a day, integrated over the bins, shape (slope, bin)."""
    slope = slope_per_kev[:, None]
    decay = np.exp(-slope * (EDGES_KEV - EDGES_KEV[0]))
    mean = (decay[:, :-1] - decay[:, 1:]) / (slope * np.diff(EDGES_KEV))
    return np.asarray(EPITHERMAL_PER_DAY * mean)


def _epithermal(nodes_kev: Array, response: Array, size: float) -> Array:
    """Return epithermal neutrons a day at the pulls of their shape, shape (slope, pull, bin).

    The response of one quenching factor to nuclear recoils, at nominal quenching and noise, has the
    shape (node, bin).
    """
    like = standard_model_per_day(nodes_kev, response) / exponential(np.array([_SLOPE_PER_KEV]))[0]
    pulls = size * np.array(LOW_ENERGY_PULLS)[:, None]
    return np.asarray(exponential(SLOPES_PER_KEV)[:, None] * (1.0 + pulls * like))


def standard_model_per_day(nodes_kev: Array, response: Array) -> Array:
    """Return CEvNS a day in the bins for a response, shape (node, bin) -> (bin,)."""
    from bayes_cevns.physics.nuclei import target
    from bayes_cevns.rates import build_rate
    from bayes_cevns.sources import source
    from bayes_cevns.tables.quadrature import RecoilQuadrature

    reactor, germanium = source("reactor_dresden_ii"), target("Ge")
    rate = build_rate("cevns", source=reactor, target=germanium, interaction=None)
    quadrature = RecoilQuadrature.on_nodes(nodes_kev)
    weights = quadrature.weights(rate.total(quadrature.points_kev))
    return np.asarray(MASS_TONNE / _DAYS_PER_YEAR * (weights @ response))


def _counts(spectrum: Array) -> Table:
    """Return what was counted, the shapes of the background, the exposure, run and bins."""

    def on(dims: str, per_day: Array, text: str) -> Column:
        return Column(f"{dims} run bin", ON_DAYS * per_day, "counts", text)

    first = _gaussian(L_ENERGIES_KEV[:, None], L_WIDTHS_KEV)
    second = _gaussian(L2_ENERGY_KEV, L_WIDTHS_KEV)
    m_energy = np.array(M_ENERGY_KEV)
    m_widths = np.array([sigma_kev(m_energy, noise) for noise in NOISE_NODES_KEV])
    l_shell = L_PER_DAY * (first + L2_RATIO * second)
    m_shell = M_RATIO * L_PER_DAY * _gaussian(m_energy, m_widths)
    constant = np.full(EDGES_KEV.size - 1, CONSTANT_PER_DAY)
    return {
        "observed": on("", spectrum[0], "events, reactor on"),
        "sigma": on("", spectrum[1], "error of `observed`"),
        "off": Column("bin", OFF_DAYS * spectrum[2], "counts", "events, reactor off"),
        "off_sigma": Column("bin", OFF_DAYS * spectrum[3], "counts", "error of `off`"),
        "constant": on("", constant, "constant"),
        "l_shell": on("l_energy l_width", l_shell, "electron capture from the L1 and L2 shells"),
        "m_shell": on("noise", m_shell, "electron capture from the M1 shell"),
        "exposure": col.exposure([MASS_TONNE * ON_DAYS / _DAYS_PER_YEAR], "exposure, reactor on"),
        "edges_energy": Column("edge", EDGES_KEV, "keV", "bin edges of ionisation energy"),
        "run": col.runs(["on"]),
        "bin": col.bins(EDGES_KEV.size - 1, None),
    }


def _signals(factors: Array) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return responses and quenching factors, and their recoil energies, by name."""
    energy_kev, fef, ybe = factors.T
    both = "quenching noise"
    tables = {
        "fef": (both, *_nuclear_response(energy_kev, fef), "a nuclear recoil, Fef"),
        "ybe": (both, *_nuclear_response(energy_kev, ybe), "a nuclear recoil, YBe"),
        "electron": ("noise", *_electron_response(), "an electronic recoil"),
    }
    found, nodes = {}, {}
    for name, (axes, nodes_kev, values, what) in tables.items():
        dim = f"recoil_energy_{name}"
        nodes[dim] = col.recoil_energy(nodes_kev, f"energy of {what}")
        text = f"probability to observe {what}, in a bin"
        found[f"response_{name}"] = col.response(f"{dim} {axes} run bin", values, text)
    for name, factor in (("fef", fef), ("ybe", ybe)):
        at_nodes = np.interp(tables[name][1], energy_kev, factor)
        text = f"quenching factor, {name.capitalize()}"
        found[f"quenching_factor_{name}"] = Column(f"recoil_energy_{name}", at_nodes, "1", text)
    return found, nodes


def _axes() -> dict[str, Column]:
    return {
        "quenching": col.axis(QUENCHING_PULLS, "pull of the quenching factor"),
        "noise": col.axis(NOISE_NODES_KEV, "electronic noise", "keV"),
        "epithermal_slope": col.axis(SLOPES_PER_KEV, "slope of epithermal neutrons", "1/keV"),
        "low_energy": col.axis(LOW_ENERGY_PULLS, "shape of epithermal neutrons at low energies"),
        "l_energy": col.axis(L_ENERGIES_KEV, "energy of the L1 shell", "keV"),
        "l_width": col.axis(L_WIDTHS_KEV, "width of the L1 shell", "keV"),
    }
