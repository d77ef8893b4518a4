"""Majumdar, Papoulias and Srivastava, arXiv:2112.03309: spectra and projections, one tonne year.

Nuclear recoils in 100 logarithmic bins of 0.1 to 100 keVee with Lindhard quenching, electronic
recoils in 100 bins of 0.1 to 10^4 keVee with step-function binding, all solar, atmospheric and
diffuse supernova neutrinos; its chi-square (26) with 10% systematic and background uncertainty.
Its figures are drawn again in docs/gallery/papers.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from rows import Row

from bayes_cevns.detectors.quenching import Lindhard
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import Rate, build_rate
from bayes_cevns.sources import Source, combine, source

type Array = NDArray[np.float64]

PAPER = "2112.03309"
SYSTEMATIC = BACKGROUND = 0.1
#: The paper counts electrons with the step function.
STEPPING = Theory(atoms="stepping")
#: Delta chi^2 of 90% CL with one degree of freedom.
CHI2 = 2.705543

SPECTRUM_MASS_MEV, SPECTRUM_COUPLING_SQUARED = 1e3, 1e-4
MASSES_MEV = (0.1, 1.0, 10.0, 100.0, 1000.0)

CHANNELS: dict[str, tuple[str, ...]] = {
    "cevns": (
        "scalar-universal",
        "pseudoscalar-paper-001",
        "vector-universal",
        "axial-paper-001",
        "tensor-paper-001",
        "b-l",
        "l_mu-l_tau-paper-001",
        "pseudoscalar",
        "axial-legacy-spins",
        "tensor-coherent",
    ),
    "electron": (
        "scalar-universal",
        "pseudoscalar",
        "vector-universal",
        "axial",
        "tensor-paper-001",
        "b-l",
        "l_mu-l_tau-paper-001",
        "tensor-coherent",
    ),
}
_POINTS = 12


@cache
def neutrinos(channel: str) -> Source:
    """Return the neutrinos of its analysis: for electrons those of the Sun only."""
    if channel == "electron":
        return source("solar")
    return combine("all", source("solar"), source("atmospheric"), source("dsnb"))


@cache
def edges_kev(channel: str) -> Array:
    """Return the ends of the bins as recoil energies."""
    if channel == "electron":
        return np.geomspace(0.1, 1e4, 101)
    xenon = target("Xe")
    quenching = Lindhard(z=54, a=xenon.mean_atomic_mass_u)
    return quenching.recoil_energy_kev(np.geomspace(0.1, 100.0, 101), within_kev=(0.01, 1000.0))


@cache
def counts(channel: str, name: str, mass_mev: float | None) -> Array:
    """Return counts per bin and tonne year of each component, shape (3, bins)."""
    rate: Rate = build_rate(
        channel,
        source=neutrinos(channel),
        target=target("Xe"),
        interaction=None if name == "sm" else interaction(name),
        theory=STEPPING,
    )
    edges = edges_kev(channel)
    x, w = np.polynomial.legendre.leggauss(_POINTS)
    half = 0.5 * np.diff(edges)[:, None]
    points = edges[:-1, None] + half * (1.0 + x)
    return np.sum(rate.components(points, mass_mev) * half * w, axis=-1)


def chi2(parts: Array, x: Array) -> Array:
    """Return its chi-square (26) for couplings x, minimised over the systematic pull a."""
    parts = parts[:, parts[0] > 0]
    sm = parts[0]
    total = np.stack([np.ones_like(x), x, x**2], axis=-1) @ parts
    weight = 1.0 / (sm * (1.0 + BACKGROUND))
    difference = sm - total
    pull = (difference * total) @ weight
    norm = total**2 @ weight + 1.0 / SYSTEMATIC**2
    return np.asarray(difference**2 @ weight - pull**2 / norm)


def projected_limit(channel: str, name: str, mass_mev: float, *, as_printed: bool = False) -> float:
    """Return g at which the chi-square first reaches that of 90% CL, coming from zero.

    As printed: with the 4 sqrt2 G_F of its eq. 13 on electrons, four times the factor that
    follows from the Lagrangian.
    """
    parts = counts(channel, name, mass_mev)
    if as_printed and channel == "electron":
        parts = parts / np.array([1.0, 4.0, 16.0])[:, None]
    g = np.geomspace(1e-9, 1e3, 1201)
    for _ in range(3):  # each time between the last value below and the first above
        above = chi2(parts, g**2) > CHI2
        if not above.any():
            return float("nan")
        first = int(np.argmax(above))
        g = np.geomspace(g[first - 1], g[first], 101)
    return float(g[-1])


def rows() -> list[Row]:
    """Return what the paper states in words, and our spectra and projections."""
    above = {c: float(counts(c, "sm", None)[0].sum()) for c in CHANNELS}
    found = [
        Row(
            "SM events above 0.1 keVee, CEvNS and electron scattering [1/(t yr)]",
            f"{PAPER}, section 4.1",
            "a comparable number",
            f"{above['cevns']:.1f} and {above['electron']:.1f}",
        ),
        Row(
            "dip of CEvNS at the first minimum of the form factor",
            f"{PAPER}, section 4.1",
            "about 25 keVee",
            f"{_form_factor_dip(edges_kev('cevns')):.0f} keVee",
        ),
        _order("cevns", "scalar, pseudoscalar"),
        _order("electron", "tensor, pseudoscalar", "with the factor of the Lagrangian"),
        _order("electron", "tensor, pseudoscalar", "with the 4 sqrt2 G_F of eq. 13", True),
        Row(
            "universal vector: electrons limit it better than nuclei below",
            f"{PAPER}, section 4.2",
            "2 MeV",
            f"{_crossing(as_printed=False):.2f} MeV",
            f"{_crossing(as_printed=True):.2f} MeV with the 4 sqrt2 G_F of eq. 13: the misprint "
            "seems to be in its figures, too",
        ),
    ]
    found += [_integrated(channel, name) for channel in CHANNELS for name in CHANNELS[channel]]
    found += [_limits(channel, name) for channel in CHANNELS for name in CHANNELS[channel]]
    return found


def _order(channel: str, published: str, note: str = "", as_printed: bool = False) -> Row:
    """Return the strongest and the weakest projection among S, P, V, A, T."""
    light = CHANNELS[channel][:5]
    limits = {
        n: projected_limit(channel, n, 1.0, as_printed=as_printed and n in _SHIFTED) for n in light
    }
    order = sorted(limits, key=lambda name: limits[name])
    return Row(
        f"{channel}: strongest and weakest projection at 1 MeV",
        f"{PAPER}, section 4.2",
        published,
        f"{order[0]}, {order[-1]}",
        note,
    )


#: Interactions that shift g_V or g_A of the electron.
_SHIFTED = ("vector-universal", "axial", "b-l")


def _integrated(channel: str, name: str) -> Row:
    """Return the events of the new part at the benchmark of its figure 1."""
    parts = counts(channel, name, SPECTRUM_MASS_MEV)
    x = SPECTRUM_COUPLING_SQUARED
    new = float((x * parts[1] + x**2 * parts[2]).sum())
    return Row(
        f"{channel}, {name}: new events, g^2 = 1e-4, 1 GeV [1/(t yr)]",
        f"{PAPER}, fig. 1",
        "figure only",
        f"{new:.4g}",
    )


def _limits(channel: str, name: str) -> Row:
    """Return projected limits at all masses."""
    values = " / ".join(f"{projected_limit(channel, name, m):.3g}" for m in MASSES_MEV)
    masses = " / ".join(f"{m:g}" for m in MASSES_MEV)
    return Row(
        f"{channel}, {name}: projected 90% CL on g at {masses} MeV",
        f"{PAPER}, figs. 2-4",
        "figure only",
        values,
    )


def _form_factor_dip(edges: Array) -> float:
    """Return the electron-equivalent energy in keV of the deepest dip of the CEvNS spectrum."""
    shown = np.geomspace(0.1, 100.0, 101)
    spectrum = counts("cevns", "sm", None)[0] / np.diff(edges)
    inside = (shown[:-1] > 10.0) & (shown[:-1] < 60.0)
    curvature = np.gradient(np.gradient(np.log(np.maximum(spectrum, 1e-300))))
    return float(shown[:-1][inside][np.argmax(curvature[inside])])


def _crossing(*, as_printed: bool) -> float:
    """Return the mass in MeV below which electrons limit a universal vector better than nuclei."""
    low, high = 0.1, 100.0
    for _ in range(20):
        middle = np.sqrt(low * high)
        electron = projected_limit("electron", "vector-universal", middle, as_printed=as_printed)
        if electron < projected_limit("cevns", "vector-universal", middle):
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))
