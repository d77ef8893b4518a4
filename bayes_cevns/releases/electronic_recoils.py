"""What the tables of electronic-recoil searches have in common: solar part, shapes, layout.

A search publishes the total of its best-fit background, solar neutrinos included. As these are the
signal here, their Standard-Model part is taken out with the response that the signal has, so that
signal and background together are the published total. The part is that of many-body theory
(`ATOMS`), as searches have it, and as the signal has it unless other atoms are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.interpolate import make_interp_spline

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.resolution import Resolution
from bayes_cevns.errors import DataError
from bayes_cevns.physics.constants import ELECTRON_MASS_MEV, FINE_STRUCTURE, KEV_PER_MEV
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import rate
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.reading import read_rows
from bayes_cevns.tables.quadrature import RecoilQuadrature

#: Signals of the model cards. 8B and hep give 0.006 events per tonne year in 1-30 keV and are left
#: in the background.
SOLAR: Final = ("solar_pp", "solar_7be", "solar_pep", "solar_cno")

#: How atoms respond to the solar neutrinos that are taken out of published backgrounds.
ATOMS: Final = "rrpa"

#: Electronic recoil energies of the responses: from 1 keV up no step is much above half the
#: resolution of any of the searches; expected counts are right to 2e-3 (tests).
ENERGIES_KEV: Final = np.concatenate(
    [np.arange(0.2, 3.0, 0.05), np.arange(3.0, 8.0, 0.1), np.arange(8.0, 45.01, 0.4)]
).round(6)

#: Values of the slope of a background, in standard deviations.
TILTS: Final = np.arange(-3.0, 3.5)
#: Relative change at either end of the energy range for one standard deviation of the slope. No
#: error of the shape is published with the totals: 5% is a choice, and was made when limits for 0,
#: 10 and 30% were known. The cards have 0 and 10% as alternatives, validation shows the limits.
TILT_STRENGTH: Final = 0.05

#: Decimals of counts in the table.
_DIGITS: Final = 6

#: Share of the resolution within the bins below which an acceptance has no meaning.
_LEAST_SHARE: Final = 0.02

#: End point of the beta decay of tritium, Bodine, Parno and Robertson, Phys. Rev. C 91 (2015)
#: 035505; atomic final states and the neutrino mass are out of reach here.
TRITIUM_END_POINT_KEV: Final = 18.6


@dataclass(frozen=True, eq=False)
class RecoilRun:
    """One run of a search for electronic recoils; arrays have the shape (bins,) unless said."""

    name: str
    exposure_tonne_year: float
    #: Bin edges of the reconstructed energy, shape (bins + 1,).
    edges_kev: Array
    observed: Array
    #: Best-fit background with its solar neutrinos, counts.
    published: Array
    #: Probability of each bin at `ENERGIES_KEV`, shape (energies, bins).
    response: Array
    #: Components of the background whose size the search leaves free, by name, in any unit.
    shapes: Mapping[str, Array] = field(default_factory=dict)
    #: Further components, that stay in the background but have a part in the fit of the sizes.
    lines: Sequence[Array] = ()

    def fold(self, spectrum: Array) -> Array:
        """Return counts in the bins of a spectrum in 1/(t yr keV) at `points_kev`."""
        weights = RecoilQuadrature.on_nodes(ENERGIES_KEV).weights(spectrum)
        return np.asarray(self.exposure_tonne_year * (weights @ self.response))

    def solar(self) -> Array:
        """Return the expected solar neutrinos of the Standard Model, shape (bins,)."""
        points = points_kev()
        theory = Theory(atoms=ATOMS)
        spectra = [
            rate("electron", source=name, target="Xe", theory=theory).total(points)
            for name in SOLAR
        ]
        return self.fold(np.sum(spectra, axis=0))

    def parts(self) -> dict[str, Array]:
        """Split the published background: ``solar``, the `shapes`, and ``background``, the rest.

        Raises
        ------
        DataError
            If less than nothing is left in a bin.
        """
        solar = self.solar()
        rest = self.published - solar
        found = {"solar": solar}
        for name, amplitude in self._amplitudes(rest).items():
            found[name] = amplitude * self.shapes[name]
            rest = rest - found[name]
        if rest.min() < 0:
            low = self.edges_kev[int(np.argmin(rest))]
            raise DataError(
                f"run {self.name}: the published background is {-rest.min():.3g} below solar "
                f"neutrinos and {', '.join(self.shapes) or 'nothing else'} at {low:g} keV, "
                "expected more: check exposure, efficiency and units"
            )
        return {**found, "background": rest}

    def _amplitudes(self, rest: Array) -> dict[str, float]:
        """Fit the shapes, lines, and a continuum that is linear in energy, by least squares."""
        if not self.shapes:
            return {}
        points = points_kev()
        continuum = [self.fold(np.ones_like(points)), self.fold(points)]
        basis = np.stack([*self.shapes.values(), *self.lines, *continuum], axis=1)
        # Every bin counts with the Poisson error that its data would have.
        weight = 1.0 / np.sqrt(np.maximum(self.published, 1.0))
        solution = np.linalg.lstsq(basis * weight[:, None], rest * weight, rcond=None)[0]
        return {
            name: max(float(value), 0.0)
            for name, value in zip(self.shapes, solution[: len(self.shapes)], strict=True)
        }


def points_kev() -> Array:
    """Return the recoil energies at which `RecoilRun.fold` wants a spectrum."""
    return RecoilQuadrature.on_nodes(ENERGIES_KEV).points_kev


def true_energy_response(
    edges_kev: Array, resolution: Resolution, efficiency: Array, *, last_kev: float
) -> Array:
    """Return a response from an efficiency that is a function of the true energy.

    Parameters
    ----------
    edges_kev
        Bin edges of the reconstructed energy, shape (bins + 1,).
    resolution
        Of the reconstructed energy.
    efficiency
        True energies in keV and the probability to be in any of the bins, shape (n, 2). Zero below
        the first energy.
    last_kev
        Energy above which the curve is not used, because it ends there or falls by a cut on what
        is not the reconstructed energy.

    Returns
    -------
    ndarray
        Shape (energies, bins), at `ENERGIES_KEV`. Up to `last_kev` it sums to the efficiency: an
        event is spread over the bins as the resolution does, given that it is in one of them. The
        ratio of the efficiency to the share of the resolution within the bins is kept above it.
    """
    spread = resolution.bin_probabilities(ENERGIES_KEV, edges_kev)
    within = spread.sum(axis=1)
    known = np.minimum(ENERGIES_KEV, last_kev)
    share = np.interp(known, ENERGIES_KEV, within)
    curve = np.interp(known, efficiency[:, 0], efficiency[:, 1], left=0.0)
    # Where next to nothing of the resolution is in any bin, nothing is seen.
    acceptance = np.divide(curve, share, out=np.zeros_like(curve), where=share > _LEAST_SHARE)
    if acceptance.max() > 1:
        energy = ENERGIES_KEV[int(np.argmax(acceptance))]
        raise DataError(
            f"the efficiency at {energy:g} keV exceeds the share of the resolution within the "
            "bins, expected a curve of this resolution and these bins"
        )
    return np.asarray(acceptance[:, None] * spread)


def line(response: Array, energy_kev: float) -> Array:
    """Return the bins of a monoenergetic electronic recoil, shape (bins,)."""
    return np.asarray(make_interp_spline(ENERGIES_KEV, response, k=3)(energy_kev))


def tritium_spectrum(energy_kev: Array) -> Array:
    """Return the beta spectrum of tritium in arbitrary units, zero above its end point.

    The allowed shape p E (Q - T)^2 times the Fermi function 2 pi eta / (1 - exp(-2 pi eta)),
    eta = Z alpha E / p with Z = 2, of a point-like non-relativistic daughter.
    """
    energy = np.asarray(energy_kev, dtype=float)
    mass = ELECTRON_MASS_MEV * KEV_PER_MEV
    momentum = np.sqrt(energy * (energy + 2.0 * mass))
    total = energy + mass
    eta = 2.0 * np.pi * 2.0 * FINE_STRUCTURE * total / momentum
    left = np.maximum(TRITIUM_END_POINT_KEV - energy, 0.0)
    return np.asarray(momentum * total * left**2 * eta / -np.expm1(-eta))


def tilted(counts: Array, edges_kev: Array) -> Array:
    """Return a background at the `TILTS` of its slope, shape (tilt, bins).

    One standard deviation raises one end of the energy range by `TILT_STRENGTH` and lowers the
    other, about the middle of the range.
    """
    middle = 0.5 * (edges_kev[:-1] + edges_kev[1:])
    low, high = edges_kev[0], edges_kev[-1]
    lever = (2.0 * middle - low - high) / (high - low)
    return np.asarray(counts * (1.0 + TILT_STRENGTH * TILTS[:, None] * lever))


def histogram(
    raw: RawFolder,
    relative: str,
    edges_kev: Array,
    *,
    separator: str | None = ",",
    skip: int = 0,
    tolerance_kev: float = 1e-6,
) -> Array:
    """Read counts in bins of 1 keV from rows of the middle of a bin, or near it, and its counts.

    `separator` and `skip` as in `read_rows`; a ``DataError`` names the file if the bins are others.
    """
    rows = read_rows(raw, relative, "energy, counts", separator=separator, skip=skip)
    centre, counts = np.array(rows).T
    middle = 0.5 * (edges_kev[:-1] + edges_kev[1:])
    same = centre.shape == middle.shape and np.allclose(centre, middle, rtol=0, atol=tolerance_kev)
    low, high = edges_kev[[0, -1]]
    what = f"the {middle.size} bins of 1 keV from {low:g} to {high:g} keV"
    raw.expect(relative, same, what)
    return np.asarray(counts)


def recoil_table(
    searched: Sequence[RecoilRun], efficiencies: Mapping[str, Array] | None = None
) -> Table:
    """Return the table of the runs of a search, which have the same bins.

    `efficiencies` are further ones at `ENERGIES_KEV`, to check published numbers with. Raises what
    `RecoilRun.parts` does.
    """
    parts = [run.parts() for run in searched]
    names = dict.fromkeys(name for found in parts for name in found)
    zero = np.zeros(searched[0].observed.size)
    counts = {name: np.stack([found.get(name, zero) for found in parts]) for name in names}
    counts["background"] = np.stack(
        [tilted(p["background"], r.edges_kev) for p, r in zip(parts, searched, strict=True)]
    )
    counts["published_background"] = np.stack([run.published for run in searched])
    text = {
        "background": "expected background without solar neutrinos and without free shapes",
        "solar": "expected solar neutrinos that were taken out of the published background",
        "published_background": "best-fit background as published",
    }
    return {
        **{
            name: Column(
                "run tilt bin" if values.ndim == 3 else "run bin",
                # Far below any error, so that processors that round differently agree.
                values.round(_DIGITS),
                "counts",
                text.get(name, f"expected {name}"),
            )
            for name, values in counts.items()
        },
        "response": col.response(
            "recoil_energy run bin",
            np.stack([run.response for run in searched], axis=1),
            "probability to detect an electronic recoil in a bin",
        ),
        "observed": col.observed(np.stack([run.observed for run in searched])),
        "exposure": col.exposure(run.exposure_tonne_year for run in searched),
        "edges_energy": Column("edge", searched[0].edges_kev, "keV", "bin edges of the energy"),
        **{
            name: col.response("recoil_energy", values, f"{name}, a check and no input")
            for name, values in (efficiencies or {}).items()
        },
        "run": col.runs(run.name for run in searched),
        "recoil_energy": col.recoil_energy(ENERGIES_KEV, "electronic recoil energy"),
        "tilt": col.axis(TILTS, "slope of the background"),
        "bin": col.bins(searched[0].observed.size),
    }
