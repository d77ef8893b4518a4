"""The engine: compiles a model once, samples any mass or data, weighs the branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arguments import flag, of_kind
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments.possible import check_possible
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.inference.branch import join
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.sampler import Sampler
from bayes_cevns.inference.settings import SamplerSettings, branch_seed, check_seed
from bayes_cevns.model import COORDINATE, COUPLING, assemble, data_at, prior_data, table_name
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.specification import ModelSpec, checked_mass

type Array = NDArray[np.float64]


class Engine:
    """Samples the model of a specification at any mediator mass.

    Parameters
    ----------
    spec
        What to fit. Bins without events are merged, which leaves the posterior as it is.
    settings
        How to sample.
    monitored
        To fit other data than those of the specification: all bins are kept, since other
        counts leave other bins empty, and every draw has its expected signal and its
        log-likelihood (`bayes_cevns.model.joint_model`).

    Notes
    -----
    The model is compiled at the first fit; further masses swap the rate tables and the
    numbers of the coupling prior, further data the observed counts.
    """

    def __init__(
        self,
        spec: ModelSpec,
        settings: SamplerSettings | None = None,
        *,
        monitored: bool = False,
    ) -> None:
        of_kind(spec, ModelSpec, what="a ModelSpec, as ModelSpec.of makes it")
        monitored = flag(monitored, what="monitored")
        self.spec = spec if monitored else spec.merging_bins()
        self.settings = SamplerSettings.of(settings)
        self.monitored = monitored
        self._sampler: Sampler | None = None
        self._last: tuple[float | None, dict[str, Array], CouplingPrior | None] | None = None

    @cached_property
    def tables(self) -> tuple[RateTable, ...]:
        """The rate tables of the experiments."""
        return self.spec.tables()

    def check(
        self,
        masses_mev: Sequence[float | None],
        *,
        seed: int,
        observed: Mapping[str, Array] | None = None,
    ) -> None:
        """Raise the error that any of these masses or the seed would raise, before time is spent.

        Parameters
        ----------
        masses_mev, seed
            Masses, in increasing order, and a seed.
        observed
            Counts that are to be fitted in place of the observed ones, as in `fit`.

        Raises
        ------
        TableError, ArgumentError, UnknownNameError
            If a mass lies outside the tables, a prior cannot be made, or the seed is not
            from 0 to 2^32 - 1.
        ImpossibleDataError
            If there are events where the model expects none at any of its parameters.
        """
        check_seed(seed)
        for mass in (masses_mev[0], masses_mev[-1]):
            self._check_counts(data_at(self.spec, self.tables, mass)[0], observed or {})

    def _check_counts(self, data: Mapping[str, Array], observed: Mapping[str, Array]) -> None:
        """Check that the model can make some counts, which are in place of the observed ones."""
        for table in self.tables:
            name = table.experiment.name
            if name in observed:
                check_possible(table, data[table_name(table.experiment)], observed[name])

    def prior(self, mass_mev: float | None) -> CouplingPrior | None:
        """Return the prior of the coupling at one mass; ``None`` for the Standard Model."""
        return self._data_at(mass_mev)[1]

    def _data_at(self, mass_mev: float | None) -> tuple[dict[str, Array], CouplingPrior | None]:
        """Return what `data_at` does, kept where many data sets of one mass are fitted."""
        if self._last is None or self._last[0] != mass_mev or not self.monitored:
            self._last = (mass_mev, *data_at(self.spec, self.tables, mass_mev))
        return self._last[1], self._last[2]

    def compile(self, mass_mev: float | None = None) -> Sampler:
        """Compile the log-density and its gradient, once."""
        if self._sampler is None:
            self._sampler = Sampler(
                assemble(self.spec, self.tables, mass_mev, monitored=self.monitored)
            )
        return self._sampler

    def fit(
        self,
        mass_mev: float | None = None,
        *,
        seed: int,
        prior: CouplingPrior | None = None,
        observed: Mapping[str, Array] | None = None,
    ) -> Fit:
        """Sample the posterior at one mass, branch by branch, and weigh the branches.

        Parameters
        ----------
        mass_mev
            Mediator mass; not used by the Standard Model.
        seed
            Seed of the random numbers.
        prior
            Prior of the coupling in place of the one that follows from the data, of its kind.
        observed
            Counts in place of the observed ones: experiment -> counts, shape (run, bin).

        Returns
        -------
        Fit
            Whether it passed its gate or not. `quality` has the ends of the branches as well,
            ``low`` and ``high``, in the coordinate of the coupling.

        Raises
        ------
        ArgumentError
            If there are other counts and the bins are merged.
        ImpossibleDataError
            If there are events where the model expects none at any of its parameters.
        ConvergenceError
            If the density is not finite anywhere where the sampler may begin.
        """
        seed, mass_mev = check_seed(seed), checked_mass(self.spec.interaction, mass_mev)
        if observed is not None and self.spec.merged:
            raise ArgumentError(
                "observed counts cannot be exchanged where bins are merged: use monitored=True"
            )
        sampler = self.compile(mass_mev)
        data, own = self._data_at(mass_mev)
        self._check_counts(data, observed or {})
        data = data | {f"{name}.observed": counts for name, counts in (observed or {}).items()}
        prior = prior or own
        if prior is None:
            return join(None, [sampler.sample(data, self.settings, seed=seed)])
        branches = sampler.branches(data, prior)
        sampled = [
            sampler.sample(
                {**data, **prior_data(prior, (branch.low, branch.high), length=branch.length)},
                self.settings,
                seed=branch_seed(seed, number),
                evidence=len(branches) > 1,
                unjudged=(COORDINATE, COUPLING),
                log_width=float(np.log(branch.high - branch.low)),
                start=branch.start,
            )
            for number, branch in enumerate(branches)
        ]
        fit = join(prior, sampled)
        quality = fit.quality.assign(
            low=("branch", np.array([branch.low for branch in branches])),
            high=("branch", np.array([branch.high for branch in branches])),
        )
        return replace(fit, quality=quality)

    def log_density(self, mass_mev: float | None, points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient at unconstrained points.

        Parameters
        ----------
        mass_mev
            Mediator mass.
        points
            Shape (n, d).

        Returns
        -------
        tuple of ndarray
            Shapes (n,) and (n, d), in the coordinates that the sampler uses.
        """
        data, _ = self._data_at(mass_mev)
        return self.compile(mass_mev).log_density(data, points)

    @property
    def is_compiled(self) -> bool:
        """Whether the model has been compiled."""
        return self._sampler is not None

    @property
    def compiled(self) -> Any:
        """The compiled model of nutpie, for benchmarks."""
        return self.compile().compiled
