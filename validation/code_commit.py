"""Which code made a result."""

from __future__ import annotations

import subprocess
from pathlib import Path

#: What a result depends on.
CODE = ("bayes_cevns", "models", "data")

#: Digits of a commit that is named. Git's own abbreviation is longer where there are more objects,
#: so two clones of one commit would name it differently.
DIGITS = 10


def code_commit() -> str:
    """Return the commit of the code, with ``+`` if it was edited since."""
    edited = _git("diff", "--quiet", "HEAD", "--", *CODE).returncode
    return _git("rev-parse", f"--short={DIGITS}", "HEAD").stdout.strip() + ("+" if edited else "")


def is_of_this_code(commit: str) -> bool:
    """Return whether the code is still that of a commit, as `code_commit` named it.

    Commits that changed nothing on which a result depends do not count.
    """
    return _git("diff", "--quiet", commit, "--", *CODE).returncode == 0


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[1]
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
