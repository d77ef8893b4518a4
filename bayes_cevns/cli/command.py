"""A command whose help has a word for each argument, and not also its type in Python."""

from __future__ import annotations

from typing import Any

from typer.core import TyperArgument, TyperCommand


class Command(TyperCommand):
    """A command of the application."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument):
                vars(parameter)["display_type_rich"] = _nothing


def _nothing(ctx: object) -> None:
    """Return nothing, in place of a type such as ``<list[str]>``."""
    del ctx
