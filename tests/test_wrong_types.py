"""Things of the wrong kind are named at once, and nothing is taken for what it is not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.errors import ArgumentError, CardError
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file, models_dir

SEARCH = "pandax4t_paired"


@pytest.fixture(scope="module")
def search() -> Experiment:
    return experiment(SEARCH)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A card of one's own that takes the table of the package."""
    return Path(shutil.copy(models_dir() / f"{SEARCH}.toml", tmp_path / "my_paired.toml"))


@pytest.mark.parametrize("name", [None, 5, b"xenonnt_cevns", ["xenonnt_cevns"], "a\0b.toml"])
def test_what_is_no_name(name: Any) -> None:
    with pytest.raises(ArgumentError, match="expected the name of an experiment or a path, got"):
        experiment(name)


def test_a_path_is_as_good_as_its_text(copied: Path) -> None:
    assert experiment(copied).name == experiment(str(copied)).name == "my_paired"


@pytest.mark.parametrize("given", [b"xenonnt_cevns", [None], 5, None, {SEARCH: 1}, [5]])
def test_what_is_no_experiment(given: Any) -> None:
    with pytest.raises(ArgumentError, match=r"expected (the name of an experiment|a list)"):
        ModelSpec.of(given)


def test_an_experiment_is_given_as_object_or_by_name(search: Experiment, copied: Path) -> None:
    for given in (search, SEARCH, [SEARCH], (search,), [str(models_dir() / f"{SEARCH}.toml")]):
        if given == [str(models_dir() / f"{SEARCH}.toml")]:
            with pytest.raises(CardError, match="rename"):  # a card of one's own has its own name
                ModelSpec.of(given)
        else:
            assert ModelSpec.of(given).experiments == (search,)
    assert ModelSpec.of(copied).experiments[0].name == "my_paired"
    for function in (bc.expected_counts, bc.asimov):
        assert isinstance(function(SEARCH), type(function(search)))
        with pytest.raises(ArgumentError, match=r"expected the name of an experiment or what"):
            function([search])


def test_an_iterator_is_read_once(search: Experiment) -> None:
    model = bc.build_model(e for e in [search])
    assert [v.name for v in model.observed_RVs] == [f"{SEARCH}.counts"]


@pytest.mark.parametrize("given", ["flux_8b=flat", ["flux_8b"], 1.0])
def test_what_are_no_nuisance_priors(search: Experiment, given: Any) -> None:
    with pytest.raises(ArgumentError, match="expected priors by nuisance, such as"):
        bc.build_model([search], nuisance_priors=given)


@pytest.mark.parametrize("runs", [None, "run0", 1])
def test_what_are_no_runs(search: Experiment, runs: Any) -> None:
    with pytest.raises(ArgumentError, match=f"expected a list of runs of {SEARCH}"):
        search.select_runs(runs)


def test_what_is_no_source(search: Experiment) -> None:
    with pytest.raises(ArgumentError, match=r"expected a source, as bayes_cevns.source returns it"):
        search.with_source("solar_8b")


@pytest.mark.parametrize("mass", ["10", True, [True]])
def test_what_is_no_mass(search: Experiment, mass: Any) -> None:
    with pytest.raises(ArgumentError, match="must be a real number"):
        bc.build_model([search], interaction="b-l", mass_mev=mass)


def test_the_standard_model_has_no_mass(search: Experiment) -> None:
    with pytest.raises(ArgumentError, match="no mediator, got a mass of 10"):
        bc.build_model([search], mass_mev=10.0)


def test_a_copy_of_a_card_overlaps_with_the_original(search: Experiment, copied: Path) -> None:
    both = [search, experiment(copied)]
    with pytest.raises(ArgumentError, match=f"{SEARCH} and my_paired share exposure"):
        ModelSpec.of(both)
    assert len(ModelSpec.of(both, allow_overlap=True).experiments) == 2


def test_runs_of_one_table_do_not_overlap(xenonnt: Experiment) -> None:
    other = replace(xenonnt.select_runs(["sr1"]), name="another")
    assert len(ModelSpec.of([xenonnt.select_runs(["sr0"]), other]).experiments) == 2


def test_overlaps_that_do_not_exist(copied: Path) -> None:
    text = copied.read_text(encoding="utf-8")
    copied.write_text(text.replace("overlaps = []", f'overlaps = ["{SEARCH}"]'), encoding="utf-8")
    experiment(copied)
    wrong = text.replace("overlaps = []", 'overlaps = ["pandax4t_pairde"]')
    copied.write_text(wrong, encoding="utf-8")
    with pytest.raises(CardError, match=r"line 7.*overlaps.*'pandax4t_pairde' is no experiment"):
        experiment(copied)


def test_a_table_that_is_not_there(copied: Path) -> None:
    text = copied.read_text(encoding="utf-8")
    table = experiment(SEARCH).card.table
    assert data_file(table).is_file()
    for name in ("", "no/such.nc"):
        copied.write_text(text.replace(table, name), encoding="utf-8")
        with pytest.raises(CardError, match=f"'{name}' is no file, neither in"):
            experiment(copied)


def test_counts_are_quoted_where_the_card_says() -> None:
    """XENON1T's unreleased backgrounds make up for the 16 events that were observed."""
    search = experiment("xenon1t_s2only")
    (counts,) = bc.expected_counts(search).values()
    assert counts["unknown"] == pytest.approx(13.8)
    assert sum(counts.values()) == pytest.approx(search.observed.item(), abs=0.1)


@pytest.mark.parametrize("given", [np.array(10.0), np.array("b-l"), np.float64(1.0)])
def test_an_array_without_dimensions_is_no_list(given: Any) -> None:
    """It has all that makes an Iterable, and cannot be gone through."""
    calls = (
        lambda: ModelSpec.of(given),
        lambda: experiment(SEARCH).select_runs(given),
        lambda: bc.CouplingModel.of(given),
        lambda: bc.compare_models(SEARCH, interactions=given, mass_mev=10.0),
        lambda: bc.compare(given),
    )
    for call in calls:
        with pytest.raises(ArgumentError, match="expected a list of"):
            call()


@pytest.mark.parametrize("name", ["x" * 5000, "a\ud800"])
def test_a_path_that_no_file_can_have(name: str) -> None:
    for call in (bc.load, bc.read_analysis, bc.read_plan, bc.read_progress):
        with pytest.raises(ArgumentError) as caught:
            call(name)
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize("wrong", [np.ma.masked, Decimal("nan")])
def test_a_number_that_is_masked_or_a_decimal_of_none(wrong: Any) -> None:
    for given in ({"mean": wrong, "sd": 0.1}, {"mean": 1.0, "sd": wrong}):
        with pytest.raises(ArgumentError, match=r"number|must be|needs"):
            bc.Prior.normal(**given, lower=0.0)
