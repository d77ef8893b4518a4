"""How to sample, and with which random numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.gate import Gate
from bayes_cevns.physics.checks import whole

#: Two fits of one run must not share random numbers; seeds step by this prime.
_SEED_STEP = 7919
_SEED_END = 2**32

#: Least values of the settings: R-hat compares chains, so that one cannot pass.
_LEAST = {"draws": 4, "tune": 1, "chains": 2, "cores": 1, "retries": 0}


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Attributes
    ----------
    draws, tune, chains
        Draws kept and warm-up draws for each chain, number of chains.
    cores
        Chains sampled at the same time; they do not change the draws.
    target_accept
        Target acceptance; near zero coupling 0.8 gives divergences, 0.95 none.
    retries
        How often a fit that fails its gate is repeated, each time with twice the warm-up
        and twice the draws, of which every second is kept.
    gate
        The quality gate.
    """

    draws: int = 1000
    tune: int = 300
    chains: int = 4
    cores: int = 2
    target_accept: float = 0.95
    retries: int = 2
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            whole(getattr(self, name), what=name, least=least)
        if not isinstance(self.target_accept, float) or not 0.0 < self.target_accept < 1.0:
            raise ArgumentError(f"target_accept must be in (0, 1), got {self.target_accept!r}")

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
        if not isinstance(given, cls):
            raise ArgumentError(
                f"expected settings, such as SamplerSettings(draws=2000), got {given!r}"
            )
        return given

    def as_request(self) -> dict[str, Any]:
        """Return what decides the outcome: all but the number of cores."""
        return {key: value for key, value in asdict(self).items() if key != "cores"}


def check_seed(seed: int) -> None:
    """Raise an `ArgumentError` unless a seed is a whole number from 0 to 2^32 - 1."""
    whole(seed, what="a seed", most=_SEED_END - 1)


def attempt_seed(seed: int, attempt: int) -> int:
    """Return the seed of one of several attempts at a fit."""
    return (seed + _SEED_STEP * attempt) % _SEED_END


def branch_seed(seed: int, number: int) -> int:
    """Return the seed of one of several branches; no two share random numbers."""
    return (seed + _SEED_STEP * 100 * number) % _SEED_END
