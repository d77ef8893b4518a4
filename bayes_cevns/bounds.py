"""The most that may be asked for, in one place, with the reason.

Beyond these a request ends in the want of memory, or in years of computing, and not in an error
that can be read: an allocation that fails aborts the compiled sampler.
"""

from __future__ import annotations

from dataclasses import dataclass

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import whole

#: Seeds are unsigned integers of 32 bits: what NumPy and the sampler both take.
SEED_END = 2**32


@dataclass(frozen=True)
class Bound:
    """The range of a whole number, and why it ends.

    Attributes
    ----------
    what
        What is counted, with an article.
    least, most
        Ends of the range, both allowed.
    why
        Reason of the upper end.
    """

    what: str
    least: int
    most: int
    why: str


BOUNDS = {
    "seed": Bound("a seed", 0, SEED_END - 1, "seeds are unsigned integers of 32 bits"),
    # R-hat compares chains, so that one cannot pass.
    "chains": Bound("chains", 2, 1000, "each has its own sampler in memory"),
    "draws": Bound("draws", 4, 1_000_000, "all of them are kept in memory"),
    "tune": Bound("tune", 1, 1_000_000, "warm-up draws take as long as draws"),
    "cores": Bound("cores", 1, 1024, "each is a thread of its own"),
    "workers": Bound("a number of workers", 1, 10_000, "each is a process of its own"),
    "shards": Bound("a number of shards", 1, 10_000, "each is a job of its own"),
    "retries": Bound("retries", 0, 10, "each doubles the draws"),
    "masses": Bound("a number of masses", 0, 10_000, "each is a fit of seconds to minutes"),
    "energies": Bound("a number of energies", 0, 100_000, "each is a line of the output"),
    "toys": Bound("a number of toys", 0, 1_000_000, "each is a fit of its own"),
    "fits": Bound("a number of fits", 0, 1_000_000, "each takes seconds"),
    "levels": Bound("a number of levels", 1, 100, "each is a column of the results"),
    "truths": Bound("a number of truths", 1, 1000, "each has toys of its own"),
    "energy_nodes": Bound("a number of energy nodes", 2, 10_000, "each is a table of its own"),
}

#: Draws of all chains, warm-up included: with some 30 numbers of 8 bytes each (parameters,
#: expectations, statistics of the sampler) these take 2.4 GB.
MOST_DRAWS = 10_000_000

#: Points of an analysis file that need no `--yes`: at a second each they are three hours.
MOST_POINTS = 10_000

#: Rates of one call, masses times energies: three components of 8 bytes and as much in between.
MOST_RATES = 10_000_000


def within(name: str, value: object, *, least: int | None = None) -> int:
    """Return a whole number after checking that it is within its bounds.

    Parameters
    ----------
    name
        Key of `BOUNDS`.
    value
        The number.
    least
        Lower end, where it is higher than that of the table.

    Raises
    ------
    ArgumentError
        If it is no whole number, or out of its range.
    """
    bound = BOUNDS[name]
    low = bound.least if least is None else least
    return whole(value, what=bound.what, least=low, most=bound.most, why=bound.why)


def check_draws_kept(draws: int, tune: int, chains: int) -> None:
    """Check that all draws of a fit together fit into memory.

    Raises
    ------
    ArgumentError
        If they do not.
    """
    if (draws + tune) * chains > MOST_DRAWS:
        raise ArgumentError(
            f"expected chains x (draws + tune) <= {MOST_DRAWS:,} (2 GB of memory and more), got "
            f"{chains} x ({draws} + {tune}) = {(draws + tune) * chains:,}: ask for fewer draws"
        )


def check_grid(masses: int, energies: int) -> None:
    """Check that the rates of some masses and energies fit into memory.

    Raises
    ------
    ArgumentError
        If they do not.
    """
    if masses * energies > MOST_RATES:
        raise ArgumentError(
            f"expected masses x energies <= {MOST_RATES:,} in one call, got {masses:,} x "
            f"{energies:,}: ask for them in parts"
        )
