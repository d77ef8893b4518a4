"""Response matrices against counting and against integration by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    GammaResolution,
    GaussianResolution,
    Lindhard,
    LogisticEfficiency,
    PolynomialQuenching,
    ResponseTable,
    TabulatedEfficiency,
    response_table,
)
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import Source, Spectrum
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients

RECOIL = np.linspace(0.05, 60.0, 400)
EFFICIENCY = LogisticEfficiency(a=1.32045, b=0.285979, c=10.8646, d=-0.333322)


def csi_sigma(signal):
    return signal / np.sqrt(1 + 9.56 * 0.0749 * signal)


def csi(edges, *, slope=0.0554628, efficiency=EFFICIENCY) -> DetectorResponse:
    """Return COHERENT's CsI detector of 2021: numbers of its ancillary files."""
    quenching = PolynomialQuenching.from_mev((slope, 4.30681, -111.707, 840.384), maximum_kev=80.0)
    return DetectorResponse(
        edges=edges,
        quenching=quenching,
        gain=1 / 0.0749,
        resolution=GammaResolution(csi_sigma),
        efficiency=efficiency,
    )


def rate(recoil):
    return 1e3 * np.exp(-recoil / 8.0)


def test_rows_sum_to_the_efficiency():
    """Bins that hold everything: the sum is the efficiency averaged over the resolution."""
    acceptance = TabulatedEfficiency([0.0, 5.0, 80.0], [0.0, 0.9, 0.9])
    edges = np.linspace(0.0, 500.0, 101)
    plain = DetectorResponse(
        edges, Lindhard(54, 131.29), 10.0, GammaResolution(np.sqrt), acceptance=acceptance
    )
    np.testing.assert_allclose(plain.matrix(RECOIL).sum(axis=-1), acceptance(RECOIL), atol=1e-12)
    flat = csi(edges, efficiency=lambda signal: np.full_like(signal, 0.6))
    np.testing.assert_allclose(flat.matrix(RECOIL).sum(axis=-1), 0.6, rtol=1e-12)


def test_efficiency_inside_a_bin_is_integrated():
    """Against the density times efficiency, by quad, in one wide bin."""
    detector = csi([0.0, 20.0, 60.0])
    recoil = 15.0
    energy = float(detector.quenching.electron_equivalent_kev(recoil))
    shape = 1 + 9.56 * energy
    per_unit = 0.0749 / energy * shape

    def density(x):
        log = (shape - 1) * math.log(x) + shape * math.log(per_unit) - per_unit * x
        return math.exp(log - math.lgamma(shape)) * float(EFFICIENCY(x))

    expected = [quad(density, 1e-9, 20, points=[7.0])[0], quad(density, 20, 60)[0]]
    np.testing.assert_allclose(detector.matrix(recoil), expected, rtol=2e-3)
    fine = DetectorResponse(
        **{name: getattr(detector, name) for name in ("edges", "quenching", "gain", "resolution")},
        efficiency=EFFICIENCY,
        sub_bins=400,
    )
    np.testing.assert_allclose(fine.matrix(recoil), expected, rtol=1e-5)


def test_sharp_limit_is_counting():
    edges = np.array([0.2, 0.5, 1.0, 2.0])
    quenching = Lindhard(32, 72.63)
    efficiency = TabulatedEfficiency([0.2, 2.0], [0.4, 0.8])
    sharp = DetectorResponse(edges, quenching, efficiency=efficiency)
    recoil = np.linspace(0.0, 12.0, 241)
    seen = quenching.electron_equivalent_kev(recoil)
    found = sharp.matrix(recoil)
    for row, signal in zip(found, seen, strict=True):
        expected = np.zeros(3)
        index = np.searchsorted(edges, signal, side="right") - 1
        if 0 <= index < 3:
            expected[index] = efficiency(signal)
        np.testing.assert_allclose(row, expected, rtol=1e-12)
    # Far from edges a narrow resolution gives the same.
    narrow = DetectorResponse(
        edges, quenching, resolution=GaussianResolution(lambda e: 1e-5 * e), efficiency=efficiency
    )
    far = np.all(np.abs(seen[:, None] - edges) > 1e-3, axis=1)
    np.testing.assert_allclose(narrow.matrix(recoil)[far] > 0, found[far] > 0)
    np.testing.assert_allclose(narrow.matrix(recoil)[far], found[far], atol=0.03)


