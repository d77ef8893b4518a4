"""Charges in a TOML file: a name, what to cite, and a table of charges."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, shown

_KNOWN = ("name", "cite", "charges")


def read_charges(path: Path) -> dict[str, object]:
    """Return the charges of a file, as `bayes_cevns.interaction` takes them.

    Parameters
    ----------
    path
        A file such as ::

            name = "up-philic"           # optional
            cite = ["Smith:2024abc"]     # optional, keys of references.bib
            [charges]
            u = 1
            d = "-1/2"
            nu = 1

    Raises
    ------
    ArgumentError, UnknownNameError
        If it cannot be read, is no TOML, has other keys, or no table of charges.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArgumentError(f"cannot read charges from {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} is no TOML: {error}") from None
    for key in content:
        named(key, f"key of {path}", _KNOWN)
    charges = content.pop("charges", None)
    if not isinstance(charges, dict):
        raise ArgumentError(
            f"{path}: expected a table [charges], such as u = 1 and nu_e = 1, got {shown(charges)}"
        )
    for key in content:
        if key in charges:
            raise ArgumentError(f"{path}: {key!r} belongs above [charges], and is there already")
    return {**charges, **content}
