"""Print the installed versions of bayes_cevns's dependencies in the form of constraints.txt."""

from __future__ import annotations

import sys
from importlib.metadata import distributions
from pathlib import Path

#: The package itself, and what an environment has of its own.
NOT_DEPENDENCIES = {"bayes-cevns", "pip"}

HEADER = """\
# The versions that make installs: all dependencies of bayes_cevns, of its tests, and of its
# build, as tested with Python {python}. Renew with 'make constraints'; do not edit.
"""


def pins() -> list[str]:
    """Return ``name==version`` of every dependency, sorted by name."""
    found = {d.name.lower(): d for d in distributions() if d.name not in NOT_DEPENDENCIES}
    return [f"{found[name].name}=={found[name].version}" for name in sorted(found)]


if __name__ == "__main__":
    python = Path(".python-version").read_text().strip()
    sys.stdout.write(HEADER.format(python=python) + "".join(f"{pin}\n" for pin in pins()))
