"""Names that a shell completes: experiments, interactions and priors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


def experiment_words(incomplete: str) -> list[str]:
    """Return the experiments whose names begin with a word."""
    from bayes_cevns.cards.loading import experiment_names

    return [name for name in experiment_names() if name.startswith(incomplete)]


def interaction_words(incomplete: str) -> list[str]:
    """Return the interactions whose names begin with a word."""
    from bayes_cevns.physics.interactions import STANDARD_MODEL, interactions

    names = (STANDARD_MODEL, *interactions())
    return [name for name in names if name.startswith(incomplete)]


def prior_words(incomplete: str) -> list[str]:
    """Return the priors of a coupling whose names begin with a word."""
    from bayes_cevns.names import PRIOR_TEXTS

    return [name for name in PRIOR_TEXTS if name.startswith(incomplete)]


#: Field of a study -> what completes its word.
COMPLETED: Final[dict[str, Callable[[str], list[str]]]] = {
    "interaction": interaction_words,
    "prior": prior_words,
}
