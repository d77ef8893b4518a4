"""Where the package's own data and model cards are, with checksums to prove them unaltered."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from bayes_cevns.errors import DataError

CHECKSUMS = "checksums.toml"


def _root() -> Path:
    """Return the folder that holds ``data`` and ``models``.

    A wheel carries both inside the package; an editable install reads them beside it.
    """
    package = Path(str(files("bayes_cevns")))
    return package if (package / "models").is_dir() else package.parent


def data_dir() -> Path:
    """Return the folder of the package's compact tables."""
    return _root() / "data"


def models_dir() -> Path:
    """Return the folder of the model cards."""
    return _root() / "models"


@cache
def bibliography() -> dict[str, str]:
    """Read ``models/references.bib``: citation key -> entry."""
    text = (models_dir() / "references.bib").read_text(encoding="utf-8")
    found = re.findall(r"^@\w+\{([^,]+),.*?^\}\n", text, flags=re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^@.*?^\}\n", text, flags=re.MULTILINE | re.DOTALL)
    return dict(zip(found, blocks, strict=True))


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def recorded_checksums(folder: Path) -> dict[str, str]:
    """Read the digests recorded for the files below a data folder.

    Parameters
    ----------
    folder
        A folder with a ``checksums.toml`` (relative POSIX path -> SHA-256).

    Raises
    ------
    DataError
        If the list is missing or is not valid TOML.
    """
    path = folder / CHECKSUMS
    try:
        table = tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(
            f"no checksum list at {path}: rebuild the tables with 'bayes-cevns data build'"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid TOML ({error}): rebuild the tables") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    return {str(key): str(value) for key, value in table.items()}


@cache
def data_file(relative: str) -> Path:
    """Return the path of one of the package's data files after checking its digest.

    Parameters
    ----------
    relative
        POSIX path below ``data``, such as ``"xenonnt_cevns/response.nc"``.

    Raises
    ------
    DataError
        If the file is missing, not listed, or differs from its recorded digest.
    """
    return check_file(data_dir(), relative)


def check_file(folder: Path, relative: str) -> Path:
    """Return ``folder / relative`` if it is there and has its recorded digest.

    Raises
    ------
    DataError
        If the file is missing, not listed, or differs from its recorded digest.
    """
    path = folder / relative
    if not path.is_file():
        raise DataError(f"data file {path} is missing: rebuild it with 'bayes-cevns data build'")
    expected = recorded_checksums(folder).get(relative)
    if expected is None:
        raise DataError(f"{path} has no entry in {folder / CHECKSUMS}: rebuild the tables")
    found = sha256(path)
    if found != expected:
        raise DataError(
            f"{path} was altered or truncated: expected SHA-256 {expected[:12]}..., "
            f"found {found[:12]}...; restore it or run 'bayes-cevns data build'"
        )
    return path
