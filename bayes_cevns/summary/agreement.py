"""Whether limits from draws agree with those of a preview, which knows nothing of the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayes_cevns.summary.limits import Limit

#: A limit and its preview may differ by this share of the limit, the accuracy of previews, plus so
#: many Monte-Carlo errors of the limit: ``validation/preview.md`` has the measurements.
ACCURACY, SIGMAS = 0.03, 5.0


@dataclass(frozen=True)
class Agreement:
    """How a limit from draws compares with its preview.

    Attributes
    ----------
    limit, preview
        The limit, and the same by a preview; NaN if it is not known.
    allowed
        The largest difference that their errors allow.
    """

    limit: Limit
    preview: float
    allowed: float

    @property
    def agrees(self) -> bool | None:
        """Whether the two differ by no more than is allowed; ``None`` if one is not known."""
        difference = abs(self.limit.value - self.preview)
        return None if np.isnan(difference) else bool(difference <= self.allowed)

    @property
    def said(self) -> str:
        """What a summary says of the comparison."""
        if self.agrees is None:
            return f"preview of the {self.limit.side} limit: not known"
        verdict = "agrees" if self.agrees else "does not agree"
        return (
            f"preview of the {self.limit.side} limit (approximate): {self.preview:.4g}, {verdict}"
        )

    @property
    def text(self) -> str:
        """A sentence if they do not agree; empty if they do."""
        if self.agrees in (True, None):
            return ""
        return (
            f"the {self.limit.side} limit from draws, {self.limit.value:.4g}, and its preview, "
            f"{self.preview:.4g}, differ by more than their errors allow ({self.allowed:.2g}): a "
            "mode may have been missed; sample it with another seed and more draws"
        )


def agreements(limits: Sequence[Limit], previews: Sequence[float]) -> tuple[Agreement, ...]:
    """Return how limits compare with previews in the same order; none without previews."""
    if not previews:
        return ()
    return tuple(
        Agreement(limit, preview, ACCURACY * limit.value + SIGMAS * limit.mc_error)
        for limit, preview in zip(limits, previews, strict=True)
    )
