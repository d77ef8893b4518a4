"""Every public name has an example in its docstring, and every example runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import bayes_cevns as bc

NAMES = [name for name in bc.__all__ if not name.startswith("__")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.mark.parametrize("name", NAMES)
def test_example(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = folder / name
    own.mkdir()
    monkeypatch.chdir(own)
    text = getattr(bc, name).__doc__ or ""
    given = {each: getattr(bc, each) for each in NAMES}
    example = doctest.DocTestParser().get_doctest(text, given, name, None, 0)
    assert example.examples, f"{name} has no example"
    assert not any(doctest.SKIP in one.options for one in example.examples)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failed, _ = runner.run(example, out=said.append)
    assert not failed, "".join(said)
