"""The process that something on disk belongs to, and whether it still runs."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

_PROC = Path("/proc")


@dataclass(frozen=True)
class Owner:
    """A process.

    Attributes
    ----------
    host, pid
        Name of its host, and its number there.
    started
        When it started, in units of its host; empty if the host does not say. It distinguishes a
        process from a later one with the same number.
    boot
        Identifier of the boot of the host during which it runs; empty if the host does not say.
    space
        The namespace of its process number: containers have their own.
    since
        When it took the lock or file, in UTC.
    token
        A random text that is unique to each claim, also among those of one process.
    """

    host: str
    pid: int
    started: str
    boot: str
    space: str
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def this_process(cls) -> Self:
        """Return a claim of the calling process."""
        pid = os.getpid()
        boot = _text(_PROC / "sys/kernel/random/boot_id")
        return cls(host_name(), pid, _state_and_start(pid)[1], boot, _space())

    def is_gone(self) -> bool:
        """Return whether the process has certainly ended.

        Of a process on another host, or in another container, nothing is known.
        """
        here = Owner.this_process()
        if self.host != here.host:
            return False
        if self.boot != here.boot:
            return True  # the host has rebooted since
        if self.space != here.space:
            return False
        return not is_running(self.pid, self.started)

    def to_text(self) -> str:
        """Return a line that `from_text` reads."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Return what `to_text` has written; ``None`` if it is something else."""
        try:
            found = cls(**json.loads(text))
        except (ValueError, TypeError):
            return None
        texts = (found.host, found.started, found.boot, found.space, found.since, found.token)
        whole = type(found.pid) is int and all(isinstance(word, str) for word in texts)
        return found if whole else None

    def __str__(self) -> str:
        here = " (this one)" if self.pid == os.getpid() and self.host == host_name() else ""
        return f"process {self.pid}{here} on {self.host} since {self.since}"


def host_name() -> str:
    """Return the name of this host."""
    return socket.gethostname()


def is_running(pid: int, started: str = "") -> bool:
    """Return whether a process of this host runs, or may run.

    Parameters
    ----------
    pid
        Its number.
    started
        When it started, if this is known (`Owner.started`): another process may have its number.
    """
    if os.name != "posix":
        return True  # os.kill would end it
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    state, now = _state_and_start(pid)
    if state in ("Z", "X"):  # a zombie: ended, but not yet collected by its parent
        return False
    return not (started and now) or started == now


def _state_and_start(pid: int) -> tuple[str, str]:
    """Return the state of a process and its start in ticks of the clock, where Linux tells."""
    # proc(5): the name, in brackets, may hold brackets and blanks; state is field 3, start 22.
    fields = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else ("", "")


def _space() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
