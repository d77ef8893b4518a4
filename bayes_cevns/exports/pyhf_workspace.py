"""A model at a fixed mass as a workspace of pyhf, with the same likelihood.

Expected counts are sums of templates times scales, and all constraints are normal. Then HistFactory
has the same model: a channel a run, a sample a component, and for each scale

- a ``normfactor`` if its prior is uniform,
- a ``histosys`` if it is normal, theta = mean + sd alpha: with templates at mean +- sd that are
  symmetric, its interpolation is exactly linear;
- ``lumi`` for one normal scale that multiplies components which have another one: the only
  constrained modifier of pyhf that is linear and multiplies.

New physics without interference is one sample more, scaled by ``mu``: the expected number of its
events at nominal scales. What pyhf cannot do is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bayes_cevns import __version__
from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.densities import Normal, Uniform
from bayes_cevns.cards.experiment import Template
from bayes_cevns.cards.likelihoods import PoissonCounts
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError
from bayes_cevns.exports.extras import needed, quiet
from bayes_cevns.reports.account import Account
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.specification.variables import nuisance_name

#: The parameter of interest, and the name that pyhf gives its one multiplying normal parameter.
MU, LUMI = "mu", "lumi"

#: How far a normal parameter may go, in standard deviations, where its prior has no bound.
_FAR = 10.0

#: The largest mu.
_MOST_EVENTS = 1e4

_VERSION = "1.0.0"


@dataclass(frozen=True)
class Workspace:
    """A workspace, and what its parameters are.

    Attributes
    ----------
    document
        The workspace as pyhf takes it.
    product_squared
        x^2 of one expected event of new physics: mu = x^2 / this. ``None`` without new physics.
    parameters
        Parameter of pyhf -> nuisance, mean and standard deviation: nuisance = mean + sd alpha, or
        the nuisance itself where they are 0 and 1.
    """

    document: Mapping[str, Any]
    product_squared: float | None
    parameters: Mapping[str, tuple[str, float, float]]


@dataclass
class _Scales:
    """The scales of all components: their priors by the names that they have in the model."""

    priors: dict[str, Prior] = field(default_factory=dict)
    multiplying: str = ""

    def modifiers(self, names: Sequence[str], counts: Array) -> tuple[Array, list[dict[str, Any]]]:
        """Return nominal counts and modifiers of a component with some scales."""
        found: list[dict[str, Any]] = []
        for name in names:
            if isinstance(self.priors[name].density, Uniform):
                found.append({"name": name, "type": "normfactor", "data": None})
            elif name == self.multiplying:
                found.append({"name": LUMI, "type": LUMI, "data": None})
            else:
                density = self.priors[name].density
                up, down = (counts * (density.centre + s * density.width) for s in (1, -1))
                ends = {"hi_data": up.tolist(), "lo_data": down.tolist()}
                found.append({"name": name, "type": "histosys", "data": ends})
                counts = counts * density.centre
        return counts, found

    def settings(self) -> list[dict[str, Any]]:
        """Return starting values, bounds and constraints of all parameters."""
        return [self._setting(name, prior) for name, prior in self.priors.items()]

    def _setting(self, name: str, prior: Prior) -> dict[str, Any]:
        density, (low, high) = prior.density, prior.support
        if isinstance(density, Uniform):
            return {"name": name, "inits": [density.centre], "bounds": [[low, high]]}
        mean, sd = density.centre, density.width
        low, high = max(low, mean - _FAR * sd), min(high, mean + _FAR * sd)
        if name == self.multiplying:
            constraint = {"auxdata": [mean], "sigmas": [sd]}
            return {"name": LUMI, "inits": [mean], "bounds": [[low, high]], **constraint}
        return {"name": name, "inits": [0.0], "bounds": [[(low - mean) / sd, (high - mean) / sd]]}

    def meaning(self) -> dict[str, tuple[str, float, float]]:
        """Return what each parameter of pyhf is."""
        found = {}
        for name, prior in self.priors.items():
            if isinstance(prior.density, Uniform):
                found[name] = (name, 0.0, 1.0)
            elif name == self.multiplying:
                found[LUMI] = (name, 0.0, 1.0)
            else:
                found[name] = (name, prior.density.centre, prior.density.width)
        return found


def pyhf_files(account: Account) -> dict[str, bytes]:
    """Return a workspace for each mass of a run and what its parameters are, name -> content.

    Raises
    ------
    ArgumentError
        If pyhf is not installed, or cannot do what the model has; the message names it.
    """
    needed("pyhf", "--pyhf")
    files: dict[str, bytes] = {}
    for mass in _masses(account):
        found = workspace(account.spec, mass)
        check(found.document)
        end = "" if mass is None else f"_{mass:g}_MeV"
        files[f"pyhf/workspace{end}.json"] = _text(found.document)
        files[f"pyhf/parameters{end}.json"] = _text(_meaning(account, found, mass))
    return files


def _masses(account: Account) -> list[float | None]:
    masses = getattr(account.study, "masses", None)
    if masses is not None:
        return list(masses)
    return [getattr(account.study, "mass", None)]


def _text(content: object) -> bytes:
    return f"{json.dumps(content, indent=1, allow_nan=False)}\n".encode()


def _meaning(account: Account, found: Workspace, mass: float | None) -> dict[str, Any]:
    new = account.spec.interaction
    words: dict[str, Any] = {
        "written_by": f"bayes_cevns {__version__}",
        "identity": account.record["identity"],
        "experiments": [experiment.name for experiment in account.spec.experiments],
        "mass_mev": mass,
        "nuisances": {
            name: {"nuisance": own, "value": f"{mean!r} + {sd!r} * parameter"}
            for name, (own, mean, sd) in found.parameters.items()
        },
    }
    if new is not None:
        words[MU] = {
            "meaning": "expected events of new physics at nominal scales, x^2 / product_squared",
            "product_squared": found.product_squared,
            "amplitude": f"x = {new.coupling.amplitude}",
            "quoted": f"{new.coupling.symbol} = |x|^{new.coupling.power:g}, unit "
            f"{new.coupling.unit}",
        }
    return words


def check(document: Mapping[str, Any]) -> None:
    """Check a workspace with pyhf's own schema."""
    pyhf = needed("pyhf", "--pyhf")
    with quiet():
        pyhf.schema.validate(document, "workspace.json", version=_VERSION)


