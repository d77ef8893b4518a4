"""Reading of cards, with errors that name file, line and key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any

from pydantic import BaseModel, ValidationError

from bayes_cevns.cards.card import (
    Alternative,
    Card,
    NuisanceCard,
    SignalCard,
    TemplateCard,
)
from bayes_cevns.cards.prior_keys import CountedKeys, PriorKeys
from bayes_cevns.display import Displayed
from bayes_cevns.errors import CardError, DataError, shown
from bayes_cevns.storage.resources import models_dir
from bayes_cevns.storage.toml_lines import place

#: Limits for cards of a user. Those of the package have at most 7 kB and tables 6 levels deep.
_LARGEST_CARD, _DEEPEST = 1_000_000, 20


@dataclass(frozen=True, repr=False)
class CardFile(Displayed):
    """A card and the file that it was read from.

    Attributes
    ----------
    path, text
        The file and its text.
    card
        What it says, with the nuisances that it shares with others.
    """

    path: Path
    text: str
    card: Card

    @property
    def name(self) -> str:
        """Name of the experiment: that of the file."""
        return self.path.stem

    def error(self, key: str, message: str) -> CardError:
        """Return an error that names file, line and key, such as ``"signal.cevns.template"``."""
        return CardError(self._text(key, message))

    def data_error(self, key: str, message: str) -> DataError:
        """Return an error of the table that the card names; otherwise as `error`."""
        message = f"table {self.card.table}: {message}: rebuild the table"
        return DataError(self._text(key, message))

    def _text(self, key: str, message: str) -> str:
        return f"model card {self.path}: {place(key.split('.'), self.text)}: {message}"


def read_card(path: Path) -> CardFile:
    """Read and check a model card.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    CardError
        If the file is missing, is not TOML, or has an unknown, missing or contradictory
        key; the message names the file, the line and the key.
    """
    text, keys = _read_toml(path)
    _add_shared_nuisances(path, text, keys)
    try:
        return CardFile(path, text, Card.model_validate(keys))
    except ValidationError as error:
        raise CardError(f"model card {path}: {_describe(error, text)}") from None


def shared_nuisances_file() -> Path:
    """Return the file of the nuisances that experiments have in common."""
    return models_dir() / "shared" / "nuisances.toml"


def _read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe would wait for ever
            raise CardError(f"model card {path} is no file")
        if status.st_size > _LARGEST_CARD:
            raise CardError(
                f"model card {path} has {status.st_size} bytes, expected {_LARGEST_CARD} at most"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"model card {shown(str(path))} cannot be read: {error}") from None
    try:
        keys = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"model card {path} is not valid TOML: {error}") from None
    except RecursionError:
        raise CardError(f"model card {path} has tables nested too deeply") from None
    if _depth(keys) > _DEEPEST:
        raise CardError(f"model card {path} has tables nested more than {_DEEPEST} deep")
    return text, keys


def _depth(keys: object) -> int:
    """Return how deeply tables and lists are nested, without recursion."""
    depth, level = 0, [keys]
    while level:
        inner: list[object] = []
        for part in level:
            if isinstance(part, dict | list):
                inner += part.values() if isinstance(part, dict) else part
        depth, level = depth + bool(inner), inner
    return depth


def shared_nuisances(names: Iterable[str]) -> dict[str, NuisanceCard]:
    """Return nuisances of the file of `shared_nuisances_file`, by name.

    Raises
    ------
    CardError
        If there is none of a name, or it is not as a nuisance must be.
    """
    path = shared_nuisances_file()
    text, known = _read_toml(path)
    found = {}
    for name in names:
        if name not in known:
            raise CardError(f"{path}: {name!r} is missing (has {', '.join(known)})")
        try:
            found[name] = NuisanceCard.model_validate({**known[name], "shared": True})
        except ValidationError as error:
            raise CardError(f"{path}: {name}: {_describe(error, text)}") from None
    return found


def _add_shared_nuisances(path: Path, text: str, keys: dict[str, Any]) -> None:
    """Put the nuisances that a card names in ``shared`` beside its own."""
    names, own = keys.get("shared", []), keys.setdefault("nuisance", {})
    words = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not words or not isinstance(own, dict):
        return  # the check of the card itself raises the error
    _, known = _read_toml(shared_nuisances_file())
    taken: dict[str, Any] = {}
    for name in names:
        if name in taken:
            problem = f"{name!r} is named twice"
        elif name in own:
            problem = f"{name!r} is defined on the card as well: take one of them away"
        elif name not in known:
            problem = f"{name!r} is no shared nuisance (has {', '.join(known)})"
        else:
            taken[name] = {**known[name], "shared": True}
            continue
        raise CardError(f"model card {path}: {place(['shared'], text)}: {problem}")
    keys["nuisance"] = {**taken, **own}


def _describe(error: ValidationError, text: str) -> str:
    """Say in one line where a card is wrong, and what key was perhaps meant."""
    # A mistyped key is also reported as missing; the typo is the more useful message.
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"] if part not in _BRANCHES]
    message = first["msg"].removeprefix("Value error, ")
    if not location:  # from the card as a whole, see `Card`
        key, _, message = message.partition(": ")
        location = key.split(".")
    if first["type"] == "extra_forbidden":
        message = "unknown key"
        close = difflib.get_close_matches(location[-1], _known_keys(), n=1)
        if close:
            message += f", did you mean {close[0]!r}?"
    elif first["type"] == "missing":
        message = "required key is missing"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place(location, text)}: {message}{more}"


def _known_keys() -> set[str]:
    parts: tuple[type[BaseModel], ...] = (
        Card,
        SignalCard,
        TemplateCard,
        NuisanceCard,
        Alternative,
        PriorKeys,
        CountedKeys,
    )
    return {key for part in parts for key in part.model_fields}


#: Parts of a location that pydantic adds for members of a union; they are no keys of a card.
_BRANCHES = ("float", "dict[str,float]")
