"""Folders for compiled code and caches, also where the home folder cannot be written.

PyTensor, Numba and Matplotlib keep compiled code and caches below the home folder of the user. On
batch nodes and in containers it may be missing or read-only, and importing PyTensor then fails.
Each of them has an environment variable for another folder. If that is not set and the home folder
cannot be written, they get a folder below the temporary one, and a message says so once.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "BAYES_CEVNS_CACHE"

#: Environment variable -> folder below the home that it stands for, and below the fallback.
_FOLDERS = {
    CACHE_VARIABLE: (".cache/bayes_cevns", "bayes_cevns"),
    "NUMBA_CACHE_DIR": (".cache/numba", "numba"),
    "MPLCONFIGDIR": (".config/matplotlib", "matplotlib"),
}
_FLAGS, _COMPILED = "PYTENSOR_FLAGS", "base_compiledir"


def cache_dir() -> Path:
    """Return the cache folder: ``$BAYES_CEVNS_CACHE`` or the user's cache directory."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("bayes_cevns")


def find_writable() -> None:
    """Give every program whose folder cannot be written a temporary one.

    Sets environment variables, which processes that are started later inherit. Variables that are
    set already stay as they are. It must run before PyTensor is imported.
    """
    home = _home()
    missing = [
        name
        for name, (folder, _) in _FOLDERS.items()
        if not os.environ.get(name) and not _is_writable(home, folder)
    ]
    flags = os.environ.get(_FLAGS, "")
    if "compiledir=" not in flags and not _is_writable(home, ".pytensor"):
        missing.append(_FLAGS)
    if not missing:
        return
    root = _temporary_folder()
    for name in missing:
        if name in _FOLDERS:
            os.environ[name] = str(root / _FOLDERS[name][1])
        else:
            compiled = f"{_COMPILED}={root / 'pytensor'}"
            os.environ[name] = f"{flags},{compiled}" if flags else compiled
    print(
        "bayes-cevns: the home folder cannot be written; compiled code and tables are kept in "
        f"{root} (to choose another folder, set {_FLAGS}={_COMPILED}=FOLDER, NUMBA_CACHE_DIR, "
        f"MPLCONFIGDIR and {CACHE_VARIABLE})",
        file=sys.stderr,
    )


def _home() -> Path | None:
    """Return the home of the user as PyTensor finds it; ``None`` if there is none."""
    given = os.environ.get("HOME")
    if given is not None:
        return Path(given)
    try:
        return Path.home()
    except RuntimeError:  # a user without a name, as in containers
        return None


def _is_writable(home: Path | None, folder: str) -> bool:
    """Return whether a folder below the home can be made or written, without making it."""
    if home is None:
        return False
    try:
        path = (home / folder).absolute()
        there = next(p for p in (path, *path.parents) if p.exists())
        return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    except OSError:
        return False


def _temporary_folder() -> Path:
    """Return a folder of this user alone, the same for all processes.

    It must belong to this user, and only this user may write to it. Its name can be guessed, and
    code is loaded from it, so that a folder made by somebody else could hold anything.
    """
    owner = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    path = Path(tempfile.gettempdir()) / f"bayes-cevns-{owner}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
        foreign = hasattr(os, "getuid") and status.st_uid != os.getuid()
        if stat.S_ISDIR(status.st_mode) and not foreign and not status.st_mode & 0o077:
            return path
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="bayes-cevns-"))