def workspace(spec: ModelSpec, mass_mev: float | None) -> Workspace:
    """Return the workspace of a model at one mass.

    Parameters
    ----------
    spec
        The model; its prior of the coupling is no part of a likelihood.
    mass_mev
        Mediator mass; ``None`` without one.

    Raises
    ------
    ArgumentError
        If pyhf cannot do what the model has: shape axes, another likelihood than Poisson's, priors
        that are neither normal nor uniform, more than one scale with a constraint that multiplies,
        several couplings, or interference.
    """
    if spec.couplings is not None:
        raise _cannot("several couplings by name, whose rate is a form in all of them")
    tables = [RateTable(e, spec.interaction, spec.theory) for e in spec.experiments]
    for experiment in spec.experiments:
        _check(experiment)
    scales = _scales(spec)
    events = _events(spec, tables, mass_mev)
    channels, observations = [], []
    for experiment, table in zip(spec.experiments, tables, strict=True):
        for number, run in enumerate(experiment.runs):
            name = f"{experiment.name}_{run}"
            samples = [
                _sample(scales, experiment, run, *component)
                for component in _components(table, mass_mev, number, events)
            ]
            channels.append({"name": name, "samples": samples})
            observed = experiment.observed.values[number].astype(float).tolist()
            observations.append({"name": name, "data": observed})
    settings = scales.settings()
    if events is not None:
        settings.append({"name": MU, "inits": [1.0], "bounds": [[0.0, _MOST_EVENTS]]})
    config = {"poi": "" if events is None else MU, "parameters": settings}
    document = {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "measurement", "config": config}],
        "version": _VERSION,
    }
    return Workspace(document, None if events is None else 1.0 / events, scales.meaning())


def _cannot(what: str) -> ArgumentError:
    return ArgumentError(f"pyhf has nothing for {what}: export CSV or JSON, or use bc.build_model")


