"""CENNS-10: responses and neutron templates at the nodes of the systematic uncertainties.

The release has the central cube of each component and cubes with one systematic effect changed by
one standard deviation. Where the effect is a time, what the release describes is computed anew at
every node; else a template at a pull t is morphed bin by bin: a parabola through the cubes at -1,
0 and 1, continued by its tangents, never below zero, and scaled to the total of the central cube.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    DetectorResponse,
    GaussianResolution,
    PolynomialQuenching,
    TabulatedEfficiency,
)
from bayes_cevns.releases import coherent_lar_timing as timing

#: Table 1 of the release (arXiv:2006.12659): reconstructed energy, F90 and time of trigger.
EDGES_KEVEE: Final = np.linspace(0.0, 120.0, 13)
EDGES_F90: Final = np.linspace(0.5, 0.9, 9)
EDGES_US: Final = np.linspace(-0.1, 4.9, 11)

#: Axis -> its nodes in standard deviations, and what it is. Morphed templates are parabolas and
#: straight lines, for which few nodes do; times change within a fraction of their width.
AXES: Final[dict[str, tuple[tuple[float, ...], str]]] = {
    "f90": ((-3.0, -1.0, 0.0, 1.0, 3.0), "pull of the F90 of nuclear recoils"),
    "timing": ((-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25), "pull of the mean time of protons"),
    "brn_energy": ((-3.0, -1.0, 0.0, 1.0, 3.0), "pull of the energy of neutrons"),
    "brn_time": ((-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0), "pull of the mean time of neutrons"),
    "brn_width": (
        (-2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0),
        "pull of the width in time of neutrons, 1 for the narrow variant",
    ),
}

#: ``larQF`` of the release: E_ee = (a + b T) T, T in keV; up to all recoils of this source.
QUENCHING: Final = PolynomialQuenching((0.246, 0.00078), maximum_kev=200.0)
#: ``energyResolution`` of the release: sigma = 0.58 sqrt(E), E in keVee.
RESOLUTION_ROOT_KEV: Final = 0.58

# Parts of a bin of 10 keVee in which the efficiency is constant: 0.25 keVee.
_SUB_BINS = 40
# Energy bins with less signal take the F90 of the last bin that has more.
_LEAST_SIGNAL = 1e-3


def morph(nominal: Array, *, plus: Array, minus: Array, pull: float) -> Array:
    """Return a template at a pull from those at pulls 0 (`nominal`), 1 and -1, of its shape."""
    slope, bend = 0.5 * (plus - minus), 0.5 * (plus + minus) - nominal
    near = float(np.clip(pull, -1.0, 1.0))
    parabola = nominal + slope * near + bend * near**2
    moved = np.maximum(parabola + (slope + 2.0 * bend * near) * (pull - near), 0.0)
    return np.asarray(moved * (nominal.sum() / moved.sum()))


def f90_shapes(nominal: Array, *, plus: Array, minus: Array) -> Array:
    """Return what F90 makes of the signal in a bin of energy, shape (f90, energy, F90 bin).

    At pull zero the probability of the F90 bins given the energy bin. At other pulls these do
    not add up to one: with F90 the energy distribution of accepted recoils changes as well. The
    cubes, shape (energy, F90, time), have the same total.
    """
    flat = [cube.sum(axis=-1) / cube.sum() for cube in (nominal, plus, minus)]
    central, variants = flat[0], {"plus": flat[1], "minus": flat[2]}
    energy = central.sum(axis=1)
    last = int(np.flatnonzero(energy * nominal.sum() > _LEAST_SIGNAL)[-1])
    source = np.minimum(np.arange(energy.size), last)
    moved = [morph(central, **variants, pull=pull)[source] for pull in AXES["f90"][0]]
    return np.asarray(moved) / energy[source][:, None]


def signal_times(signal: str) -> Array:
    """Return the probability of the bins of time of a signal, shape (timing, time bin)."""
    fractions = {"prompt": timing.prompt_fractions, "delayed": timing.delayed_fractions}[signal]
    means = [
        timing.PROTONS_MEAN_US + pull * timing.PROTONS_MEAN_ERROR_US for pull in AXES["timing"][0]
    ]
    return np.array([fractions(EDGES_US, mean_us=mean) for mean in means])


def response(
    recoil_energy_kev: Array, *, efficiency: tuple[Array, Array], f90_shapes: Array
) -> Array:
    """Return the probability of energy and F90, shape (recoil_energy, f90, energy x F90 bin).

    The steps of section 5 of the release: quenching, resolution, efficiency at the reconstructed
    energy, F90 given the bin of energy. `efficiency` are energies in keVee and the efficiency
    there; `f90_shapes` is as the function above returns it.
    """
    detector = DetectorResponse(
        EDGES_KEVEE,
        QUENCHING,
        resolution=GaussianResolution(lambda energy: RESOLUTION_ROOT_KEV * np.sqrt(energy)),
        efficiency=TabulatedEfficiency(*efficiency),
        sub_bins=_SUB_BINS,
    )
    seen = detector.matrix(recoil_energy_kev)
    cube = np.einsum("re,fep->rfep", seen, f90_shapes)
    return np.asarray(cube.reshape(*cube.shape[:2], -1))


def neutron_energies(nominal: Array, *, plus: Array, minus: Array) -> Array:
    """Return energy and F90 of prompt neutrons, of sum one, shape (brn_energy, energy, F90 bin)."""
    flat = [cube.sum(axis=-1) / cube.sum() for cube in (nominal, plus, minus)]
    pulls = AXES["brn_energy"][0]
    return np.array([morph(flat[0], plus=flat[1], minus=flat[2], pull=p) for p in pulls])


def neutron_times(nominal: Array, *, later: Array, earlier: Array, narrower: Array) -> Array:
    """Return times of prompt neutrons, of sum one, shape (brn_time, brn_width, time bin).

    The cubes have neutrons in the first three bins of time alone, and each set of fractions is
    one normal distribution. Its mean moves by half the difference of the variants, its width is
    the central one times the ratio of the narrow variant to it, to the power of the pull: the
    release has no wide variant.
    """
    filled = np.flatnonzero(nominal.sum(axis=(0, 1)))
    window = EDGES_US[: filled[-1] + 2]

    def normal(cube: Array) -> tuple[float, float]:
        return timing.normal_through(window, cube.sum(axis=(0, 1))[: window.size - 1])

    mean, width = normal(nominal)
    shift = 0.5 * (normal(later)[0] - normal(earlier)[0])
    ratio = normal(narrower)[1] / width
    times = np.zeros((len(AXES["brn_time"][0]), len(AXES["brn_width"][0]), EDGES_US.size - 1))
    for i, moved in enumerate(AXES["brn_time"][0]):
        for j, pull in enumerate(AXES["brn_width"][0]):
            times[i, j, : window.size - 1] = timing.normal_fractions(
                window, mean_us=mean + moved * shift, width_us=width * ratio**pull
            )
    return times
