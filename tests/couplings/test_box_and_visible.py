"""Bounds of couplings, and couplings of which the data say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior, box_prior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import CouplingTable, coupling_tables
from bayes_cevns.couplings.visible import check_visible
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.specification.model_spec import ModelSpec


@cache
def loaded(name: str) -> Experiment:
    return experiment(name)


def prior_of(
    experiments: Sequence[str],
    *couplings: str,
    bounds: dict[str, tuple[float, float]] | None = None,
    **options: Any,
) -> tuple[tuple[CouplingTable, ...], BoxPrior]:
    model = CouplingModel.of(couplings, **options)
    tables = coupling_tables([loaded(name) for name in experiments], model)
    return tables, box_prior(model, tables, bounds or {})


def test_bounds_of_couplings_with_a_natural_scale() -> None:
    _, prior = prior_of(["conus_plus"], "ee_u", "sin2_theta_w", "emu_d_im")
    assert prior.bounds == {
        "eps_ee_u": (-1.0, 1.0),
        "sin2_theta_w": (0.0, 1.0),
        "eps_emu_d_im": (-1.0, 1.0),
    }
    np.testing.assert_array_equal(prior.standard, [0.0, 0.23857, 0.0])


def test_bounds_that_are_given_win() -> None:
    given = {"x_q": (-1e-9, 2e-9), "eps_ee_u": (0.1, 0.5)}
    _, prior = prior_of(["conus_plus"], "ee_u", "x_q", "mu_nu", mass_mev=3.0, bounds=given)
    assert {name: prior.bounds[name] for name in given} == given
    assert prior.box.lower.tolist()[:2] == [0.1, -1e-9]
    some = prior.some([1, 0])
    assert (some.names, some.bounds) == (("x_q", "eps_ee_u"), given)


@pytest.mark.parametrize("name", ["conus_plus", "coherent_csi", "xenonnt_cevns"])
def test_bounds_by_the_data(name: str) -> None:
    """Where the square of the coupling alone makes ten times the counts (and ten more).

    Both signs of what interferes, and sizes of moments; by the mediator's table.
    """
    mass, one = float(np.logspace(-2, 5, 85)[36]), loaded(name)
    _, prior = prior_of([name], "x_q", "mu_nu", "r2_nu", mass_mev=mass)
    beside = np.abs(one.observed.values).sum() + 10.0
    for coupling, kind, unit in (
        ("x_q", "vector-universal", 1.0),
        ("mu_nu", "magnetic-moment", 1.0),
        ("r2_nu", "charge-radius", 1e-32),
    ):
        square = RateTable(one, interaction(kind)).nominal(
            mass if unit and kind[0] == "v" else None
        )
        expected = np.sqrt(10.0 * beside / square[2]) / unit
        low, high = prior.bounds[coupling]
        assert high == pytest.approx(expected, rel=1e-6)
        assert low == (0.0 if coupling == "mu_nu" else -high)


def test_the_tightest_of_several_experiments_bounds() -> None:
    alone = [prior_of([name], "mu_nu")[1].upper[0] for name in ("conus_plus", "lz_8b")]
    assert prior_of(["conus_plus", "lz_8b"], "mu_nu")[1].upper[0] == min(alone)


def test_no_bound_for_what_changes_nothing() -> None:
    with pytest.raises(ArgumentError, match=r"mu_nu_tau changes no signal of conus_plus"):
        prior_of(["conus_plus"], "mu_nu_tau")
    with pytest.raises(ArgumentError, match=r"x_e changes no signal of coherent_csi \+ conus_plus"):
        prior_of(["coherent_csi", "conus_plus"], "x_q", "x_e", mass_mev=1.0)


UNSEEN = {
    "electrons on nuclei": (["conus_plus"], ["ee_e"], {}),
    "electrons of solar CEvNS, in the detector alone": (["lz_8b"], ["ee_e"], {"matter": False}),
    "another flavour at a reactor": (["conus_plus"], ["tautau_u"], {}),
    "two other flavours at a reactor": (["conus_plus"], ["mutau_u"], {}),
    "tau neutrinos of pions": (["coherent_csi"], ["tautau_d"], {}),
    "axial currents on nuclei": (["lz_8b"], ["eA"], {}),
    "quarks on electrons, in the detector alone": (["xenonnt_er"], ["u"], {}),
    "one way through the Sun, with no flavour in the detector": (["lz_8b"], ["ee_eR"], {}),
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_is_not_seen(case: str) -> None:
    names, couplings, options = UNSEEN[case]
    tables, prior = prior_of(names, *couplings, **options)
    full = prior.names[0]
    for apart in (True, False):
        with pytest.raises(ArgumentError, match=rf"{full}: no change in the expected counts"):
            check_visible(tables, prior, apart=apart)


SEEN = {
    "its own flavour at a reactor": (["conus_plus"], ["ee_u", "etau_d"], {}),
    "both flavours of pions": (["coherent_csi"], ["ee_u", "mumu_u", "mutau_u", "etau_d_im"], {}),
    "all flavours of the Sun": (["lz_8b"], ["tautau_u", "emu_d", "mutau_d"], {}),
    "both hands of electrons": (["xenonnt_er"], ["ee_eL", "tautau_eR", "eA"], {}),
    "quarks in the Sun, by electrons": (["xenonnt_er"], ["ee_u"], {}),
    "each in another experiment": (["conus_plus", "coherent_csi"], ["ee_u", "mumu_d"], {}),
}


@pytest.mark.parametrize("case", SEEN)
def test_what_is_seen(case: str) -> None:
    names, couplings, options = SEEN[case]
    for apart in (True, False):
        check_visible(*prior_of(names, *couplings, **options), apart=apart)


def test_what_is_seen_through_others() -> None:
    """Electrons turn flavours on the way, which CEvNS tells apart with another coupling alone."""
    tables, prior = prior_of(["lz_8b"], "tautau_u", "ee_e")
    check_visible(tables, prior)
    with pytest.raises(ArgumentError, match="eps_ee_e: no change"):
        check_visible(tables, prior, apart=True)


def test_all_that_are_not_seen_are_named_at_once() -> None:
    tables, prior = prior_of(["conus_plus", "lz_8b"], "ee_u", "eA", "mutau_eA_im")
    with pytest.raises(ArgumentError, match=r"eps_eA, eps_mutau_eA_im: .* conus_plus \+ lz_8b"):
        check_visible(tables, prior)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bounds": {"eps_ee_d": (0, 1)}}, UnknownNameError, "free coupling 'eps_ee_d'"),
        ({"bounds": {"eps_ee_u": (1, 1)}}, ArgumentError, "bounds of eps_ee_u must increase"),
        ({"bounds": {"ee_u": (0.0, np.nan)}}, ArgumentError, "bounds of eps_ee_u must increase"),
        ({"bounds": {"ee_u": (0, 1), "eps_ee_u": (0, 1)}}, ArgumentError, "given twice"),
        ({"bounds": {"ee_u": (0, 1, 2)}}, ArgumentError, "two bounds of eps_ee_u"),
        ({"bounds": [0, 1]}, ArgumentError, "bounds by coupling"),
        ({"prior": "log"}, ArgumentError, "prior of several couplings is flat, got 'log'"),
        (
            {"interaction": "b-l"},
            ArgumentError,
            "an interaction or couplings, got b-l and eps_ee_u",
        ),
        ({"couplings": "ee_u"}, ArgumentError, r"as CouplingModel\.of makes them"),
        ({"couplings": None, "bounds": {"ee_u": (0, 1)}}, ArgumentError, "name some couplings"),
        ({"nuisance_priors": {"flux": "sno"}}, UnknownNameError, "nuisance 'flux'"),
        ({"experiments": []}, ArgumentError, "one experiment or more"),
        ({"max_coupling": 1.0}, ArgumentError, "no largest one"),
    ],
)
def test_wrong_specifications(options: dict[str, Any], error: type, message: str) -> None:
    given = {
        "experiments": [loaded("xenonnt_cevns")],
        "couplings": CouplingModel.of(["ee_u"]),
    } | options
    with pytest.raises(error, match=message):
        ModelSpec.of(given.pop("experiments"), **given)


def test_a_specification_made_by_hand_is_checked_as_well() -> None:
    one = loaded("xenonnt_cevns")
    with pytest.raises(ArgumentError, match="an interaction or couplings"):
        ModelSpec((one,), interaction("b-l"), couplings=CouplingModel.of(["ee_u"]))
    with pytest.raises(ArgumentError, match="must increase"):
        ModelSpec((one,), None, couplings=CouplingModel.of(["ee_u"]), bounds={"ee_u": (1, -1)})
    spec = ModelSpec((one,), None, couplings=CouplingModel.of(["ee_u"]), bounds={"ee_u": (-1, 1)})
    assert spec.merging_bins().bounds == {"eps_ee_u": (-1.0, 1.0)}
    assert "eps_ee_u" in repr(spec)


def test_specifications_with_bounds_can_be_keys() -> None:
    """Studies keep what they have computed by specification."""
    one, model = experiment("conus_plus"), CouplingModel.of(["ee_u"])
    specs = [
        ModelSpec.of([one], couplings=model, bounds={"ee_u": (-1.0, high)}) for high in (1.0, 2.0)
    ]
    assert len({*specs, *specs}) == 2, "bounds tell them apart"
