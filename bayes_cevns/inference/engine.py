"""The engine: compiles a model once, samples any mass or data, weighs the branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bayes_cevns.arguments import flag, of_kind
from bayes_cevns.arguments import named as known_as
from bayes_cevns.arguments import names as list_of_names
from bayes_cevns.arrays import Array
from bayes_cevns.cards.mixing import SIN2_THETA12
from bayes_cevns.cards.possible import check_possible
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior, box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.named import full_name, known_names
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import branch_data, data_at
from bayes_cevns.density.describe import joint, joint_of_part
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.fitting import Fitting
from bayes_cevns.inference.modes.amplitude_parts import amplitude_parts
from bayes_cevns.inference.modes.box_branches import BoxBranch, box_branches
from bayes_cevns.inference.modes.branch import Part
from bayes_cevns.inference.modes.octants import DARK, octant_data, octants_of
from bayes_cevns.inference.sampler import Sampler
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.inference.target import PartsTarget
from bayes_cevns.physics.checks import whole
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import table_name
from bayes_cevns.summary.fit import Fit

#: Masses whose data are kept: those of a fit that is finished, and of two that have been begun.
_KNOWN = 3


class Engine:
    """Samples the model of a specification at any mediator mass.

    Parameters
    ----------
    spec
        What to fit. Bins without events are merged, which leaves the posterior as it is.
    settings
        How to sample.
    monitored
        Whether other data than those of the specification are to be fitted. The bins without
        events are then merged anew in each fit (`bayes_cevns.density.merging`); and, except with
        several couplings, every draw has its expected signal and its log-likelihood
        (`bayes_cevns.density.draws`).
    free
        How many of several couplings are free in a fit, all by default.

    Notes
    -----
    The model is compiled at the first fit. Another mass then swaps the rate tables and the numbers
    of the coupling prior, other data swap the observed counts, and another choice of free couplings
    swaps the quadratic forms that multiply the tables.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> spec = bc.ModelSpec.of(["xenonnt_2024_s2"], interaction="b-l")
    >>> fit = bc.Engine(spec).fit(10.0, seed=1)
    >>> fit.passed
    True
    """

    def __init__(
        self,
        spec: ModelSpec,
        settings: SamplerSettings | None = None,
        *,
        monitored: bool = False,
        free: int | None = None,
    ) -> None:
        of_kind(spec, ModelSpec, what="a ModelSpec, as ModelSpec.of makes it")
        monitored = flag(monitored, what="monitored")
        self.spec = spec if monitored else spec.merging_bins()
        self.settings = SamplerSettings.of(settings)
        self.monitored = monitored
        self.free = _checked_free(spec, free)
        self._sampler: Sampler[CompiledModel] | None = None
        self._known: dict[float | None, tuple[dict[str, Array], CouplingPrior | None]] = {}

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
            self._check_counts(self.data_at(mass)[0], observed or {})

    def _check_counts(self, data: Mapping[str, Array], observed: Mapping[str, Array]) -> None:
        """Check that the model can produce counts that replace the observed ones."""
        for table in self.tables:
            name = table.experiment.name
            if name in observed:
                check_possible(table, data[table_name(table.experiment)], observed[name])

    def prior(self, mass_mev: float | None) -> CouplingPrior | None:
        """Return the prior of the coupling at one mass; ``None`` for the Standard Model."""
        return self.data_at(mass_mev)[1]

    def data_at(self, mass_mev: float | None) -> tuple[dict[str, Array], CouplingPrior | None]:
        """Return what `bayes_cevns.density.data.data_at` does; the last masses are known."""
        if mass_mev not in self._known:
            found = data_at(self.spec, self.tables, mass_mev)
            while len(self._known) >= _KNOWN:
                del self._known[next(iter(self._known))]
            self._known[mass_mev] = found
        return self._known[mass_mev]

    def compile(self, mass_mev: float | None = None) -> Sampler[CompiledModel]:
        """Compile the log-density and its gradient, once."""
        if self._sampler is None:
            if self.spec.couplings is None:
                model = joint(self.spec, self.tables, mass_mev)
            else:
                some = range(self.free)
                tables = of_couplings(self.tables)
                whole = BoxPart.of(self.box.some(some).box)
                model = joint_of_part(self.spec, tables, whole, some)
            # Several couplings start all over their part of the box, so that R-hat sees a mode
            # that only some chains found.
            several = self.spec.couplings is not None
            monitored = self.monitored and not several
            self._sampler = Sampler(
                PartsTarget(model, spread_out=several, monitored=monitored, merging=self.monitored)
            )
        return self._sampler

    def fit(
        self,
        mass_mev: float | None = None,
        *,
        seed: int,
        prior: CouplingPrior | None = None,
        observed: Mapping[str, Array] | None = None,
        free: Sequence[str] | None = None,
        branches: Sequence[BoxBranch] | None = None,
    ) -> Fit:
        """Sample a posterior branch by branch, and weigh the branches.

        Parameters
        ----------
        mass_mev
            Mediator mass; not used by the Standard Model.
        seed
            Seed of the random numbers.
        prior
            Prior of the coupling, of the same kind, in place of the one that follows from the data.
        observed
            Counts in place of the observed ones: experiment -> counts, shape (run, bin).
        free
            Names of the couplings that are free, of several; all by default.
        branches
            Parts of the box of the couplings to sample separately, in place of those that
            `Engine.branches` finds.

        Returns
        -------
        Fit
            Also one that failed its gate. `quality` has the ends of the branches as well: ``low``
            and ``high`` in the coordinate of the coupling; or, for several couplings, along the
            ``normal`` of the walls between them, with the soft planes (`BoxPart.planes`).

        Raises
        ------
        ArgumentError
            If there are other counts and the bins are merged.
        ImpossibleDataError
            If there are events where the model expects none at any of its parameters.
        ConvergenceError
            If the density is not finite anywhere where the sampler may begin.
        """
        fitting = self.begin(
            mass_mev, seed=seed, prior=prior, observed=observed, free=free, branches=branches
        )
        return fitting.result()

    def begin(
        self,
        mass_mev: float | None = None,
        *,
        seed: int,
        prior: CouplingPrior | None = None,
        observed: Mapping[str, Array] | None = None,
        free: Sequence[str] | None = None,
        branches: Sequence[BoxBranch] | None = None,
        cores: int | None = None,
    ) -> Fitting:
        """Begin to sample a posterior; parameters and errors of `fit`.

        Parameters
        ----------
        mass_mev, seed, prior, observed, free, branches
            As of `fit`.
        cores
            Chains that are sampled at the same time, in place of those of the settings, as long as
            the result is not waited for.

        Returns
        -------
        Fitting
            Its first branch is sampled by threads of the sampler's own, while this one may finish
            what it has to do with the fit before.
        """
        seed, mass_mev = check_seed(seed), checked_mass(self.spec.interaction, mass_mev)
        if observed is not None and self.spec.merged:
            raise ArgumentError(
                "observed counts cannot be exchanged where bins are merged: use monitored=True"
            )
        sampler = self.compile(mass_mev)
        data, own = self.data_at(mass_mev)
        self._check_counts(data, observed or {})
        data = data | {f"{name}.observed": counts for name, counts in (observed or {}).items()}
        box = None
        if self.spec.couplings is not None:
            chosen = self._chosen(free)
            box, prior = self.box.some(chosen), None
            parts = self._box_parts(data, chosen, branches)
        else:
            prior = prior or own
            parts = (Part({}),) if prior is None else amplitude_parts(sampler, data, prior)
        return Fitting(sampler, self.settings, seed, data, parts, prior, box, cores)

    def _box_parts(
        self, data: Mapping[str, Array], chosen: Sequence[int], branches: Sequence[BoxBranch] | None
    ) -> tuple[Part, ...]:
        """Return the parts of a posterior of several couplings that are sampled separately."""
        tables = of_couplings(self.tables)
        if branches is None:
            branches = self.branches(chosen, data)
        most = max(len(branch.part.planes) for branch in branches)
        return tuple(
            Part(
                branch_data(self.spec, tables, branch.part, chosen)
                | octant_data(branch.octant, data),
                branch.starts,
                height=branch.height,
                place=branch.part.padded(most)
                | {"normal": branch.slab.normal, "low": branch.slab.low, "high": branch.slab.high}
                | ({"octant": branch.octant} if branch.octant else {}),
                order=tuple(int(place) for place in branch.slab.order),
                flips=(SIN2_THETA12,) if branch.octant == DARK else (),
            )
            for branch in branches
        )

    def branches(
        self, chosen: Sequence[int] | None = None, data: Mapping[str, Array] | None = None
    ) -> tuple[BoxBranch, ...]:
        """Return the parts of the box of some couplings that are sampled separately.

        With both octants of theta_12, those of one and then of the other.
        """
        tables = of_couplings(self.tables)
        chosen = self._chosen(None) if chosen is None else chosen
        box, standard = self.box.some(chosen), self.box.standard

        def signal(couplings: Array) -> float:
            values = standard.copy()
            values[list(chosen)] = couplings
            return float(sum(table.nominal_counts(values) for table in tables))

        sampler = self.compile()
        part = BoxPart.of(box.box)
        whole = {**(data or {}), **branch_data(self.spec, tables, part, chosen)}
        assert self.spec.couplings is not None
        found: list[BoxBranch] = []
        for octant in octants_of(self.spec.couplings, whole):
            here = whole | octant_data(octant, whole)
            starts, density = sampler.starts, sampler.density(here)
            parts = box_branches(signal, density, box.box, box.standard, starts)
            found += [replace(part, octant=octant) for part in parts]
        return tuple(found)

    def _chosen(self, free: Sequence[str] | None) -> tuple[int, ...]:
        """Return the positions of the free couplings, as many as this engine has.

        Raises
        ------
        UnknownNameError
            If one is no coupling of the specification.
        ArgumentError
            If there are more or fewer of them, or one is named twice.
        """
        names = self.box.names
        if free is None:
            chosen = names if self.free == len(names) else ()
        else:
            given = list_of_names(free, what="a list of couplings, such as ['eps_ee_u']")
            known = known_names(names)
            chosen = tuple(full_name(known_as(name, "free coupling", known)) for name in given)
        if len(set(chosen)) != self.free or len(chosen) != self.free:
            raise ArgumentError(
                f"this engine has {self.free} free couplings, got {', '.join(chosen) or 'none'}"
            )
        return tuple(names.index(name) for name in chosen)

    @cached_property
    def box(self) -> BoxPrior:
        """The prior of all couplings."""
        assert self.spec.couplings is not None
        tables = of_couplings(self.tables)
        return box_prior(self.spec.couplings, tables, self.spec.bounds)

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
        data, _ = self.data_at(mass_mev)
        return self.compile(mass_mev).log_density(data, points)

    @property
    def is_compiled(self) -> bool:
        """Whether the model has been compiled."""
        return self._sampler is not None

    @property
    def compiled(self) -> CompiledModel:
        """The compiled model, for benchmarks."""
        return self.compile().compiled


def _checked_free(spec: ModelSpec, free: int | None) -> int:
    """Return how many couplings are free: all by default, zero in a model of one amplitude.

    Raises
    ------
    ArgumentError
        If the specification has fewer couplings.
    """
    several = 0 if spec.couplings is None else len(spec.couplings.couplings)
    if free is None:
        return several
    if several == 0:
        raise ArgumentError("free is how many of several couplings are free: name some couplings")
    why = f"couplings of the model: {several}"
    return whole(free, what="free couplings", least=1, most=several, why=why)
