"""The likelihood of a joint model as a plain function of its parameters, for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.amplitude_prior import AmplitudePrior
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.coupling import NamedCoupling
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.describe import joint, joint_of_box
from bayes_cevns.density.parts import Amplitude, Joint, Variable
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import COUPLING_MAP, PRODUCT


class ParameterPrior(Protocol):
    """What the prior of a parameter has, be it a nuisance's or a coupling's."""

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""

    @property
    def text(self) -> str:
        """The prior in words."""

    def log_density(self, values: ArrayLike) -> Array:
        """Return the logarithm of the normalised density, for values inside the support."""

    def log_slope(self, values: ArrayLike) -> Array:
        """Return the derivative of `log_density`."""

    def quantile(self, shares: ArrayLike) -> Array:
        """Return the value below which there is a probability: from (0, 1) to the parameter."""


@dataclass(frozen=True, eq=False, repr=False)
class JointLikelihood(Displayed):
    """The likelihood of some experiments, a function of a point.

    A point has one number for each of `names`, in natural parameters: the amplitude x of an
    interaction, ``coupling_product``, or couplings by their names; then the nuisances. Arrays of
    points have the shape (..., parameters), and every method returns one number, or one gradient,
    for each. Outside of `bounds` logarithms are minus infinity and gradients zero, never NaN.

    Attributes
    ----------
    spec
        The model.
    mass_mev
        Mediator mass, if there is one.
    names
        Names of the parameters; that of a run is in brackets.
    priors
        Prior of each: `bayes_cevns.Prior`, or the same for x (`AmplitudePrior`).
    coupling_prior
        Prior of x by its name; ``None`` without an interaction.
    nuisances
        The nuisances, with their runs.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    >>> bool(like.log_likelihood(like.medians) == like(like.medians))
    True
    """

    spec: ModelSpec
    mass_mev: float | None
    names: tuple[str, ...]
    priors: tuple[ParameterPrior, ...]
    coupling_prior: CouplingPrior | None
    nuisances: tuple[Variable, ...]
    _model: CompiledModel = field(repr=False)

    def _rows(self) -> dict[str, object]:
        texts = {name: prior.text for name, prior in zip(self.names, self.priors, strict=True)}
        return {"spec": self.spec, "mass_mev": self.mass_mev, **texts}

    @cached_property
    def bounds(self) -> Array:
        """Lowest and highest value of each parameter, which may be infinite: (parameters, 2)."""
        return np.array([prior.support for prior in self.priors], dtype=float)

    @cached_property
    def medians(self) -> Array:
        """Where a search may begin: the median of each prior, shape (parameters,)."""
        return self.from_unit_cube(np.full(len(self.names), 0.5))

    def __call__(self, point: ArrayLike) -> Any:
        """Return the log-likelihood, a float for one point: the same as `log_likelihood`.

        Raises
        ------
        ArgumentError
            If these are no numbers, or not one for each parameter.
        """
        return self.log_likelihood(point)

    def log_likelihood(self, point: ArrayLike) -> Any:
        """Return the log-likelihood of all counts, with its constants; shape (...,)."""
        return self._likelihood(point)[0][()]

    def gradient(self, point: ArrayLike) -> Array:
        """Return the gradient of the log-likelihood, shape (..., parameters)."""
        return self._likelihood(point)[1]

    def log_prior(self, point: ArrayLike) -> Any:
        """Return the logarithm of the density of all priors, shape (...,)."""
        return self._log_prior(point)[0][()]

    def log_prior_gradient(self, point: ArrayLike) -> Array:
        """Return the gradient of the logarithm of the density of all priors."""
        return self._log_prior(point)[1]

    def log_posterior(self, point: ArrayLike) -> Any:
        """Return the sum of log-likelihood and logarithm of the prior, not normalised."""
        return self.log_likelihood(point) + self.log_prior(point)

    def log_posterior_gradient(self, point: ArrayLike) -> Array:
        """Return the gradient of `log_posterior`; zero where that is minus infinity."""
        (likelihood, slope), (prior, prior_slope) = self._likelihood(point), self._log_prior(point)
        finite = np.isfinite(likelihood + prior)[..., None]
        return np.where(finite, slope + prior_slope, 0.0)

    def from_unit_cube(self, cube: ArrayLike) -> Array:
        """Return the parameters below which their priors have some probabilities.

        This is what nested samplers want.

        Parameters
        ----------
        cube
            Shape (..., parameters), from 0 to 1.

        Raises
        ------
        ArgumentError
            If they are not from 0 to 1.
        """
        shares = self._points(cube)
        if not np.all((shares >= 0.0) & (shares <= 1.0)):
            raise ArgumentError("expected numbers from 0 to 1 in the unit cube, got others")
        columns = [prior.quantile(shares[..., i]) for i, prior in enumerate(self.priors)]
        return np.stack(columns, axis=-1)

    def point(self, values: Mapping[str, float]) -> Array:
        """Return the point of parameters by name; those that are not named are at their medians.

        Raises
        ------
        UnknownNameError
            If there is no parameter of a name.
        """
        found = self.medians.copy()
        for name, value in values.items():
            if name not in self.names:
                raise UnknownNameError("parameter", name, self.names)
            found[self.names.index(name)] = value
        return self._points(found)

    def quoted(self, points: ArrayLike) -> Array:
        """Return what is quoted of x, such as g = ``sqrt(|x|)``, with its sign; shape (...,).

        Raises
        ------
        ArgumentError
            If the model has no amplitude x.
        """
        if self.coupling_prior is None:
            raise ArgumentError("expected a likelihood of an interaction, this one has no x")
        return self.coupling_prior.quoted(self._points(points)[..., 0])

    def _likelihood(self, point: ArrayLike) -> tuple[Array, Array]:
        """Return log-likelihood and gradient."""
        points = self._points(point)
        flat = points.reshape(-1, len(self.names))
        values, slopes = np.full(len(flat), -np.inf), np.zeros(flat.shape)
        inside = self._inside(flat)
        if inside.any():
            found, gradients = self._model.log_density(flat[inside])
            possible = np.isfinite(found)
            values[inside] = np.where(possible, found, -np.inf)
            slopes[inside] = np.where(possible[:, None], gradients, 0.0)
        return values.reshape(points.shape[:-1]), slopes.reshape(points.shape)

    def _log_prior(self, point: ArrayLike) -> tuple[Array, Array]:
        """Return the logarithm of the prior and its gradient."""
        points = self._points(point)
        inside = self._inside(points)
        safe = np.where(inside[..., None], points, self.medians)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = [prior.log_density(safe[..., i]) for i, prior in enumerate(self.priors)]
            rises = [prior.log_slope(safe[..., i]) for i, prior in enumerate(self.priors)]
        values = np.where(inside, np.sum(each, axis=0), -np.inf)
        finite = np.isfinite(values)
        slopes = np.where(finite[..., None], np.stack(rises, axis=-1), 0.0)
        return np.where(finite, values, -np.inf), slopes

    def _inside(self, points: Array) -> NDArray[np.bool_]:
        """Return which points are inside the bounds; one with a NaN is not."""
        low, high = self.bounds.T
        finite = np.isfinite(points)
        return np.asarray(np.all((points >= low) & (points <= high) & finite, axis=-1))

    def _points(self, point: ArrayLike) -> Array:
        points = numbers(point, what="a point")
        if points.ndim == 0 or points.shape[-1] != len(self.names):
            some = ", ".join(self.names[:4]) + (", ..." if len(self.names) > 4 else "")
            raise ArgumentError(
                f"a point has {len(self.names)} numbers ({some}): expected an array of shape "
                f"(..., {len(self.names)}), got {points.shape}"
            )
        return points


def likelihood(
    experiments: Iterable[Experiment] | Experiment | str | Iterable[str],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    couplings: CouplingModel | Sequence[str | NamedCoupling] | None = None,
    prior: str = "flat",
    max_coupling: float | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    nuisance_priors: Mapping[str, str | Prior] | None = None,
    theory: Theory = STANDARD_THEORY,
    mixing: str = "fixed",
    allow_overlap: bool = False,
    allow_conflict: bool = False,
) -> JointLikelihood:
    """Return the likelihood of some experiments as a function that other programs can call.

    Parameters
    ----------
    experiments
        One experiment or several, by name or as `bayes_cevns.experiment` returns them.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV; ``None`` without a mediator.
    couplings
        Couplings by name, or a `bayes_cevns.CouplingModel`, in place of an interaction.
    prior, max_coupling
        Prior of the coupling of an interaction, ``"flat"`` in the amplitude x, ``"flat-rate"`` or
        ``"log"``, and upper end of what is quoted of it; by default far above what data allow.
    bounds
        Bounds of the uniform priors of couplings by name.
    nuisance_priors
        Other priors by nuisance, as in `bayes_cevns.build_model`.
    theory
        What is assumed of nuclei, weak charges and atoms: a `bayes_cevns.Theory`.
    mixing
        ``"free"`` for the mixing of solar neutrinos as nuisances, where flavours matter.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, or that contradict each other.

    Returns
    -------
    JointLikelihood
        With gradient, names, priors and bounds. It has no state, and can be pickled.

    Raises
    ------
    UnknownNameError, ArgumentError, ChannelError, TableError, ImpossibleDataError
        As `bayes_cevns.build_model`; and if couplings ask for the other octant of theta_12.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    >>> like.names[0], like.bounds.shape
    ('coupling_product', (4, 2))
    >>> round(float(like(like.point({"coupling_product": 1e-10}))), 2)
    -5.6
    >>> like.from_unit_cube([0.5, 0.5, 0.5, 0.5]).shape, like.gradient(like.medians).shape
    ((4,), (4,))
    """
    if couplings is not None and not isinstance(couplings, CouplingModel):
        couplings = CouplingModel.of(couplings, mass_mev=mass_mev, mixing=mixing)
        mass_mev = None
    spec = ModelSpec.of(
        several_experiments(experiments),
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        theory=theory,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        max_coupling=max_coupling,
        couplings=couplings,
        bounds=bounds,
        mixing=mixing,
    ).merging_bins()
    return likelihood_of(spec, checked_mass(spec.interaction, mass_mev))


def likelihood_of(
    spec: ModelSpec, mass_mev: float | None = None, *, coupling_prior: CouplingPrior | None = None
) -> JointLikelihood:
    """Return the likelihood of a specification; see `likelihood`.

    Parameters
    ----------
    spec, mass_mev
        The model, and the mass of its mediator.
    coupling_prior
        Prior of x, in place of the one that follows from the data.

    Raises
    ------
    ArgumentError
        If theta_12 is free in the other octant, or in both.
    """
    tables, first = spec.tables(), None
    if spec.couplings is None:
        parts = joint(spec, tables, mass_mev)
    else:
        if spec.couplings.varies_mixing and spec.couplings.octant != "lma":
            raise ArgumentError(
                "a likelihood has theta_12 below 45 degrees: expected octant 'lma' with free "
                f"mixing, got {shown(spec.couplings.octant)}"
            )
        box = box_prior(spec.couplings, of_couplings(tables), spec.bounds)
        parts = joint_of_box(spec, tables, box)
    names: list[str] = []
    priors: list[ParameterPrior] = []
    if isinstance(parts.couplings, Amplitude):
        first = coupling_prior or parts.couplings.prior
        parts = _by_amplitude(parts, first)
        names, priors = [PRODUCT], [AmplitudePrior(first)]
    elif spec.couplings is not None:
        names = list(box.names)
        priors = [Prior.uniform(*ends) for ends in box.bounds.values()]
    for variable in parts.variables:
        runs = variable.runs
        names += [variable.name] if runs is None else [f"{variable.name}[{run}]" for run in runs]
        priors += variable.priors
    model = CompiledModel(arrays_of(parts, natural=True))
    return JointLikelihood(
        spec, mass_mev, tuple(names), tuple(priors), first, parts.variables, model
    )


def _by_amplitude(parts: Joint, prior: CouplingPrior) -> Joint:
    """Return a model whose first parameter is x itself, in place of a coordinate of its prior."""
    low, high = AmplitudePrior(prior).support
    plain = replace(prior, kind="flat", centre=0.0, scale=1.0, lower=low, upper=high)
    data = {**parts.data, COUPLING_MAP: np.array([low, high, 0.0, 1.0, 0.0])}
    return replace(parts, couplings=Amplitude(plain), data=data)
