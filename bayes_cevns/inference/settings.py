"""How to sample, and with which random numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bayes_cevns.arguments import of_kind
from bayes_cevns.bounds import SEED_END, check_draws_kept, within
from bayes_cevns.inference.gate import Gate
from bayes_cevns.physics.checks import between

#: Seeds of the fits of one run differ by multiples of this prime, so that none are used twice.
_SEED_STEP = 7919

#: The settings that are whole numbers.
_WHOLE = ("draws", "tune", "chains", "cores", "retries")


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Attributes
    ----------
    draws, tune, chains
        Draws kept and warm-up draws for each chain, number of chains.
    cores
        Chains sampled at the same time; the draws do not depend on it.
    target_accept
        Target acceptance of a model of one coupling, whose density is sampled in coordinates in
        which it is close to normal. Other models have a quarter of the rejections: 0.95 by default,
        since near zero couplings 0.8 gives divergences, 0.95 none.
    retries
        How often a fit that fails its gate is repeated, each time with twice the warm-up
        and twice the draws, of which every second is kept.
    gate
        The quality gate.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> settings = bc.SamplerSettings(draws=500, chains=2)
    >>> settings.draws, settings.target_accept
    (500, 0.8)
    """

    draws: int = 1000
    tune: int = 300
    chains: int = 4
    cores: int = 2
    target_accept: float = 0.8
    retries: int = 2
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        for name in _WHOLE:
            object.__setattr__(self, name, within(name, getattr(self, name)))
        check_draws_kept(self.draws, self.tune, self.chains)
        accept = between(self.target_accept, 0.0, 1.0, what="target_accept", example="0.8")
        object.__setattr__(self, "target_accept", accept)
        of_kind(self.gate, Gate, what="a gate, such as Gate(ess_min=800)")

    @classmethod
    def of(cls, given: SamplerSettings | None) -> SamplerSettings:
        """Return the settings that were given, or those by default.

        Raises
        ------
        ArgumentError
            If what is given are no settings.
        """
        if given is None:
            return cls()
        return of_kind(given, cls, what="settings, such as SamplerSettings(draws=2000)")

    def as_request(self) -> dict[str, Any]:
        """Return the settings that decide the outcome: all except the number of cores."""
        return {key: value for key, value in asdict(self).items() if key != "cores"}


def check_seed(seed: int) -> int:
    """Return a seed as a plain integer, after checking that it is from 0 to 2^32 - 1.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    return within("seed", seed)


def attempt_seed(seed: int, attempt: int) -> int:
    """Return the seed of one of several attempts at a fit."""
    return (seed + _SEED_STEP * attempt) % SEED_END


def branch_seed(seed: int, number: int) -> int:
    """Return the seed of one of several branches, different for each."""
    return (seed + _SEED_STEP * 100 * number) % SEED_END
