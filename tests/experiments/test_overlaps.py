"""Experiments that share exposure are fitted together only where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment, experiment
from bayes_cevns.inference.sample import sample
from bayes_cevns.inference.scan import scan
from bayes_cevns.model import build_model
from bayes_cevns.nsi.model import nsi_model
from bayes_cevns.specification import ModelSpec, check_experiments


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
        nsi_model(both, parameters=["eps_ee_u"])


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
