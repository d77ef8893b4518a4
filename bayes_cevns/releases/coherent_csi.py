"""The COHERENT CsI release of 2021 as one table: response, backgrounds and observed counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.efficiency import LogisticEfficiency
from bayes_cevns.detectors.quenching import PolynomialQuenching
from bayes_cevns.detectors.resolution import GammaResolution
from bayes_cevns.detectors.response import DetectorResponse, response_table
from bayes_cevns.releases import pion_decay
from bayes_cevns.releases.coherent_csi_table import Signal, csi_table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_numbers
from bayes_cevns.tables.shape_axes import ShapeAxis

RAW = RawRelease("coherent_csi_2021", "from the ancillary files of arXiv:2110.07730v2")
MASS_TONNE = 0.0146
#: Bins of the figures of arXiv:2110.07730.
PE_EDGES = np.array([0.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 50.0, 60.0])
TIME_EDGES_US = np.array([*np.arange(9) / 8.0, 2.0, 4.0, 6.0])

#: Photoelectrons per electron-equivalent keV, and the Gamma shape 1 + 9.56 E_ee.
PE_PER_KEV, SHAPE_PER_KEV = 13.35, 9.56
#: The efficiency in time: one at first, then falling with this rate per us.
TIME_PLATEAU_US, TIME_DECAY_PER_US = 0.52, 0.0494
#: Expected events in all bins: steady state, beam-related and neutrino-induced neutrons.
STEADY_STATE, BRN, NIN = 1286.0, 18.4, 5.6

#: Standard deviations of efficiency and quenching, and onset times in us, that are tabulated.
EFFICIENCY_AXIS = ShapeAxis("efficiency", (-3.0, -1.5, 0.0, 1.5, 3.0))
QUENCHING_AXIS = ShapeAxis("quenching", (-3.0, -1.0, 1.0, 3.0))
# The pulse's edges need this step: with wider ones splines swing below zero where nothing arrives.
ONSET_AXIS = ShapeAxis("onset", tuple(float(shift) for shift in np.arange(-4, 5) / 16.0))

#: Recoils of 127I: at most 15.0 keV from the line of 29.8 MeV, 47.2 keV from 52.83 MeV.
_LOW_KEV = np.arange(0.5, 6.0, 0.5)
PROMPT_KEV = np.concatenate([_LOW_KEV, np.arange(6.0, 16.0, 0.75)])
DELAYED_KEV = np.concatenate([_LOW_KEV, np.arange(6.0, 20.0, 1.0), np.arange(20.0, 49.0, 2.0)])
_HIGHEST_KEV = 60.0
_SUB_BINS = 80
#: Files of coefficients with their systematic variations.
EFFICIENCY, SCINTILLATION = "effCoefficients.txt", "scintRespCoefficients.txt"


@builder(
    RAW,
    pion_decay.RAW,
    doi="10.1103/PhysRevLett.129.081801",
    licence="not stated with the tables; the paper is to be cited",
    paper="arXiv:2110.07730",
)
def build(raw: RawFolder, flux: RawFolder) -> Files:
    """Build ``response.nc`` from the release and the times of the neutrinos."""
    anticoincident = _histogram(raw, "dataBeamOnAC.txt")
    steady = anticoincident.sum(axis=1) / anticoincident.sum()
    table = csi_table(
        PE_EDGES,
        TIME_EDGES_US,
        mass_tonne=MASS_TONNE,
        signals=_signals(raw, flux),
        backgrounds={
            "steady_state": STEADY_STATE * np.outer(steady, _steady_in_time()),
            "brn": BRN * _neutrons(raw, "brnPE.txt", "brnTrec.txt"),
            "nin": NIN * _neutrons(raw, "ninPE.txt", "ninTrec.txt"),
        },
        counts=_histogram(raw, "dataBeamOnC.txt"),
    )
    return {"response.nc": table}


def _signals(raw: RawFolder, flux: RawFolder) -> dict[str, Signal]:
    """Return the response of prompt and of delayed neutrinos."""
    arrivals = _arrivals(flux)
    efficiencies = _coefficients(raw, EFFICIENCY, sets=3)
    scintillation = _coefficients(raw, SCINTILLATION, sets=5)
    found = {}
    for name, recoil in (("prompt", PROMPT_KEV), ("delayed", DELAYED_KEV)):
        table = response_table(
            recoil,
            lambda at: detector(at["quenching"], at["efficiency"], scintillation, efficiencies),
            (QUENCHING_AXIS, EFFICIENCY_AXIS),
        )
        found[name] = Signal(table, arrivals[name], (ONSET_AXIS,))
    return found


def detector(
    quenching: float, efficiency: float, scintillation: Array, efficiencies: Array
) -> DetectorResponse:
    """Return the detector with quenching and efficiency some standard deviations off.

    These are of the release's systematic model 1 of the scintillation response, and of its
    efficiency. Coefficients are `scintillation`: nominal, and models 0 and 1 at +1 and -1 sigma,
    shape (5, 4); and `efficiencies`: nominal, +1 and -1 sigma, shape (3, 4).
    """
    polynomial = scintillation[0] + quenching * 0.5 * (scintillation[3] - scintillation[4])
    logistic = efficiencies[0] + efficiency * 0.5 * (efficiencies[1] - efficiencies[2])
    return DetectorResponse(
        PE_EDGES,
        PolynomialQuenching.from_mev(tuple(map(float, polynomial)), maximum_kev=_HIGHEST_KEV),
        gain=PE_PER_KEV,
        resolution=GammaResolution(_sigma),
        efficiency=LogisticEfficiency(*map(float, logistic)),
        sub_bins=_SUB_BINS,
    )


def _sigma(mean_pe: Array) -> Array:
    """Return the standard deviation of a Gamma density of shape 1 + 9.56 E_ee."""
    return np.asarray(mean_pe / np.sqrt(1.0 + SHAPE_PER_KEV * mean_pe / PE_PER_KEV))


def time_efficiency(time_us: Array) -> Array:
    """Return the efficiency at times after the beam, zero outside of 0 to 6 us."""
    late = np.maximum(time_us - TIME_PLATEAU_US, 0.0)
    inside = (time_us >= TIME_EDGES_US[0]) & (time_us < TIME_EDGES_US[-1])
    return np.asarray(np.where(inside, np.exp(-TIME_DECAY_PER_US * late), 0.0))


def _arrivals(flux: RawFolder) -> dict[str, Array]:
    """Return the probability of each bin in time at the tabulated onsets, shape (onset, bin)."""
    table = np.array(pion_decay.read_times(flux))
    edges_us = 1e-3 * np.append(table[:, 0], table[-1, 1])
    flavours = {
        name: table[:, 2 + column] / table[:, 2 + column].sum()
        for name, column in pion_decay.FLAVOURS.items()
    }
    # In no bin do the shares of the two delayed flavours differ by more than 0.001.
    delayed = 0.5 * (flavours["nu_e"] + flavours["anti_nu_mu"])
    kinds = {"prompt": flavours["nu_mu"], "delayed": delayed}
    return {
        name: np.stack([_in_time(edges_us + shift, shares) for shift in ONSET_AXIS.nodes])
        for name, shares in kinds.items()
    }


def _in_time(edges_us: Array, shares: Array) -> Array:
    """Return what is detected in each bin of shares between edges, flat within each."""
    fine = np.linspace(0.0, TIME_EDGES_US[-1], 6001)
    total = np.append(0.0, np.cumsum(shares))
    inside = np.diff(np.interp(fine, edges_us, total))
    middle = 0.5 * (fine[1:] + fine[:-1])
    binned, _ = np.histogram(middle, TIME_EDGES_US, weights=inside * time_efficiency(middle))
    return np.asarray(binned)


def _steady_in_time() -> Array:
    """Return the shares of a background that is constant in time but for the efficiency."""
    constant = _in_time(np.array([0.0, TIME_EDGES_US[-1]]), np.ones(1))
    return np.asarray(constant / constant.sum())


def _histogram(raw: RawFolder, relative: str) -> NDArray[np.int32]:
    """Return the events in the bins, shape (PE bins, time bins)."""
    events = read_numbers(raw, relative, 2, least=0.0)
    counts, _, _ = np.histogram2d(events[:, 0], events[:, 1], (PE_EDGES, TIME_EDGES_US))
    return np.asarray(counts, dtype=np.int32)


def _coefficients(raw: RawFolder, relative: str, *, sets: int) -> Array:
    """Return sets of four coefficients, nominal first, then pairs of +1 and -1 sigma."""
    table = read_numbers(raw, relative, 4)
    raw.expect(relative, len(table) == sets, f"{sets} sets of coefficients, found {len(table)}")
    for plus, minus in zip(table[1::2], table[2::2], strict=True):
        # All variations are straight lines, which is what makes them continue to 3 sigma.
        straight = np.allclose(plus + minus, 2 * table[0], rtol=2e-4, atol=1e-7)
        raw.expect(relative, straight, "variations symmetric about the nominal set")
    return table


def _neutrons(raw: RawFolder, energy: str, time: str) -> Array:
    """Return the shares of a background in the bins, which sum to one.

    Its photoelectrons include the efficiency, its times do not.
    """
    pe, times = (read_numbers(raw, name, 2) for name in (energy, time))
    for name, table in ((energy, pe), (time, times)):
        good = table[:, 1].min() >= 0 and np.all(np.diff(table[:, 0]) > 0)
        raw.expect(name, good, "increasing centres with contents >= 0")
    weights = (pe[:, 1], times[:, 1] * time_efficiency(times[:, 0]))
    shares = [
        np.histogram(centres, edges, weights=weight)[0]
        for centres, edges, weight in zip(
            (pe[:, 0], times[:, 0]), (PE_EDGES, TIME_EDGES_US), weights, strict=True
        )
    ]
    raw.expect(energy, min(share.sum() for share in shares) > 0, "events in the bins, found none")
    return np.outer(*(share / share.sum() for share in shares))