def test_counts_against_brute_force():
    edges = np.array([8.0, 16.0, 24.0, 40.0, 60.0])
    detector = csi(edges)
    found = response_table(RECOIL, lambda _: detector).counts(rate)
    fine = np.linspace(RECOIL[0], RECOIL[-1], 60001)
    values = rate(fine)[:, None] * detector.matrix(fine)
    expected = np.trapezoid(values, fine, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_csi_of_2021_as_published():
    """341 +- 11 (theory and flux) CEvNS events below 60 PE and 6 us (arXiv:2110.07730).

    14.6 kg at 19.3 m, 3.198e23 protons with 0.0848 neutrinos of each flavour. The arrival of the
    beam in the time window is not in the numbers: 0.3 to 0.7 us gives 352 to 342, with the form
    factor of Helm, which has no neutron skin.
    """
    muon, line = 105.6583755, 29.79
    energy = np.linspace(1e-3, muon / 2, 1001)
    x = energy / muon
    edge = np.array([line - 0.01, line, line + 0.01])
    fluence = 0.0848 * 3.198e23 / (4 * math.pi * 1930.0**2) / const.SECONDS_PER_YEAR
    prompt = Spectrum("nu_mu", edge, np.array([0.0, 100.0, 0.0]) * fluence)
    density = (192 * x**2 * (0.5 - x) + 64 * x**2 * (0.75 - x)) / muon
    delayed = Spectrum("nu_e and anti_nu_mu", energy, density * fluence)
    table = response_table(np.linspace(0.05, 79.9, 300), lambda _: csi(np.linspace(0, 60, 61)))
    events = {}
    for spectrum in (prompt, delayed):
        events[spectrum.name] = 0.0
        for element in (target("Cs"), target("I")):
            beam = Source(spectrum.name, {"nu_e": (spectrum,)})
            recoil_rate = NuclearRecoilRate(source=beam, target=element, theory=Theory("helm"))
            counts = table.counts(lambda t, r=recoil_rate: r.components(t)[0]).sum()
            molecules = 1e6 / (132.9055 + 126.9045) * const.AVOGADRO_PER_MOL
            events[spectrum.name] += 14.6e-3 * counts * molecules / element.atoms_per_tonne
    time = np.linspace(0, 6, 60001)
    kept = np.where(time < 0.52, 1.0, np.exp(-0.0494 * (time - 0.52)))
    arrival = 0.5
    decays = np.where(time > arrival, np.exp(-(time - arrival) / 2.197) / 2.197, 0.0)
    total = events[prompt.name] + events[delayed.name] * np.trapezoid(kept * decays, time)
    assert total == pytest.approx(341, abs=11)


def test_components_are_counted_together():
    table = response_table(RECOIL, lambda _: csi([8.0, 60.0]))
    both = table.counts(lambda t: np.stack([rate(t), 2 * rate(t)]))
    assert both.shape == (2, 1)
    assert both[1, 0] == pytest.approx(2 * both[0, 0])


def test_nuisances_become_axes():
    axes = [
        ShapeAxis("slope", (0.045, 0.05, 0.055, 0.06, 0.065)),
        ShapeAxis("shift", (-1.0, 0.0, 1.0, 2.0)),
    ]

    def detector(at):
        shifted = LogisticEfficiency(1.32045, 0.285979, 10.8646 + at["shift"], -0.333322)
        return csi([8.0, 16.0, 60.0], slope=at["slope"], efficiency=shifted)

    table = response_table(RECOIL, detector, axes)
    assert table.values.shape == (400, 5, 4, 2)
    for i, j in ((0, 0), (3, 1), (4, 3)):
        at = {"slope": axes[0].nodes[i], "shift": axes[1].nodes[j]}
        np.testing.assert_array_equal(table.values[:, i, j], detector(at).matrix(RECOIL))
    counts = table.counts(rate)
    assert counts.shape == (5, 4, 2)
    assert np.all(np.diff(counts.sum(axis=-1), axis=0) > 0)  # more light
    assert np.all(np.diff(counts.sum(axis=-1), axis=1) < 0)  # later threshold
    # The machinery of shape axes takes the table, and is exact at the nodes.
    assert spline_coefficients(table.axes, counts).shape == counts.shape


def test_layout_of_the_data_tables(xenonnt):
    """Dims of a run of data/xenonnt_cevns/response.nc: recoil energy, nuisances, bin."""
    axis = ShapeAxis("k", (0.1, 0.15, 0.2, 0.25))
    table = response_table(
        RECOIL, lambda at: DetectorResponse([0.1, 1.0], Lindhard(54, 131.29, k=at["k"])), [axis]
    )
    array = table.to_data_array()
    released = xenonnt.signals[0].values.isel(run=0)
    assert (array.dims[0], array.dims[-1]) == (released.dims[0], released.dims[-1])
    assert array.dims == ("recoil_energy", "k", "bin")
    assert array.attrs["units"] == "1"
    np.testing.assert_array_equal(array["k"], axis.nodes)
    np.testing.assert_array_equal(array["recoil_energy"], RECOIL)


def test_no_axes_and_electronic_recoils():
    table = response_table(
        [1.0, 2.0, 3.0, 4.0], lambda _: DetectorResponse([1, 3, 5], ConstantQuenching(1))
    )
    np.testing.assert_array_equal(table.values, [[1, 0], [1, 0], [0, 1], [0, 1]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: csi([1.0, 0.5]), ArgumentError, "bin edges must increase"),
        (
            lambda: DetectorResponse([0, 1], ConstantQuenching(1), gain=0.0),
            ArgumentError,
            "gain of a detector",
        ),
        (
            lambda: DetectorResponse([0, 1], ConstantQuenching(1), sub_bins=0),
            ArgumentError,
            "one part or more",
        ),
        (lambda: csi([0.0, 60.0]).matrix(-1.0), ArgumentError, "finite and >= 0, got -1"),
        (lambda: csi([0.0, 60.0]).matrix(90.0), TableError, "above the range"),
        (
            lambda: csi([0.0, 60.0], efficiency=lambda x: 2 + 0 * x).matrix(5.0),
            ArgumentError,
            "efficiency must be between 0 and 1",
        ),
        (lambda: response_table([0.0, 1.0], lambda _: csi([0, 60])), ArgumentError, "> 0 and incr"),
        (lambda: response_table([2.0, 1.0], lambda _: csi([0, 60])), ArgumentError, "> 0 and incr"),
        (
            lambda: response_table(
                [1.0, 2.0],
                lambda at: csi(np.linspace(0, 60, 3 + int(at["n"]))),
                [ShapeAxis("n", (0.0, 1.0, 2.0, 3.0))],
            ),
            TableError,
            "must not depend on the nuisances",
        ),
        (
            lambda: ResponseTable(np.ones(3), (), np.ones((2, 4))),
            TableError,
            "does not fit its energies and axes",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
