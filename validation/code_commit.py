"""Which code made a result."""

from __future__ import annotations

import subprocess
from pathlib import Path


def code_commit() -> str:
    """Return the commit of the code, with ``+`` if it was edited since."""

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).parents[1]
        return subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=False
        )

    edited = git("diff", "--quiet", "HEAD", "--", "bayes_cevns", "models", "data").returncode
    return git("rev-parse", "--short", "HEAD").stdout.strip() + ("+" if edited else "")
