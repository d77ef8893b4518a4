"""Critical values from toys (Feldman and Cousins), for cases outside Wilks's theorem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.inference.profile.curve import find_parameter, starts
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.minimum import deepest
from bayes_cevns.inference.profile.request import TOY_COLUMNS, TOY_KEY
from bayes_cevns.inference.profile.result import Calibration
from bayes_cevns.specification.columns import CL, labels, toy_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, drawn
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.ledger import Ledger


class Calibrator:
    """Fits toys of a model; compiled once for all masses and truths.

    Parameters
    ----------
    spec
        The model; its bins are not merged, since other counts leave other bins empty.
    mass_mev
        Mediator mass to begin with, if the interaction has one.
    ledger
        Table of the toys of one model, with the columns `TOY_COLUMNS`. Toys that it holds are not
        made again, and new ones are added.
    """

    def __init__(
        self, spec: ModelSpec, mass_mev: float | None = None, ledger: Ledger | None = None
    ) -> None:
        self.likelihood = Likelihood(replace(spec, merged=False), mass_mev)
        self.mass_mev = mass_mev
        self.ledger = ledger or Ledger(None, TOY_COLUMNS, key=TOY_KEY)

    def move_to(self, mass_mev: float | None) -> None:
        """Change the mediator mass."""
        self.likelihood.move_to(mass_mev)
        self.mass_mev = mass_mev

    def at(self, coupling_product: float, level: float, toys: int, seed: int) -> Calibration:
        """Return the critical value at a true x.

        Parameters
        ----------
        coupling_product
            The true x.
        level
            Confidence level.
        toys
            How many.
        seed
            Seed of their random numbers.

        Returns
        -------
        Calibration
            From counts drawn as in `bayes_cevns.toy`, at nominal nuisances. A constraint stands for
            a measurement of a nuisance; it is repeated for each toy at the nominal value, as the
            kind of its prior says (`bayes_cevns.cards.densities`).
        """
        found = np.sort(self._kept(coupling_product, toys, seed))
        spread = np.sqrt(level * (1 - level) / toys)
        around = np.clip([level - spread, level, level + spread], 0, 1)
        low, value, high = np.quantile(found, around)
        return Calibration(coupling_product, float(value), float(0.5 * (high - low)), found)

    def _kept(self, coupling_product: float, toys: int, seed: int) -> Array:
        """Return the statistic of each toy, from the ledger if it has them."""
        asked = (self.mass_mev, float(coupling_product), toys, seed)
        key = dict(zip(TOY_KEY, map(repr, asked), strict=True))
        for row in self.ledger.rows:
            if key.items() <= row.items():
                return np.array([float(word) for word in row["statistic"].split()])
        made = self._statistics(coupling_product, toys, np.random.default_rng(seed))
        statistic = " ".join(repr(float(value)) for value in made)
        quoted = labels(self.likelihood.spec, CL, toy_label(seed))
        self.ledger.append({**key, **quoted, "statistic": statistic})
        return made

    def _statistics(self, coupling_product: float, toys: int, random: np.random.Generator) -> Array:
        interaction = self.likelihood.spec.interaction
        if interaction is None:
            raise ArgumentError("toys calibrate limits on a coupling; the model has none")
        expected = [
            asimov(
                experiment,
                interaction=interaction,
                mass_mev=self.mass_mev,
                coupling_product=coupling_product,
                theory=self.likelihood.spec.theory,
            )
            for experiment in self.likelihood.spec.experiments
        ]
        return np.array([self._statistic(coupling_product, expected, random) for _ in range(toys)])

    def _statistic(
        self,
        coupling_product: float,
        expected: Sequence[Experiment],
        random: np.random.Generator,
    ) -> float:
        """Return -2 ln L at the truth less that at the best fit, for one toy."""
        likelihood, prior = self.likelihood, self.likelihood.prior
        if prior is None:
            raise ArgumentError("toys calibrate limits on a coupling; the model has none")
        toys = [drawn(experiment, random) for experiment in expected]
        likelihood.observe(toys)
        likelihood.constraints.repeat(likelihood.nominal, random)
        place = find_parameter(likelihood, PRODUCT)
        truth = float(prior.coordinate(coupling_product))
        held = deepest(likelihood, [likelihood.nominal], {place: truth})
        best = deepest(likelihood, [held.point, *starts(likelihood)])
        if not np.isfinite(held.value):
            raise ConvergenceError(
                f"a toy of x = {coupling_product:.4g} is impossible at its own truth: the mass and "
                "the coupling are out of the reach of these experiments"
            )
        return max(2 * (held.value - best.value), 0.0)