def _check(experiment: Experiment) -> None:
    """Check that the likelihood of an experiment is one of templates times scales."""
    name = experiment.name
    if type(experiment.likelihood) is not PoissonCounts:
        raise _cannot(f"the likelihood of {name} ({experiment.likelihood.title})")
    for part in experiment.components:
        axes = [axis.name for axis in (*part.axes, *getattr(part, "theory_axes", ()))]
        if axes:
            raise _cannot(f"the shape axes of {name}, {part.name} ({', '.join(axes)})")
        if getattr(part, "states_by", ()):
            raise _cannot(f"the flavour states of {name}, {part.name}, which are free")
        if np.any(part.values.values < 0.0):
            raise _cannot(f"the negative template of {name}, {part.name}")


def _scales(spec: ModelSpec) -> _Scales:
    """Return the scales of all components, and which of them multiplies another normal one."""
    choices, scales = dict(spec.nuisance_priors), _Scales()
    products: dict[str, list[str]] = {}
    for experiment in spec.experiments:
        for part in experiment.components:
            for run in experiment.runs:
                own = []
                for name in part.scaled_by:
                    full = _name(experiment, name, run)
                    prior = chosen_prior(experiment, name, choices)
                    scales.priors[full] = _checked(
                        full, prior.of_run(run if experiment.per_run([name]) else None)
                    )
                    if not isinstance(prior.density, Uniform):
                        own.append(full)
                if len(own) > 1:
                    products[f"{experiment.name}, {part.name}"] = own
    common = set.intersection(*(set(own) for own in products.values())) if products else set()
    if products and (not common or max(map(len, products.values())) > 2):
        where, own = next(iter(products.items()))
        raise _cannot(
            f"products of several scales with constraints ({where}: {', '.join(own)}), of which "
            "one alone may multiply"
        )
    scales.multiplying = min(common, default="")
    return scales


def _name(experiment: Experiment, name: str, run: str) -> str:
    """Return the name of a scale, that of a run where each has its own."""
    full = nuisance_name(experiment, name)
    return f"{full}[{run}]" if experiment.per_run([name]) else full


def _checked(name: str, prior: Prior) -> Prior:
    if not isinstance(prior.density, Normal | Uniform):
        raise _cannot(f"the prior of {name} ({prior.text}), which is neither normal nor uniform")
    return prior


def _events(spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None) -> float | None:
    """Return the events of new physics at x = 1; ``None`` without new physics."""
    if spec.interaction is None:
        return None
    counts = [table.counts(mass_mev) for table in tables]
    if any(np.any(each.sel(component="interference").values) for each in counts):
        raise _cannot(
            f"the interference of {spec.interaction.name} with the Standard Model: counts that are "
            "linear in x beside those in x^2"
        )
    total = sum(float(each.sel(component="new_physics").sum()) for each in counts)
    if total <= 0.0:
        raise _cannot(f"{spec.interaction.name} at this mass: it makes no events")
    return total


def _components(
    table: RateTable, mass_mev: float | None, run: int, events: float | None
) -> Iterator[tuple[Template, str, Array, bool]]:
    """Yield the components of a run: template, name, counts, and whether it is new physics."""
    for signal in table.signals:
        counts = signal.counts(mass_mev)
        own = counts.transpose("component", "run", "bin").values[:, run]
        yield signal.signal, signal.signal.name, own[0], False
        if events is not None:
            yield signal.signal, f"{signal.signal.name}_new_physics", own[2] / events, True
    for part in table.experiment.backgrounds:
        yield part, part.name, part.values.transpose("run", "bin").values[run], False


def _sample(
    scales: _Scales,
    experiment: Experiment,
    run: str,
    part: Template,
    name: str,
    counts: Array,
    is_new: bool,
) -> dict[str, Any]:
    names = [_name(experiment, scale, run) for scale in part.scaled_by]
    nominal, modifiers = scales.modifiers(names, np.asarray(counts, dtype=float))
    if is_new:
        modifiers.append({"name": MU, "type": "normfactor", "data": None})
    return {"name": name, "data": nominal.tolist(), "modifiers": modifiers}
