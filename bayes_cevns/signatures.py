"""Functions whose parameters are known at run time alone: those of studies, and their commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def with_signature[F: Callable[..., Any]](function: F, signature: inspect.Signature) -> F:
    """Return a function after telling `inspect`, and programs that read hints, its parameters."""
    hints = {each.name: each.annotation for each in signature.parameters.values()}
    vars(function).update(__signature__=signature)
    function.__annotations__ = {k: v for k, v in hints.items() if v is not inspect.Parameter.empty}
    return function
