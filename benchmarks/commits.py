"""Earlier commits of the package, unpacked beside this one, and processes that run either."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from page import HERE

#: The build with which the speed of today is compared.
EARLIER = "34a034d"

#: The last commit that had PyTensor compile every model: physics as today, the engine as before.
BEFORE = "83fada7"

NOW = "this"


@dataclass(frozen=True)
class Build:
    """A commit of the package, with caches of its own.

    Attributes
    ----------
    name
        Its name on the page.
    root
        The folder with its package, data and model cards.
    """

    name: str
    root: Path

    def environment(self, caches: Path) -> dict[str, str]:
        """Return the environment of a process that runs it, with all its caches in a folder."""
        return os.environ | {
            "PYTHONPATH": str(self.root),
            "BAYES_CEVNS_CACHE": str(caches / "package"),
            "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
            "NUMBA_CACHE_DIR": str(caches / "numba"),
            "PYTHONDONTWRITEBYTECODE": "",  # as where a package is installed
        }


@contextmanager
def builds(*commits: str) -> Iterator[dict[str, Build]]:
    """Unpack commits into a temporary folder; also give the package as it is here."""
    with tempfile.TemporaryDirectory() as name:
        found = {NOW: Build(NOW, HERE.parent)}
        for commit in commits:
            root = Path(name) / commit
            packed = subprocess.run(
                ["git", "archive", commit, "bayes_cevns", "data", "models"],
                cwd=HERE.parent,
                check=True,
                capture_output=True,
            )
            with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
                archive.extractall(root, filter="data")
            found[commit] = Build(commit, root)
        yield found


@dataclass(frozen=True)
class Cost:
    """Seconds of a process with its children."""

    cpu_s: float
    wall_s: float

    @classmethod
    def median(cls, costs: Sequence[Cost]) -> Cost:
        """Return the medians of both."""
        ordered = [sorted(getattr(c, name) for c in costs) for name in ("cpu_s", "wall_s")]
        return cls(*(0.5 * (v[(len(v) - 1) // 2] + v[len(v) // 2]) for v in ordered))


def timed_process(
    arguments: Sequence[str], environment: dict[str, str], limit_s: float | None = None
) -> tuple[Cost, str] | None:
    """Run a process; return its cost and output, or nothing if it is not done in time.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    try:
        done = subprocess.run(
            arguments,
            env=environment,
            # The package of a folder in which `python -c` runs would be taken before the build's.
            cwd=tempfile.gettempdir(),
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall), done.stdout
