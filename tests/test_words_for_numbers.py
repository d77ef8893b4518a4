"""Words, rows of different lengths and complex numbers where numbers are expected: named errors."""

from __future__ import annotations

import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.detectors import (
    ConstantQuenching,
    Lindhard,
    LogisticEfficiency,
    NestNuclearYields,
    TabulatedEfficiency,
    TabulatedQuenching,
    pandax4t_yield,
)
from bayes_cevns.detectors.resolution import bin_edges
from bayes_cevns.errors import ArgumentError
from bayes_cevns.model import build_model
from bayes_cevns.physics.atoms import electrons_above
from bayes_cevns.physics.checks import finite, numbers, positive
from bayes_cevns.physics.dark_matter import StandardHalo, WimpRate
from bayes_cevns.physics.migdal import probability
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.oscillation import (
    NsiCouplings,
    OscillationParameters,
    heavy_vector,
    survival_probability,
)
from bayes_cevns.sources import Beam, Line, Spectrum, boron8, reactor

CALLS = {
    "positive": lambda bad: positive(bad, what="a length", unit="fm"),
    "finite": lambda bad: finite(bad, what="a charge"),
    "electrons_above": lambda bad: electrons_above(bad, "Xe"),
    "halo density": lambda bad: StandardHalo(density_gev_per_cm3=bad),
    "halo earth": lambda bad: StandardHalo(earth_km_s=bad),
    "halo speed": lambda bad: StandardHalo().mean_inverse_speed(bad),
    "wimp mass": lambda bad: WimpRate(target("Xe"), bad, 1e-46),
    "wimp recoil": lambda bad: WimpRate(target("Xe"), 10.0, 1e-46).recoil(bad),
    "wimp deposit": lambda bad: WimpRate(target("Xe"), 10.0, 1e-46).recoil(1.0, bad),
    "migdal electron": lambda bad: probability("Xe", "4d", bad, 1.0, 1.2e5),
    "migdal recoil": lambda bad: probability("Xe", "4d", 1.0, bad, 1.2e5),
    "survival": lambda bad: survival_probability("8b", bad),
    "mixing": lambda bad: OscillationParameters(sin2_theta12=bad),
    "nsi by name": lambda bad: NsiCouplings.of({"eps_ee_u": bad}),
    "nsi matrix": lambda bad: NsiCouplings(up=[[bad] * 3] * 3),
    "heavy coupling": lambda bad: heavy_vector(bad, 1.0, 1.0, 1e5),
    "heavy mass": lambda bad: heavy_vector(1.0, 1.0, 1.0, bad),
    "constant quenching": ConstantQuenching,
    "lindhard k": lambda bad: Lindhard(54, 131.3, k=bad),
    "lindhard recoil": lambda bad: Lindhard(54, 131.3).electron_equivalent_kev(bad),
    "quenching table": lambda bad: TabulatedQuenching([0.1, 1.0], [bad, bad]),
    "nest field": NestNuclearYields,
    "measured yield": lambda bad: pandax4t_yield("run0", "charge")(bad),
    "efficiency": lambda bad: LogisticEfficiency(1.0, 1.0, 1.0)(bad),
    "efficiency table": lambda bad: TabulatedEfficiency([bad, bad], [0.1, 0.2]),
    "bin edges": lambda bad: bin_edges([0.0, bad]),
    "spectrum": lambda bad: Spectrum("beam", [1.0, 2.0], [bad, bad]),
    "line": lambda bad: Line("line", bad, 1.0),
    "moments": lambda bad: boron8().inverse_moments(bad),
    "factor": lambda bad: boron8().scaled(bad),
    "total flux": lambda bad: boron8(total_per_cm2_s=bad),
    "beam": lambda bad: Beam("beam", bad, 0.1, 20.0),
    "reactor": lambda bad: reactor(thermal_power_gw=bad, baseline_m=10.0),
    "baseline": lambda bad: reactor(thermal_power_gw=1.0, baseline_m=bad),
}


@pytest.mark.parametrize("bad", ["much", 1j], ids=str)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_no_number_is_named(call, bad):
    with pytest.raises(ArgumentError, match=r"must be a real number|expected a real matrix"):
        call(bad)


def test_rows_of_different_lengths_are_shown_shown():
    with pytest.raises(ArgumentError, match=r"a charge must be a real number.* got .{1,60}$"):
        finite([[1.0] * 20, [2.0]], what="a charge")


def test_numbers_keep_their_shape_and_none_is_no_number():
    assert numbers([[1, 2]], what="a charge").shape == (1, 2)
    with pytest.raises(ArgumentError, match="a length must be positive and finite, in fm; got nan"):
        positive(None, what="a length", unit="fm")


@pytest.mark.parametrize("bounds", [("low", "high"), 3.0, (0.0, 1.0, 2.0)], ids=str)
def test_bounds_of_couplings_are_two_numbers(bounds):
    with pytest.raises(ArgumentError, match="two bounds of eps_ee_u"):
        build_model(
            [experiment("xenonnt_cevns")],
            couplings=CouplingModel.of(["ee_u"]),
            bounds={"eps_ee_u": bounds},
        )
