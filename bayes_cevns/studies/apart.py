"""What a point needs, and leaves, besides its content, where it is computed in another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Apart:
    """The part of a study that lets its points be computed apart from its folder.

    One process alone writes the folder. Another one that computes a point gets what all points have
    in common and what the folder has of this point already, and gives back what it has made. All of
    it is there after `Study.store` was called, with the folder or without one.
    """

    def common(self) -> Mapping[str, Any]:
        """Return what all points have in common, by name; made now if it is not known."""
        return {}

    def kept_common(self) -> Mapping[str, Any]:
        """Return what the folder has of it."""
        return {}

    def take_common(self, values: Mapping[str, Any]) -> None:
        """Take what all points have in common, and keep it."""

    def beside(self, number: int) -> Any:  # noqa: ARG002  # of those that keep more than points
        """Return what is kept of a point besides its content, as far as it is known."""
        return None

    def take_beside(self, number: int, made: Any) -> None:
        """Keep what was made of a point besides its content."""

    def usable[Point](self, points: Mapping[int, Point]) -> dict[int, Point]:
        """Return the points of which a result can be made, in their order."""
        return dict(sorted(points.items()))
