"""What a model is made of: experiments, interaction and the names of its priors, checked."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from bayes_cevns.arguments import flag, named, of_kind
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.cards.observed import check_numbers_of_events
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cards.signal_table import scatterers
from bayes_cevns.couplings.bounds import checked_couplings
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.priors import check_max_coupling
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.display import Displayed
from bayes_cevns.errors import (
    ArgumentError,
    ChannelError,
    PropagationWarning,
    shown,
)
from bayes_cevns.names import MIXING_TEXTS, PRIOR_TEXTS
from bayes_cevns.physics.checks import decimal
from bayes_cevns.physics.constants import FERMI_CONSTANT_PER_MEV2
from bayes_cevns.physics.interactions import (
    STANDARD_MODEL,
    Interaction,
    Role,
    Sign,
    check_masses,
    interaction_or_none,
)
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory, theory_of
from bayes_cevns.rates import SCATTERER
from bayes_cevns.specification.nuisance_priors import check_nuisance_priors
from bayes_cevns.specification.solar import mixed, warn_of_flux
from bayes_cevns.storage.resources import bibliography, models_dir


@dataclass(frozen=True, repr=False)
class ModelSpec(Displayed):
    """What a model is made of; everything but the mass decides what has to be compiled.

    Attributes
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        The interaction, or ``None`` for the Standard Model.
    prior
        Name of the prior of the coupling.
    nuisance_priors
        Other priors: nuisance -> name of an alternative on its card, or a prior as a word
        (`bayes_cevns.cards.prior_words`).
    theory
        What is assumed of nuclei, weak charges and atoms.
    merged
        Whether bins without events are merged: the same likelihood in less time, but no
        posterior predictive checks (`bayes_cevns.tables.bins`).
    max_coupling
        Upper end of the prior of the quoted coupling; by default far above what data allow.
    couplings, bounds
        Several couplings in place of an interaction, and bounds of their uniform priors by name
        where they are not those of `box_prior`.
    mixing
        ``"fixed"``, or ``"free"`` where sin^2 theta_12 is a nuisance, and dm21 beside several
        couplings, wherever flavours of solar neutrinos matter. Free if that of the couplings is.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> spec = bc.ModelSpec.of(["xenonnt_cevns"], interaction="b-l", prior="flat-rate")
    >>> spec.prior
    'flat-rate'
    """

    experiments: tuple[Experiment, ...]
    interaction: Interaction | None
    prior: str = "flat"
    nuisance_priors: tuple[tuple[str, str], ...] = ()
    theory: Theory = STANDARD_THEORY
    merged: bool = False
    max_coupling: float | None = None
    couplings: CouplingModel | None = None
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    mixing: str = "fixed"

    def __post_init__(self) -> None:
        given = several_experiments(self.experiments)
        if self.interaction is not None:
            of_kind(self.interaction, Interaction, what="what bayes_cevns.interaction returns")
        named(self.prior, "prior", PRIOR_TEXTS)
        theory_of(self.theory)
        named(self.mixing, "mixing", MIXING_TEXTS)
        if isinstance(self.couplings, CouplingModel):
            if self.mixing == "free":
                object.__setattr__(self, "couplings", replace(self.couplings, mixing="free"))
            object.__setattr__(self, "mixing", self.couplings.mixing)
        given = mixed(given, self.interaction, self.couplings, self.theory, self.mixing)
        object.__setattr__(self, "experiments", given)
        flag(self.merged, what="merged")
        object.__setattr__(self, "max_coupling", check_max_coupling(self.max_coupling))
        pairs = self.nuisance_priors
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple) and len(pair) == 2 for pair in pairs
        ):
            raise ArgumentError(
                "expected pairs of a nuisance and its alternative prior, such as "
                f"(('flux_8b', 'sno'),), got {shown(pairs)}"
            )
        checked = check_nuisance_priors(self.experiments, dict(pairs))
        object.__setattr__(self, "nuisance_priors", tuple(checked.items()))
        bounds = checked_couplings(self.interaction, self.couplings, self.prior, self.bounds)
        object.__setattr__(self, "bounds", bounds)

    def _title(self) -> str:
        return f"ModelSpec {' + '.join(e.name for e in self.experiments)}: {self._new}"

    def _rows(self) -> dict[str, object]:
        new = "interaction" if self.couplings is None else "couplings"
        return super()._rows() | {new: self._new}

    @property
    def _new(self) -> str:
        """What is not of the Standard Model, in a word or some."""
        if self.couplings is not None:
            return ", ".join(self.couplings.names)
        return STANDARD_MODEL if self.interaction is None else self.interaction.name

    @classmethod
    def of(
        cls,
        experiments: Iterable[Experiment],
        *,
        interaction: str | Interaction = STANDARD_MODEL,
        prior: str = "flat",
        nuisance_priors: Mapping[str, str | Prior] | None = None,
        theory: Theory = STANDARD_THEORY,
        allow_overlap: bool = False,
        allow_conflict: bool = False,
        max_coupling: float | None = None,
        couplings: CouplingModel | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
        mixing: str = "fixed",
    ) -> ModelSpec:
        """Build a specification from names, checking each of them.

        Raises
        ------
        UnknownNameError
            If an interaction, prior, nuisance or alternative does not exist.
        ArgumentError
            If no experiment is given, one is given twice, or two overlap or conflict; or if what
            is given is no experiment; or if the interaction cites what has no entry.
        ChannelError
            If no experiment sees the interaction.
        """
        allow_overlap = flag(allow_overlap, what="allow_overlap")
        allow_conflict = flag(allow_conflict, what="allow_conflict")
        experiments = check_experiments(
            experiments, allow_overlap=allow_overlap, allow_conflict=allow_conflict
        )
        new = interaction_or_none(interaction)
        if new is not None:
            check_action(experiments, new)
            check_cited(new)
        named(mixing, "mixing", MIXING_TEXTS)
        experiments = mixed(experiments, new, couplings, theory_of(theory), mixing)
        alternatives = check_nuisance_priors(experiments, nuisance_priors)
        warn_of_flux(alternatives, new)
        if new is None and max_coupling is not None:
            raise ArgumentError("the Standard Model has no coupling, so that it has no largest one")
        return cls(
            experiments,
            new,
            prior,
            tuple(alternatives.items()),
            theory,
            max_coupling=max_coupling,
            couplings=couplings,
            bounds={} if bounds is None else bounds,
            mixing=mixing,
        )

    @property
    def signed(self) -> bool:
        """Whether the sign of x is observable in the channels of the experiments."""
        new = self.interaction
        return new is not None and new.sign_on(scatterers(self.experiments)) is Sign.OBSERVABLE

    @property
    def sides(self) -> tuple[str, ...]:
        """The limits that a fit has: one for each sign of x where it is observable."""
        return ("positive", "negative") if self.signed else ("upper",)

    def merging_bins(self) -> ModelSpec:
        """Return the same specification with the bins without events merged."""
        return replace(self, merged=True)

    def tables(self) -> tuple[RateTable, ...]:
        """Return a rate table for each experiment."""
        if self.couplings is not None:
            return coupling_tables(
                self.experiments,
                self.couplings,
                theory=self.theory,
                merged=self.merged,
            )
        return tuple(
            RateTable(e, self.interaction, self.theory, self.merged) for e in self.experiments
        )


def check_experiments(
    experiments: Iterable[Experiment],
    *,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
) -> tuple[Experiment, ...]:
    """Return experiments after checking that they can be fitted together.

    Raises
    ------
    ArgumentError
        If no experiment is given, one is given twice, or, unless it is allowed, two share
        exposure or contradict each other; or if what is given is no list of experiments.
    ImpossibleDataError
        If observed counts are no numbers of events, or have no errors where they need them.
    """
    experiments = several_experiments(experiments)
    for e in experiments:
        if e.data == "none":
            raise ArgumentError(
                f"{e.name} has no observed counts to fit: use bayes_cevns.asimov or "
                "bayes_cevns.toy (--data asimov, --data toy:SEED) for a projection, or "
                "expected_counts for its rates"
            )
        check_numbers_of_events(e)
    names = [e.name for e in experiments]
    if len(set(names)) < len(names):
        raise ArgumentError(f"an experiment is named twice: {', '.join(names)}")
    allowed = {"allow_overlap": allow_overlap, "allow_conflict": allow_conflict}
    for one, two in combinations(experiments, 2):
        for option, problem in _objections(one, two).items():
            if not allowed[option]:
                raise ArgumentError(
                    f"{one.name} and {two.name} {problem}: use one of them, or state that you want "
                    f"this with {option}=True (--{option.replace('_', '-')})"
                )
    return experiments


def _objections(one: Experiment, two: Experiment) -> dict[str, str]:
    """Return what speaks against a joint fit of two experiments, by the word that allows it."""
    found = {}
    if _overlap(one, two):
        found["allow_overlap"] = (
            "share exposure, so that a joint fit would count the same neutrinos twice"
        )
    for name, card in ((one.name, two.card), (two.name, one.card)):
        if name in card.conflicts:
            found["allow_conflict"] = f"contradict each other [{card.disputed}]"
    return found


def _overlap(one: Experiment, two: Experiment) -> bool:
    """Return whether two cards say that they share exposure, or have runs of the same table."""
    if two.name in one.card.overlaps or one.name in two.card.overlaps:
        return True
    same = one.table_sha256 != "" and one.table_sha256 == two.table_sha256
    return same and not set(one.runs).isdisjoint(two.runs)


def checked_mass(interaction: Interaction | None, mass_mev: float | None) -> float | None:
    """Return the mediator mass of one fit as a plain float; ``None`` where there is no mediator.

    Raises
    ------
    ArgumentError
        If it is missing, not one positive and finite number, or given where there is no mediator.
    """
    if interaction is None:
        if mass_mev is not None:
            raise ArgumentError(
                f"the Standard Model has no mediator, got a mass of {shown(mass_mev)} MeV: name "
                "an interaction"
            )
        return None
    masses = interaction.check_masses(mass_mev)
    if not interaction.has_mass or mass_mev is None:
        return None
    if masses.ndim:
        raise ArgumentError(f"expected one mediator mass, in MeV, got {shown(mass_mev)}")
    return float(check_masses(decimal(mass_mev)))


def check_action(experiments: Sequence[Experiment], new: Interaction) -> None:
    """Check that an interaction changes the signal of one experiment at least.

    Raises
    ------
    ChannelError
        If neutrinos scatter through it on nothing that is seen, or other neutrinos do.

    Warns
    -----
    PropagationWarning
        If it acts on the flavours of solar neutrinos on their way.
    """
    channels = {signal.channel for e in experiments for signal in e.signals}
    if scatterers(experiments).isdisjoint(new.scatters_on):
        raise ChannelError(
            f"{new.name!r} does not change the signal of {' + '.join(e.name for e in experiments)} "
            f"({', '.join(sorted(channels))}; it scatters on: {', '.join(new.scatters_on)}): "
            "choose another experiment or interaction"
        )
    seen = {
        flavour
        for e in experiments
        for signal in e.signals
        if SCATTERER[signal.channel] in new.scatters_on
        for flavour in signal.source.fluxes
    }
    if seen.isdisjoint(new.flavours_seen):
        raise ChannelError(
            f"{new.name!r} acts on {', '.join(new.flavours_seen)}, and the neutrinos of "
            f"{' + '.join(e.name for e in experiments)} are {', '.join(sorted(seen))}: choose "
            "another experiment or interaction"
        )
    _check_baselines(experiments, new)
    _warn_of_propagation(experiments, new)


def _check_baselines(experiments: Sequence[Experiment], new: Interaction) -> None:
    """Check that neutrinos which oscillate come from a known distance."""
    if new.axis.role is not Role.OSCILLATION:
        return
    for e in experiments:
        for signal in e.signals:
            if SCATTERER[signal.channel] in new.scatters_on and signal.source.baseline is None:
                raise ChannelError(
                    f"{new.name!r} needs the distance of a source, and {signal.source.name!r} of "
                    f"{e.name} has none: choose an experiment at a stopped-pion source or a reactor"
                )


def _warn_of_propagation(experiments: Sequence[Experiment], new: Interaction) -> None:
    """Say where solar neutrinos would arrive with other flavours than those of a source."""
    solar = any(signal.source.name.startswith("solar") for e in experiments for signal in e.signals)
    if not solar or not new.matter_effect:
        return
    comparable = math.sqrt(math.sqrt(2.0) * FERMI_CONSTANT_PER_MEV2 / new.matter_effect)
    warnings.warn(
        f"{new.name!r} acts on the propagation of solar neutrinos too, which is kept as in the "
        f"Standard Model: it acts as much as electrons do at {new.coupling.symbol} = "
        f"{comparable:.2g} x mass / MeV; quote limits above it only beside others that neglect it",
        PropagationWarning,
        stacklevel=3,
    )


def check_cited(new: Interaction) -> None:
    """Check that what an interaction cites is in the bibliography, which a result is written with.

    Raises
    ------
    ArgumentError
        If a key has no entry, as one of a plug-in may.
    """
    for key in new.cite:
        if key not in bibliography():
            raise ArgumentError(
                f"interaction {new.name!r} cites {shown(key)}, which has no entry in "
                f"{models_dir() / 'references.bib'}: add one, or leave the key out of its cite"
            )
