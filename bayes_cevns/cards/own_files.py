"""The files of an experiment of a user: what was read, so that a run can keep copies of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import tomlkit

from bayes_cevns.cards.card_file import CardFile
from bayes_cevns.errors import DataError

if TYPE_CHECKING:
    from bayes_cevns.cards.experiment import Experiment

#: Folder of such files in that of a run; each experiment has one of its own below it.
FOLDER = "experiments"


@dataclass(frozen=True)
class OwnFiles:
    """What was read of an experiment of a user.

    Attributes
    ----------
    path
        Its card.
    loaded
        The experiment as it was loaded, before anything was changed in Python.
    files
        Path below a folder -> content: the card, its table if that is not one of the package, and
        fluxes and other cards that it names.
    """

    path: Path
    loaded: Any = field(repr=False)  # an Experiment, whose class holds this one
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def card_name(self) -> str:
        """The path of the copy of its card, below the folder of a run."""
        return f"{FOLDER}/{self.path.stem}/{self.path.name}"

    def copies(self) -> dict[str, bytes]:
        """Return the files by their paths below the folder of a run."""
        parent = str(PurePosixPath(self.card_name).parent)
        return {f"{parent}/{name}": content for name, content in self.files.items()}


def own_files(file: CardFile, loaded: Experiment, table: Path | None) -> OwnFiles:
    """Return the files of an experiment of a user.

    Parameters
    ----------
    file
        Its card.
    loaded
        The experiment.
    table
        Its table; ``None`` for one of the package.

    Raises
    ------
    DataError
        If the table is not the one that was loaded any more.
    """
    document = tomlkit.parse(file.text)
    files: dict[str, bytes] = {}
    if table is not None:
        content = table.read_bytes()
        if hashlib.sha256(content).hexdigest() != loaded.table_sha256:
            raise DataError(f"{table} was changed while it was read: load the experiment again")
        document["table"] = _below(file.card.table)
        files[_below(file.card.table)] = content
    for signal in loaded.signals:
        if signal.source.file is not None:
            name = _below(file.card.signal[signal.name].source)
            document["signal"][signal.name]["source"] = name
            files[name] = signal.source.file.text.encode()
    for other in (*file.card.overlaps, *file.card.conflicts):
        beside = file.path.parent / f"{other}.toml"
        if beside.is_file():
            files[beside.name] = beside.read_bytes()
    files[file.path.name] = tomlkit.dumps(document).encode()
    return OwnFiles(file.path, loaded, files)


def _below(name: str) -> str:
    """Return a path below the folder of a card: itself, or the name of a file elsewhere."""
    path = PurePosixPath(name)
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()
