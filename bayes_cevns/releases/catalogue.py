"""The tables that can be built, by name, and the one function that builds them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.releases import store
from bayes_cevns.releases.inputs import INPUTS, check_unchanged, inputs_toml
from bayes_cevns.releases.product import Builder
from bayes_cevns.storage.resources import data_dir

#: Every target is a module of this package, and a folder of the data folder.
TARGETS = [
    "atmospheric",
    "atoms",
    "coherent_csi",
    "coherent_csi_2017",
    "coherent_ge",
    "coherent_ge_counts",
    "coherent_lar",
    "connie",
    "conus_plus",
    "conus_plus_spectrum",
    "dresden_ii",
    "earth",
    "lz_8b",
    "lz_er",
    "many_body",
    "migdal",
    "nuclei",
    "pandax4t_8b",
    "pandax4t_er",
    "pion_decay",
    "published_limits",
    "reactor",
    "solar",
    "solar_models",
    "xenon1t_s2only",
    "xenon_1ty",
    "xenonnt_2024",
    "xenonnt_cevns",
    "xenonnt_er",
    "xenonnt_s2only",
    "xlzd",
    "xlzd_er",
    "yields",
]
#: Target -> its builder.
BUILDERS: dict[str, Builder] = {
    target: import_module(f"bayes_cevns.releases.{target}").build for target in TARGETS
}


def default_releases_dir() -> Path:
    """Return the folder of the raw releases.

    That is ``BAYES_CEVNS_RELEASES`` where this variable is set, and otherwise
    ``../shared/data`` seen from the top of the checkout.
    """
    configured = os.environ.get("BAYES_CEVNS_RELEASES")
    return Path(configured) if configured else data_dir().parent.parent / "shared" / "data"


def build(
    releases_dir: Path,
    *,
    names: Sequence[str] = (),
    out_dir: Path,
    allow_changed: bool = False,
) -> list[Path]:
    """Build the package's tables from the raw releases.

    Nothing is written unless every target was built without an error.

    Parameters
    ----------
    releases_dir
        Folder that holds the raw releases, one folder each.
    names
        Targets to build, keys of ``BUILDERS``; all of them when empty.
    out_dir
        Data folder to write, one folder per target, with its ``checksums.toml``.
    allow_changed
        Accept raw inputs that differ from those of the tables already in ``out_dir``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UnknownNameError
        If a name is not a target.
    DataError
        If a raw input is missing, damaged or, unless allowed, changed.
    OutputError
        If the data folder cannot be written.
    """
    targets = list(dict.fromkeys(names)) or list(BUILDERS)
    for name in targets:
        if name not in BUILDERS:
            raise UnknownNameError("data table", name, BUILDERS)
    files: dict[str, bytes] = {}
    for name in targets:
        product = BUILDERS[name](releases_dir)
        if not allow_changed:
            check_unchanged(
                out_dir / name / INPUTS,
                product.inputs,
                remedy="get the release again, or accept the new one with allow_changed=True",
            )
        content = {**product.files, INPUTS: inputs_toml(product.inputs)}
        files |= {f"{name}/{file}": data for file, data in sorted(content.items())}
    return store.write(files, targets=targets, out_dir=out_dir)
