"""Posteriors of couplings: evidence and weights beside the likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from pymc.model.transform.conditioning import remove_value_transforms
from scipy import stats

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.box_branches import BoxBranch
from bayes_cevns.model import build_model
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import nuisance_name

NAMES = ("eps_ee_u", "eps_mutau_d")


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> Engine:
    return Engine(ModelSpec.of([xenonnt], couplings=CouplingModel.of(NAMES)), free=1)


def prior_draws(experiment: Experiment, number: int) -> dict[str, np.ndarray]:
    """Draw the nuisances from the truncated normals of the model card."""
    rng = np.random.default_rng(3)
    found = {}
    for name in experiment.nuisances():
        entry = experiment.card.nuisance[name]
        mean, width = entry.prior.mean_and_sd
        sigma = np.array([width[run] for run in experiment.runs]) if entry.per_run else width
        lower = (entry.prior.lower - mean) / sigma
        upper = (np.inf if entry.prior.upper is None else entry.prior.upper - mean) / sigma
        shape = (number, *np.shape(sigma))
        found[nuisance_name(experiment, name)] = mean + sigma * stats.truncnorm.rvs(
            lower, upper, size=shape, random_state=rng
        )
    return found


def test_evidence_and_weights_are_those_of_the_likelihood_over_the_prior(
    engine: Engine, xenonnt: Experiment
) -> None:
    """The readable twin: draw everything from the prior, and average the likelihood."""
    name = "eps_mutau_d"
    parts = engine.branches([NAMES.index(name)])
    assert len(parts) == 2
    fit = engine.fit(free=[name], seed=1, branches=parts)
    assert fit.passed, fit.reason

    model = build_model([xenonnt], couplings=CouplingModel.of([name]))
    plain = remove_value_transforms(model, model.free_RVs)
    likelihood = plain.compile_fn(
        plain.logp(vars=plain.observed_RVs), point_fn=True, mode="NUMBA"
    )  # for thousands of points
    draws = prior_draws(xenonnt, 6000) | {name: np.random.default_rng(2).uniform(-1, 1, 6000)}
    inputs = {rv.name: value.name for rv, value in plain.rvs_to_values.items()}
    logs = np.array(
        [
            float(likelihood({inputs[key]: values[i] for key, values in draws.items()}))
            for i in range(6000)
        ]
    )
    weight = np.exp(logs - logs.max())
    log_z = logs.max() + np.log(weight.mean())
    error = weight.std() / weight.mean() / np.sqrt(weight.size)
    found = np.logaddexp.reduce(fit.quality["log_evidence"].values.astype(float))
    assert error < 0.05
    assert found == pytest.approx(log_z, abs=4 * error)
    upper = np.exp(parts[1].part.log_share(draws[name][:, None]))
    share = (weight * upper).sum() / weight.sum()
    error = np.sqrt((weight**2 * (upper - share) ** 2).sum()) / weight.sum()
    assert float(fit.quality["weight"][1]) == pytest.approx(share, abs=4 * error)
    mean = weight @ draws[name] / weight.sum()
    ours = float(fit.quality["weight"].values @ fit.posterior[name].values.mean(axis=(1, 2)))
    assert ours == pytest.approx(mean, abs=0.03)


def test_where_the_box_is_cut_does_not_matter(engine: Engine) -> None:
    name = "eps_ee_u"
    box = engine.box.some([NAMES.index(name)]).box
    means, evidences = [], []
    starts = engine.branches([NAMES.index(name)])[0].starts[:1].repeat(4, axis=0)
    walls = [box.cut(np.ones(1), places) for places in ([], [0.05], [-0.1, 0.2])]
    planes = BoxPart.of(box).cut(np.ones(1), [0.3], [0.02])
    for parts in (*([BoxPart.of(slab) for slab in slabs] for slabs in walls), planes):
        branches = [BoxBranch(part, starts, 0.0) for part in parts]
        fit = engine.fit(free=[name], seed=4, branches=branches)
        assert fit.passed, fit.reason
        values = fit.posterior[name].mean(dim=("chain", "draw")).values
        means.append(float(fit.quality["weight"].values @ values))
        evidences.append(np.logaddexp.reduce(fit.quality["log_evidence"].values.astype(float)))
    assert np.ptp(means) < 0.04
    assert np.ptp(evidences) < 0.15


def test_a_fit_of_another_number_of_couplings_is_refused(
    engine: Engine, xenonnt: Experiment
) -> None:
    with pytest.raises(ArgumentError, match="1 free couplings, got eps_ee_u, eps_mutau_d"):
        engine.fit(free=NAMES, seed=1)
    with pytest.raises(ArgumentError, match="1 free couplings, got none"):
        engine.fit(seed=1)
    with pytest.raises(UnknownNameError, match="free coupling 'eps_ee_d'"):
        engine.fit(free=["eps_ee_d"], seed=1)
    with pytest.raises(ArgumentError, match="2 free couplings, got eps_ee_u, eps_ee_u"):
        Engine(engine.spec).fit(free=["ee_u", "eps_ee_u"], seed=1)
    for free in (0, 3, 1.5, True):
        with pytest.raises(ArgumentError, match="expected free couplings, a whole number >= 1"):
            Engine(engine.spec, free=free)
    with pytest.raises(ArgumentError, match="name some couplings"):
        Engine(ModelSpec.of([xenonnt]), free=1)
