from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bayes_cevns.errors import DataError, OutputError, UnknownNameError
from bayes_cevns.releases import RELEASES, build, fetch, fetching

RELEASE = RELEASES["xenonnt_cevns"]
KEY = f"XENONnT/{RELEASE.archive}"


@pytest.fixture(autouse=True)
def no_retries(monkeypatch):
    monkeypatch.setattr(fetching, "_RETRIES", 0)


def zipped(folder: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as content:
        for path in folder.rglob("*"):
            content.write(path, Path("repository-6c82981") / path.relative_to(folder))
    return stream.getvalue()


@pytest.fixture
def mirror(server, mini):
    server.pages[f"/{RELEASE.archive}"] = zipped(mini.root)
    return server


@pytest.fixture
def zenodo(server, mini, monkeypatch):
    """A record as Zenodo describes it, reached through the DOI."""
    content = zipped(mini.root)
    server.pages["/download"] = content
    checksum = f"md5:{hashlib.md5(content).hexdigest()}"
    links = {"self": f"{server.url}/download"}
    record = {"id": 20576156, "files": [{"key": KEY, "checksum": checksum, "links": links}]}

    def publish() -> None:
        server.pages["/api/records/20576156"] = json.dumps(record).encode()

    publish()
    server.record, server.publish = record, publish
    resolved = []

    def resolve(doi: str, **_: object) -> str:
        resolved.append(doi)
        return "https://zenodo.org/records/20576156"

    monkeypatch.setattr("pooch.downloaders.doi_to_url", resolve)
    monkeypatch.setattr(
        "pooch.downloaders.ZenodoRepository.base_api_url", f"{server.url}/api/records"
    )
    yield server
    assert set(resolved) == {RELEASE.doi}


def fetch_here(tmp_path: Path, **options: object) -> Path:
    options = {"data_dir": tmp_path / "no data", **options}
    return fetch("xenonnt_cevns", out_dir=tmp_path / "fetched", **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_nothing_is_left(tmp_path: Path) -> None:
    assert list((tmp_path / "fetched").iterdir()) == []


def test_mirror(mirror, mini, tmp_path):
    folder = fetch_here(tmp_path, base_url=f"{mirror.url}/")
    assert folder == tmp_path / "fetched" / "xenonnt_cevns_2026"
    assert contents(folder) == contents(mini.root)
    assert list((tmp_path / "fetched").iterdir()) == [folder]


def test_doi(zenodo, mini, tmp_path):
    assert contents(fetch_here(tmp_path)) == contents(mini.root)
    assert "/download" in zenodo.requests


def test_fetched_release_can_be_built(mirror, tmp_path):
    fetch_here(tmp_path, base_url=mirror.url)
    build(tmp_path / "fetched", names=["xenonnt_cevns"], out_dir=tmp_path / "data")
    assert (tmp_path / "data/xenonnt_cevns/response.nc").is_file()


def test_release_already_there_is_checked_not_downloaded(mirror, tmp_path):
    folder = fetch_here(tmp_path, base_url=mirror.url)
    mirror.requests.clear()
    assert fetch_here(tmp_path, base_url=mirror.url) == folder
    assert mirror.requests == []
    (folder / "binning/sr0.yaml").unlink()
    with pytest.raises(DataError, match=r"sr0\.yaml: expected a file"):
        fetch_here(tmp_path, base_url=mirror.url)


def test_release_that_is_not_the_recorded_one(mirror, mini, tmp_path):
    data = tmp_path / "data"
    build(mini.releases_dir, names=["xenonnt_cevns"], out_dir=data)
    mini.write_template(mini.path("ac"), mini.values())
    mirror.pages[f"/{RELEASE.archive}"] = zipped(mini.root)
    with pytest.raises(DataError, match=r"raw inputs sr0/ac are not those .*allow_changed=True"):
        fetch_here(tmp_path, base_url=mirror.url, data_dir=data)
    assert_nothing_is_left(tmp_path)
    folder = fetch_here(tmp_path, base_url=mirror.url, data_dir=data, allow_changed=True)
    with pytest.raises(DataError, match="delete this release and fetch it again"):
        fetch_here(tmp_path, base_url=mirror.url, data_dir=data)
    assert folder.is_dir()


def test_the_packages_own_table_is_the_default_record(mirror, tmp_path):
    with pytest.raises(DataError, match=r"raw inputs .* are not those recorded"):
        fetch("xenonnt_cevns", out_dir=tmp_path / "fetched", base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_unknown_release(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown release 'nuclei'"):
        fetch("nuclei", out_dir=tmp_path)


def test_no_such_page(server, tmp_path):
    with pytest.raises(DataError, match=r"cannot download .*HTTPError: 404.*by hand"):
        fetch_here(tmp_path, base_url=server.url)
    assert_nothing_is_left(tmp_path)


def test_a_busy_server_is_asked_again(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "_RETRIES", 1)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    mirror.failures = 1
    assert fetch_here(tmp_path, base_url=mirror.url).is_dir()
    assert len(mirror.requests) == 2


def test_no_server(tmp_path):
    with pytest.raises(DataError, match=r"cannot download http://127\.0\.0\.1:1 "):
        fetch_here(tmp_path, base_url="http://127.0.0.1:1")


def test_no_web_address(tmp_path):
    with pytest.raises(DataError, match="cannot download somewhere"):
        fetch_here(tmp_path, base_url="somewhere")


def test_truncated_archive(mirror, tmp_path):
    page = mirror.pages[f"/{RELEASE.archive}"]
    mirror.pages[f"/{RELEASE.archive}"] = page[: len(page) // 2]
    with pytest.raises(DataError, match="expected a zip archive"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_incomplete_release(mirror, mini, tmp_path):
    (mini.root / mini.path("er")).unlink()
    mirror.pages[f"/{RELEASE.archive}"] = zipped(mini.root)
    with pytest.raises(DataError, match=r"sr0_er_cevns\.h5: expected a file"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_doi_archive_with_another_checksum(zenodo, tmp_path):
    zenodo.pages["/download"] += b"more"
    with pytest.raises(DataError, match=r"cannot download https://doi\.org/10\.5281/.*hash"):
        fetch_here(tmp_path)
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("keys", [[], ["a.txt"], ["a.zip", "b.zip"]])
def test_doi_record_without_one_archive(zenodo, tmp_path, keys):
    file = zenodo.record["files"][0]
    zenodo.record["files"] = [{**file, "key": key} for key in keys]
    zenodo.publish()
    with pytest.raises(DataError, match="expected one zip archive in the record, found"):
        fetch_here(tmp_path)


@pytest.mark.parametrize("page", [b'{"status": 429}', b"<html>busy</html>"])
def test_doi_record_that_is_no_record(zenodo, tmp_path, page):
    zenodo.pages["/api/records/20576156"] = page
    with pytest.raises(DataError, match=r"cannot download https://doi\.org.*by hand"):
        fetch_here(tmp_path)


def test_unwritable_folder(mirror, tmp_path):
    (tmp_path / "fetched").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        fetch_here(tmp_path, base_url=mirror.url)


def release_of(monkeypatch, unpacked_bytes: int) -> None:
    """Have the release known with another size."""
    small = replace(RELEASE, unpacked_bytes=unpacked_bytes)
    monkeypatch.setitem(RELEASES, "xenonnt_cevns", small)


def test_a_download_that_is_too_large(mirror, tmp_path, monkeypatch):
    release_of(monkeypatch, 100)
    with pytest.raises(DataError, match="expected 100 bytes or so, got more than 400"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_an_archive_that_is_too_large_when_unpacked(mirror, mini, tmp_path, monkeypatch):
    size = len(zipped(mini.root))
    (mini.root / "zeros").write_bytes(bytes(100 * size))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as content:
        for path in mini.root.rglob("*"):
            content.write(path, Path("top") / path.relative_to(mini.root))
    mirror.pages[f"/{RELEASE.archive}"] = stream.getvalue()
    release_of(monkeypatch, size)
    assert len(stream.getvalue()) < 4 * size
    with pytest.raises(DataError, match=f"expected 1 to {4 * size} bytes of files"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_a_download_that_drips(mirror, tmp_path, monkeypatch):
    """Some bytes come all the time, so that no socket times out, and yet it would take for ever."""
    mirror.seconds_per_byte = 0.02
    monkeypatch.setattr(fetching, "_PATIENCE_SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises(DataError, match=r"bytes in 0\.2 s, expected 16384 or more.*by hand"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert time.monotonic() - begun < 5
    assert_nothing_is_left(tmp_path)


def test_a_download_that_breaks_off(mirror, tmp_path):
    mirror.cut = 10
    with pytest.raises(DataError, match=r"cannot download .*IncompleteRead"):
        fetch_here(tmp_path, base_url=mirror.url)
    assert_nothing_is_left(tmp_path)


def test_progress_bar(mirror, tmp_path, capsys):
    fetch_here(tmp_path, base_url=mirror.url, progress=True)
    assert "download" in capsys.readouterr().out
