"""Experiments that share exposure, or contradict each other, are fitted together if asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError
from bayes_cevns.model import build_model
from bayes_cevns.specification.columns import experiment_label
from bayes_cevns.specification.model_spec import ModelSpec, check_experiments
from bayes_cevns.studies.couplings import sample_couplings
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan


@pytest.fixture(scope="module")
def s2only() -> Experiment:
    return experiment("xenonnt_s2only")


def test_each_way_to_a_joint_fit_refuses(xenonnt: Experiment, s2only: Experiment) -> None:
    both = [xenonnt, s2only]
    message = r"xenonnt_cevns and xenonnt_s2only share exposure.*allow_overlap=True"
    with pytest.raises(ArgumentError, match=message):
        build_model(both)
    with pytest.raises(ArgumentError, match=message):
        sample(both)
    with pytest.raises(ArgumentError, match=message):
        scan(both, interaction="vector-universal", masses_mev=[1.0])
    with pytest.raises(ArgumentError, match=message):
        build_model(both, couplings=CouplingModel.of(["ee_u"]))
    with pytest.raises(ArgumentError, match=message):
        sample_couplings(both, couplings=["ee_u"])


def test_one_card_is_enough_and_the_order_does_not_matter(
    xenonnt: Experiment, s2only: Experiment
) -> None:
    silent = replace(xenonnt, card=xenonnt.card.model_copy(update={"overlaps": ()}))
    for pair in ([silent, s2only], [s2only, silent]):
        with pytest.raises(ArgumentError, match="share exposure"):
            check_experiments(pair)


def test_others_and_the_override_are_accepted(xenonnt: Experiment, s2only: Experiment) -> None:
    spec = ModelSpec.of([xenonnt, s2only], allow_overlap=True)
    assert [e.name for e in spec.experiments] == ["xenonnt_cevns", "xenonnt_s2only"]
    check_experiments([xenonnt, replace(xenonnt, name="another", table_sha256="another")])


@pytest.fixture(scope="module")
def germanium() -> dict[str, Experiment]:
    names = ("dresden_ii", "dresden_ii_ybe", "conus_plus", "coherent_ge")
    return {name: experiment(name) for name in names}


@pytest.mark.parametrize("dresden", ["dresden_ii", "dresden_ii_ybe"])
@pytest.mark.parametrize("other", ["conus_plus", "coherent_ge"])
def test_dresden_ii_is_refused_beside_other_germanium(
    germanium: dict[str, Experiment], dresden: str, other: str
) -> None:
    for pair in ([dresden, other], [other, dresden]):
        both = [germanium[name] for name in pair]
        message = r"contradict each other.*2502\.12308.*allow_conflict=True \(--allow-conflict\)"
        with pytest.raises(ArgumentError, match=message) as caught:
            check_experiments(both, allow_overlap=True)
        assert "\n" not in str(caught.value)
        assert check_experiments(both, allow_conflict=True) == tuple(both)


def test_each_way_to_a_joint_fit_of_a_conflict_refuses(germanium: dict[str, Experiment]) -> None:
    both = [germanium["dresden_ii"], germanium["conus_plus"]]
    with pytest.raises(ArgumentError, match="contradict"):
        build_model(both)
    with pytest.raises(ArgumentError, match="contradict"):
        sample(both)
    with pytest.raises(ArgumentError, match="contradict"):
        scan(both, interaction="vector-universal", masses_mev=[1.0])
    assert len(ModelSpec.of(both, allow_conflict=True).experiments) == 2


def test_one_word_does_not_allow_the_other(germanium: dict[str, Experiment]) -> None:
    both = [germanium["dresden_ii"], germanium["dresden_ii_ybe"]]
    with pytest.raises(ArgumentError, match="share exposure"):
        check_experiments(both, allow_conflict=True)


def test_germanium_that_is_not_disputed_goes_together(germanium: dict[str, Experiment]) -> None:
    check_experiments([germanium["conus_plus"], germanium["coherent_ge"]])


def test_disputed_is_said_wherever_a_limit_is(germanium: dict[str, Experiment]) -> None:
    for name, one in germanium.items():
        disputed = name.startswith("dresden")
        assert bool(one.card.disputed) == disputed
        assert one.card.heading.endswith(" (disputed)") == disputed
        assert experiment_label(one) == (f"{name} (disputed)" if disputed else name)
