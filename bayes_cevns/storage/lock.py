"""Locks: one process at a time in a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bayes_cevns.errors import OutputError
from bayes_cevns.storage import atomic
from bayes_cevns.storage.owner import Owner

LOCK_FILE = "run.lock"

#: A lock may be released while it is read; after this many attempts something else is wrong.
_ATTEMPTS = 100


@dataclass(frozen=True)
class Lock:
    """A lock: a file that names the process that holds it.

    It relies on hard links: of several processes only one can make a link of a name, also on NFS.
    Where there are no hard links, it relies on exclusive creation of files. The lock of a killed
    process may be taken over, but only by a process that holds a second lock, ``NAME.taken``, so
    that two processes that find it at once do not both take it.
    """

    path: Path
    owner: Owner

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Take a lock, also one that was left by a process that has ended.

        Raises
        ------
        OutputError
            If another process has it, or may have it.
        OSError
            If the folder cannot be written.
        """
        mine = cls(path, Owner.this_process())
        for _ in range(_ATTEMPTS):
            if mine._created():
                return mine
            held = _text(path)
            if held is None:
                continue
            owner = Owner.from_text(held)
            if owner is None or not owner.is_gone():
                raise OutputError(_refusal(path, owner))
            with cls.acquire(path.with_name(f"{path.name}.taken")):
                if _text(path) == held:
                    atomic.write_text(path, mine.owner.to_text())
                    return mine
        raise OutputError(f"{path} comes and goes: is another program writing to the folder?")

    def release(self) -> None:
        """Release the lock, if it is still held by this process."""
        if self.owner.pid == os.getpid() and _text(self.path) == self.owner.to_text():
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _created(self) -> bool:
        """Create the file unless it is there."""
        temporary = atomic.new_file(self.path)
        try:
            temporary.write_text(self.owner.to_text(), encoding="utf-8")
            try:
                os.link(temporary, self.path)
            except FileExistsError:
                # NFS may repeat a request whose answer was lost, and find its own link.
                return temporary.stat().st_nlink == 2
            except OSError:
                return self._created_without_links()
            return True
        finally:
            temporary.unlink(missing_ok=True)

    def _created_without_links(self) -> bool:
        try:
            with self.path.open("x", encoding="utf-8") as stream:
                stream.write(self.owner.to_text())
        except FileExistsError:
            return False
        return True


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _refusal(path: Path, owner: Owner | None) -> str:
    who = "a process that cannot be told (its lock is damaged)" if owner is None else str(owner)
    return (
        f"{path.parent} is in use by {who}: wait for it or choose another --out; if you know that "
        f"it has ended, remove {path}"
    )
