"""The page of accidents, and those beside it, say nothing of the machine that wrote them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

VALIDATION = Path(__file__).parents[2] / "validation"
sys.path.append(str(VALIDATION))

from faults import of_any_machine  # noqa: E402  # of a folder that was just added

#: Folders of one machine; an address in the web has its own slashes.
PLACE = re.compile(r"(?<![\w/.:])/(?:home|root|work|tmp|Users|opt|dev/shm)/\S+")


def test_a_traceback_names_files_alone() -> None:
    told = 'lost: Traceback\n  File "/somewhere/a user/run.py", line 3, in f\n    g("a/b")\n  Error'
    assert of_any_machine(told) == ('lost: Traceback File "run.py", line 3, in f g("a/b") Error')


@pytest.mark.parametrize("page", sorted(VALIDATION.rglob("*.md")), ids=lambda page: page.name)
def test_a_page_names_no_folder_of_a_machine(page: Path) -> None:
    assert PLACE.findall(page.read_text(encoding="utf-8")) == []
