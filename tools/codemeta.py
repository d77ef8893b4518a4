"""Write codemeta.json from pyproject.toml and CITATION.cff: ``python tools/codemeta.py``.

CodeMeta (https://w3id.org/codemeta/3.0) is what archives of software, such as Zenodo and Software
Heritage, read.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]


def codemeta(root: Path) -> dict[str, Any]:
    """Return the record of the package in a folder."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "license": f"https://spdx.org/licenses/{project['license']}",
        "author": [
            {"@type": "Organization", "name": author["name"]} for author in citation["authors"]
        ],
        "dateModified": citation["date-released"].isoformat(),
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python"},
        "runtimePlatform": f"Python {project['requires-python']}",
        "softwareRequirements": project["dependencies"],
        "keywords": project["keywords"],
        "developmentStatus": "active",
    }


def text_of(root: Path) -> str:
    """Return the record as it is written."""
    return json.dumps(codemeta(root), indent=2) + "\n"


if __name__ == "__main__":
    (ROOT / "codemeta.json").write_text(text_of(ROOT), encoding="utf-8")
