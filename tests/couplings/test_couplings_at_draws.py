"""The expected counts of several couplings at draws are those of their model with all bins."""

from __future__ import annotations

import numpy as np
import xarray as xr
from pymc.model.transform.conditioning import remove_value_transforms

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.model import build_model
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.summary.cross_validation import log_likelihood

COUPLINGS = ["ee_u", "mutau_d"]


def test_log_likelihood_at_draws_of_the_prior(xenonnt: Experiment) -> None:
    """Against PyMC's, at draws from the prior, which are in the box and have all parameters."""
    spec = ModelSpec.of([xenonnt], couplings=CouplingModel.of(COUPLINGS))
    model = build_model([xenonnt], couplings=spec.couplings)
    plain = remove_value_transforms(model, model.free_RVs)
    density = plain.compile_fn(
        plain.logp(vars=plain.observed_RVs, sum=False), inputs=plain.value_vars, point_fn=False
    )
    names = [plain.values_to_rvs[value].name for value in plain.value_vars]
    like = xr.Dataset(
        {
            name: (("chain", "draw", *(["run"] if name.endswith(".ac") else [])), values)
            for name in names
            for values in [np.zeros((1, 1, 3) if name.endswith(".ac") else (1, 1))]
        }
    )
    at_draws = ModelAtDraws(spec)
    draws = at_draws.prior_draws(like, 20, seed=1)
    assert {"eps_ee_u", "eps_mutau_d"} < {*draws.data_vars}
    assert at_draws.box is not None
    for name, (low, high) in at_draws.box.bounds.items():
        assert low < float(draws[name].min()) < float(draws[name].max()) < high
    (expected,) = at_draws.expected(at_draws.points(draws))
    ours = log_likelihood([xenonnt], [expected])[0].reshape(20, *xenonnt.observed.shape)
    possible = 0
    for number in range(20):
        point = draws.isel(chain=0, draw=number)
        (found,) = density(*(point[name].values for name in names))
        if np.isfinite(found).all():
            np.testing.assert_allclose(ours[number], found, rtol=1e-10, atol=1e-8)
            possible += 1
    assert possible > 10
    priors = at_draws.log_prior(at_draws.points(draws))
    np.testing.assert_allclose(priors[..., :2], -np.log(2.0))
