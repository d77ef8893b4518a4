"""The preview of what an engine would sample at one mass."""

from __future__ import annotations

from bayes_cevns.density.data import prior_data
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.one_point import OnePoint
from bayes_cevns.inference.preview.curve import marginal_curve
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass


def preview_at(engine: Engine, mass_mev: float | None) -> MarginalCurve:
    """Return the marginal likelihood of the coupling at one mass, without sampling.

    Parameters
    ----------
    engine
        What compiles the model; it is compiled if it is not.
    mass_mev
        Mass of the mediator, if there is one.

    Raises
    ------
    ArgumentError
        If there is no coupling, or there are several.
    ConvergenceError
        If the density is not finite anywhere where it may begin.
    """
    spec = engine.spec
    check_one_coupling(spec)
    mass_mev = checked_mass(spec.interaction, mass_mev)
    data, prior = engine.data_at(mass_mev)
    assert prior is not None
    every = data | prior_data(prior)
    sampler = engine.compile(mass_mev)
    compiled = sampler.compiled.with_data(every)
    return marginal_curve(OnePoint(compiled), compiled.log_density, prior, sampler.starts)


def check_one_coupling(spec: ModelSpec) -> None:
    """Check that a model has one coupling, along which a preview can go.

    Raises
    ------
    ArgumentError
        If it has none, or several.
    """
    if spec.interaction is None:
        what = "the Standard Model has none" if spec.couplings is None else "this model has several"
        raise ArgumentError(
            f"a preview follows the posterior along one coupling, and {what}: sample it"
        )
