"""Download a raw release by its DOI, unpack it, and check that it is the one we built from."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bayes_cevns.errors import DataError, UnknownNameError
from bayes_cevns.releases import xenonnt_cevns
from bayes_cevns.releases.catalogue import BUILDERS
from bayes_cevns.releases.inputs import INPUTS, check_unchanged
from bayes_cevns.releases.store import output_errors
from bayes_cevns.releases.unpacking import unpack
from bayes_cevns.storage import resources

if TYPE_CHECKING:
    from requests import Response

    from bayes_cevns.releases.progress import Bar


@dataclass(frozen=True)
class Release:
    """A raw release that can be downloaded.

    Attributes
    ----------
    folder
        Name of its folder among the raw releases.
    doi
        DOI of its Zenodo record, which holds one zip archive.
    archive
        Name of the archive, for a mirror that is no Zenodo record.
    unpacked_bytes
        Size of its files.
    """

    folder: str
    doi: str
    archive: str
    unpacked_bytes: int

    @property
    def most_bytes(self) -> int:
        """What neither the archive nor its files may exceed: a new version may have grown."""
        return _MAY_HAVE_GROWN * self.unpacked_bytes


#: Every release that can be downloaded, by the name of the target built from it.
RELEASES = {
    "xenonnt_cevns": Release(
        folder=xenonnt_cevns.RAW.folder,
        doi=xenonnt_cevns.DOI,
        archive="cevns_data_release-sr0_sr1_sr2.zip",
        unpacked_bytes=76_552_483,
    ),
}

_MAY_HAVE_GROWN = 4
_RETRIES = 2
#: A download makes progress if it has this many bytes in this time; a server that sends nothing at
#: all is left after half of it (`pooch.downloaders.DEFAULT_TIMEOUT`).
_LEAST_BYTES, _PATIENCE_SECONDS = 1 << 14, 60.0
_CHUNK_BYTES = 1 << 16
_ZIP = "release.zip"


def fetch(
    name: str,
    *,
    out_dir: Path,
    base_url: str | None = None,
    progress: bool = False,
    data_dir: Path | None = None,
    allow_changed: bool = False,
) -> Path:
    """Download and unpack a raw release, unless it is there already, and check it.

    The archive is checked against the checksum of its record, and the unpacked files, by
    building the table from them, against the digests recorded beside the package's own table.

    Parameters
    ----------
    name
        A key of ``RELEASES``.
    out_dir
        Folder of the raw releases; the release becomes a folder in it, all or nothing.
    base_url
        Download ``<base_url>/<archive>`` instead of asking the DOI, as from a mirror.
    progress
        Show a progress bar on the terminal.
    data_dir
        Data folder with the recorded digests; that of the package by default.
    allow_changed
        Accept a release that differs from the recorded digests.

    Returns
    -------
    Path
        The folder of the release.

    Raises
    ------
    UnknownNameError
        If no release has this name.
    DataError
        If the download fails, or the release is damaged or not the recorded one.
    OutputError
        If the folder cannot be written.
    """
    if name not in RELEASES:
        raise UnknownNameError("release", name, RELEASES)
    release = RELEASES[name]
    recorded = (data_dir or resources.data_dir()) / name / INPUTS
    destination = out_dir / release.folder
    if destination.exists():
        _check(name, out_dir, None if allow_changed else recorded)
        return destination
    with output_errors(out_dir):
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out_dir, prefix=f".{name}-", suffix=".tmp") as work:
            source = _download(release, Path(work), base_url=base_url, progress=progress)
            unpacked = Path(work) / "unpacked"
            unpack(
                Path(work) / _ZIP,
                destination=unpacked / release.folder,
                source=source,
                most_bytes=release.most_bytes,
            )
            _check(name, unpacked, None if allow_changed else recorded)
            (unpacked / release.folder).rename(destination)
    return destination


def _check(name: str, releases_dir: Path, recorded: Path | None) -> None:
    product = BUILDERS[name](releases_dir)
    if recorded is not None:
        remedy = "delete this release and fetch it again, or accept it with allow_changed=True"
        check_unchanged(recorded, product.inputs, remedy=remedy)


def _download(release: Release, folder: Path, *, base_url: str | None, progress: bool) -> str:
    """Download the archive of a release to ``folder / _ZIP`` and return its address."""
    from pooch.core import create
    from pooch.downloaders import DOIDownloader, HTTPDownloader

    source = base_url or f"https://doi.org/{release.doi}"
    with _download_errors(source, release), _bar(progress=progress) as bar:
        if base_url is None:
            url, checksum = _locate(release, folder)
        else:
            url, checksum = f"{base_url.rstrip('/')}/{release.archive}", None
        kind = DOIDownloader if base_url is None else HTTPDownloader
        hooks = {"response": [_close_if_refused, partial(_limit, release=release)]}
        downloader = kind(progressbar=bar, chunk_size=_CHUNK_BYTES, hooks=hooks)
        create(
            path=folder,
            base_url="",
            registry={_ZIP: checksum},
            urls={_ZIP: url},
            retry_if_failed=_RETRIES,
        ).fetch(_ZIP, downloader=downloader)
    return url


def _locate(release: Release, folder: Path) -> tuple[str, str]:
    """Ask the record for its one zip archive; return the address and the checksum."""
    from pooch.core import create

    record = create(path=folder, base_url=f"doi:{release.doi}", registry=None)
    record.load_registry_from_doi()
    archives = [file for file in record.registry if file.endswith(".zip")]
    if len(archives) != 1:
        raise DataError(
            f"doi:{release.doi}: expected one zip archive in the record, found "
            f"{', '.join(sorted(record.registry)) or 'no file'}; {_by_hand(release)}"
        )
    return f"doi:{release.doi}/{archives[0]}", record.registry[archives[0]]


def _close_if_refused(response: Response, **_: object) -> None:
    """Close the connection of an error page; pooch raises and would leave it open."""
    if not response.ok:
        response.close()


def _limit(response: Response, *, release: Release, **_: object) -> None:
    """Let a response deliver what a release may have, and not for ever."""
    pieces = _pieces(response, release)
    # pooch reads by this method alone, and has no other place for a limit.
    response.iter_content = lambda *_, **__: pieces  # type: ignore[method-assign]


def _pieces(response: Response, release: Release) -> Iterator[bytes]:
    """Yield the body as it arrives, decompressed.

    Raises
    ------
    DataError
        If it becomes too large, or stops to arrive.
    """
    received = before = 0
    begun = time.monotonic()
    while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        received += len(piece)
        if received > release.most_bytes:
            response.close()
            raise DataError(
                f"{response.url}: expected {release.unpacked_bytes} bytes or so, got more than "
                f"{release.most_bytes}: check the address; {_by_hand(release)}"
            )
        if time.monotonic() - begun > _PATIENCE_SECONDS:
            if received - before < _LEAST_BYTES:
                response.close()
                raise DataError(
                    f"{response.url}: {received - before} bytes in {_PATIENCE_SECONDS:g} s, "
                    f"expected {_LEAST_BYTES} or more; {_by_hand(release)}"
                )
            begun, before = time.monotonic(), received
        yield piece


def _by_hand(release: Release) -> str:
    return (
        f"try again later, or unpack https://doi.org/{release.doi} by hand "
        f"as the folder {release.folder}"
    )


@contextmanager
def _bar(*, progress: bool) -> Iterator[Bar | bool]:
    if not progress:
        yield False
        return
    from bayes_cevns.releases.progress import Bar

    with Bar() as bar:
        yield bar


@contextmanager
def _download_errors(source: str, release: Release) -> Iterator[None]:
    """Turn what pooch and requests raise into one error; KeyError is a record without files."""
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (RequestException, HTTPError, ValueError, KeyError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(f"cannot download {source} ({reason}); {_by_hand(release)}") from error
