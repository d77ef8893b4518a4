"""Settings that all hard cases have in common."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import bayes_cevns as bc
from bayes_cevns.inference.gate import Gate

#: Of intervals and limits.
LEVEL = 0.9

#: Of fits that are not compared.
SEED = 1

#: Of fits of an amplitude, which take a second: four times the draws of the default, so that a
#: difference is one of methods and not of draws.
LONG = bc.SamplerSettings(draws=4000, cores=1)

#: Of fits of several couplings, which take minutes: half of the draws of the default, and half of
#: the effective ones.
SETTINGS = bc.SamplerSettings(draws=500, cores=1, gate=Gate(rhat_max=1.02, ess_min=200.0))

#: Of nested runs (`nested_density.run_nested`).
NESTED = {"live_points": 400, "points": 100_000, "clusters": 16}


def seed_of(key: tuple[str, str]) -> int:
    """Return the seed of a case.

    Each has its own: chains with the same random numbers deviate alike, so that differences of
    many cases would be one and the same.
    """
    return zlib.crc32(", ".join(key).encode())


@cache
def experiments_of(label: str) -> tuple[Any, ...]:
    """Return the experiments of some names joined with ``+``."""
    return tuple(bc.experiment(name) for name in label.split("+"))
