"""PandaX-4T's search for solar 8B as two counting experiments: paired, and ionisation only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_rows

RAW = RawRelease(
    "lz_pandax_digitised/pandaX", "from github.com/SNuDD/SNuDD, snudd/data/exps/pandaX"
)
PAIRED = "pandaX.csv"

#: arXiv:2407.10892, abstract.
EXPOSURE_TONNE_YEAR = {"paired": 1.20, "us2": 1.04}
OBSERVED_EVENTS = {"paired": 3, "us2": 332}
BACKGROUND_EVENTS = {"paired": 2.8, "us2": 251.0}
#: Events of 8B at 5.46e6 per cm2 s in these exposures: section IV of arXiv:2409.02003, 2.4 in 1.25
#: tonne years and 46.8 in 1.04.
SM_EVENTS = {"paired": 2.3, "us2": 46.8}

#: Recoil energies of the ionisation-only search, table II of arXiv:2409.02003.
US2_ROI_KEV = (0.3, 3.0)
#: Fewest and most electrons of its events, arXiv:2411.11749, section III.
US2_ELECTRONS = (4, 8)
#: Drift field of PandaX-4T.
FIELD_V_PER_CM = 93.0
#: Relative change of the charge yield for one standard deviation; see REFERENCE.
YIELD_WIDTH = 0.15
#: The parameter of the charge yield of both searches, and its values in standard deviations.
YIELD = "pandax4t_charge_yield"
PULLS = (-3, -2, -1, 0, 1, 2, 3)
STEP_KEV = 0.05


@builder(
    RAW,
    doi="10.1103/PhysRevLett.133.191001",
    licence="numbers of publications; paired efficiency digitised (SNuDD, GPL-3.0)",
    paper="arXiv:2407.10892",
    unread=["us2.nc"],
)
def build(raw: RawFolder) -> Files:
    """Build ``paired.nc`` and ``us2.nc``.

    The efficiencies are normalised to published numbers of events with the 8B spectrum and the
    cross sections of this package.
    """
    energy, digitised = _digitised(raw)
    low, high = US2_ROI_KEV
    energy_us2 = np.linspace(low, high, 1 + round((high - low) / STEP_KEV))
    us2 = [us2_shape(energy_us2, pull=pull) for pull in PULLS]
    paired = [digitised * paired_factor(energy, pull=pull) for pull in PULLS]
    what = "probability to select a nuclear recoil"
    return {
        "paired.nc": _table("paired", energy, paired, what),
        "us2.nc": _table("us2", energy_us2, us2, f"effective {what}"),
    }


def _table(search: str, energy: Array, shapes: Sequence[Array], what: str) -> Table:
    """Return the table of one search from its efficiency at the `PULLS`, up to factors."""
    values = np.stack([normalised(energy, shape, search=search) for shape in shapes], axis=-1)
    return {
        "response": col.probability(f"recoil_energy {YIELD} run bin", values, what),
        YIELD: col.axis(PULLS, "charge yield, standard deviations"),
        "background": Column("run bin", BACKGROUND_EVENTS[search], "counts", "expected background"),
        "observed": col.observed(OBSERVED_EVENTS[search]),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR[search]]),
        "run": col.runs(["run0+run1"]),
        "bin": col.bins(1),
        "recoil_energy": col.recoil_energy(energy, f"recoil energy, {what}"),
    }


def us2_shape(recoil_energy_kev: ArrayLike, *, pull: float = 0.0) -> Array:
    """Return the probability that a recoil makes as many electrons as the search accepts.

    Sum over n = 4 to 8 of the Poisson probability of n electrons with the mean T Q_y(T), shape of
    the energies T. `pull` is the charge yield in standard deviations from NEST's.
    """
    from scipy.stats import poisson

    mean = _electrons(recoil_energy_kev, pull)
    fewest, most = US2_ELECTRONS
    return np.asarray(poisson.cdf(most, mean) - poisson.cdf(fewest - 1, mean))


def paired_factor(recoil_energy_kev: ArrayLike, *, pull: float) -> Array:
    """Return the paired efficiency over that of NEST's charge yield.

    The ratio of the probabilities of as many electrons as the ionisation-only search begins with,
    or more, shape of the energies T. A paired event has other signals of light, not of charge.
    """
    from scipy.stats import poisson

    fewest, _ = US2_ELECTRONS
    moved, nominal = (
        poisson.sf(fewest - 1, _electrons(recoil_energy_kev, each)) for each in (pull, 0.0)
    )
    return np.asarray(moved / nominal)


def _electrons(recoil_energy_kev: ArrayLike, pull: float) -> Array:
    """Return the mean number of electrons, with the charge yield `pull` from NEST's."""
    from bayes_cevns.detectors.yields import nest_nuclear_yields

    recoil = np.asarray(recoil_energy_kev, dtype=float)
    nest = nest_nuclear_yields(field_v_per_cm=FIELD_V_PER_CM)
    return np.asarray(recoil * nest.charge_per_kev(recoil) * (1.0 + YIELD_WIDTH * pull))


def normalised(energy_kev: Array, shape: Array, *, search: str) -> Array:
    """Scale an efficiency at recoil energies so that the Standard Model gives the published events.

    `search` is ``"paired"`` or ``"us2"``; `shape` is the efficiency up to a factor, shape (n,).
    """
    from bayes_cevns.physics.nuclei import target
    from bayes_cevns.rates import build_rate
    from bayes_cevns.sources import source
    from bayes_cevns.tables.quadrature import RecoilQuadrature

    quadrature = RecoilQuadrature.on_nodes(energy_kev)
    rate = build_rate("cevns", source=source("solar_8b"), target=target("Xe"), interaction=None)
    per_tonne_year = quadrature.weights(rate.total(quadrature.points_kev)) @ shape
    events = EXPOSURE_TONNE_YEAR[search] * float(per_tonne_year)
    return np.asarray(SM_EVENTS[search] / events * shape)


def _digitised(raw: RawFolder) -> tuple[Array, Array]:
    """Return recoil energies in keV and the digitised paired efficiency, shape (n,)."""
    rows = read_rows(raw, PAIRED, "energy, efficiency")
    energy, efficiency = np.array(rows).T
    good = energy.size > 3 and energy[0] > 0 and efficiency.max() <= 1
    raw.expect(PAIRED, good, "four or more energies > 0 keV and efficiencies <= 1")
    return energy, efficiency
