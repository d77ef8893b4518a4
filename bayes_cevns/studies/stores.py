"""Where a study keeps its points: in memory, and in the folder of a run if it has one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast, override

from bayes_cevns.errors import DataError
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.kept_run import KeptRun, ledger_in
from bayes_cevns.storage.ledger import Row
from bayes_cevns.storage.record import COMPLETE
from bayes_cevns.storage.values import plain, rebuilt


class Store[Content]:
    """Points by their numbers.

    Parameters
    ----------
    folder
        The folder of the run, to be read at least; ``None`` to keep nothing but in memory.

    Attributes
    ----------
    contents
        What is kept, by number.
    """

    def __init__(self, folder: KeptRun | None) -> None:
        self.folder = folder
        self.writable = folder if isinstance(folder, RunFolder) else None
        self.contents: dict[int, Content] = {}

    def look(self, number: int) -> None:
        """Take those of so many points that are on disk and not known yet."""

    def keep(self, number: int, content: Content) -> None:
        """Keep a point that was just computed, so that no later accident can lose it.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        self.write(number, content)
        self.contents[number] = content

    def write(self, number: int, content: Content) -> None:
        """Write a point into the folder, if there is one."""

    @abstractmethod
    def finish(self, *, complete: bool, report: Mapping[str, Any]) -> None:
        """Write the final record of the run.

        Raises
        ------
        OutputError
            If it cannot be written.
        """


class ValueStore[Content](Store[Content]):
    """Points that are dataclasses of numbers and texts, one file each; the files stay.

    Parameters
    ----------
    folder
        The folder of the run.
    kind
        The dataclass.
    """

    def __init__(self, folder: KeptRun | None, kind: type[Content]) -> None:
        super().__init__(folder)
        self.kind = kind

    def look(self, number: int) -> None:
        """Take the points that are on disk."""
        for place in range(number):
            if self.folder is not None and place not in self.contents:
                stored = self.folder.kept(place)
                if stored is not None:
                    self.contents[place] = rebuilt(self.kind, stored.content)

    def write(self, number: int, content: Content) -> None:
        """Write a point into the folder."""
        if self.writable is not None:
            self.writable.keep(number, plain(content))

    def finish(self, *, complete: bool, report: Mapping[str, Any]) -> None:
        """Write the final record of the run; the points stay, the tables are made of them."""
        if self.writable is not None:
            self.writable.finish_with(None, complete=complete, report=report, keep_points=True)


class RowStore(Store[Row]):
    """Rows of one table that grows, such as fits of toys.

    Parameters
    ----------
    folder
        The folder of the run.
    file, columns, key
        The table, as `bayes_cevns.storage.ledger.Ledger` takes it.
    keys
        The key of each point, in their order. Rows with other keys are of earlier runs that were
        asked for more of them: they are numbered behind, and count as well.
    """

    def __init__(
        self,
        folder: KeptRun | None,
        file: str,
        columns: Sequence[str],
        *,
        key: Sequence[str],
        keys: Sequence[tuple[str, ...]],
    ) -> None:
        super().__init__(folder)
        self.ledger = ledger_in(folder, file, columns, key=key)
        self._keys = list(keys)
        known = set(self._keys)
        for row in self.ledger.rows:
            own = self._key_of(row)
            if own not in known:
                self._keys.append(own)
                known.add(own)
        self._numbers = {own: number for number, own in enumerate(self._keys)}

    def _key_of(self, row: Row) -> tuple[str, ...]:
        return tuple(row[column] for column in self.ledger.key)

    @override
    def look(self, number: int) -> None:
        """Take the rows that are on disk, also those beyond the number."""
        for row in self.ledger.rows:
            self.contents.setdefault(self._numbers[self._key_of(row)], row)

    @override
    def write(self, number: int, content: Row) -> None:
        """Append a row to the table."""
        self.ledger.append(content)

    def once[T](self, kind: type[T], make: Callable[[], T]) -> T:
        """Return a value that all points have in common, made once and kept beside the table.

        Parameters
        ----------
        kind
            Its type, as `bayes_cevns.storage.values.rebuilt` takes it.
        make
            Makes it.

        Raises
        ------
        DataError
            If the folder can only be read, and the value is missing or was damaged.
        OutputError
            If it cannot be written.
        """
        stored = self.kept_once(kind)
        if stored is not None:
            return stored
        if self.folder is not None and self.writable is None:
            raise DataError(
                f"{self.folder.path}: what its points have in common is missing or was damaged: "
                "give the command of the run again, which writes it anew"
            )
        made = make()
        if self.writable is not None:
            self.writable.keep(0, plain(made))
        return made

    def kept_once[T](self, kind: type[T]) -> T | None:
        """Return the value that all points have in common, if it is kept; see `once`."""
        stored = None if self.folder is None else self.folder.kept(0)
        return None if stored is None else cast("T", rebuilt(kind, stored.content))

    def finish(self, *, complete: bool, report: Mapping[str, Any]) -> None:
        """Write the final record of the run; what its points have in common stays.

        The rows of a complete run are in the order of its points, whatever came between.
        """
        if self.writable is not None:
            if complete:
                self.ledger.put_in_order(self._keys)
            self.writable.finish_with(None, complete=complete, report=report, keep_points=True)


def is_complete(folder: KeptRun | None) -> bool:
    """Return whether a folder holds a complete run."""
    return folder is not None and folder.status == COMPLETE
