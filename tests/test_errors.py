"""Every error keeps its kind and its text on the way from a worker, and fits on one line."""

from __future__ import annotations

import copy
import inspect
import pickle
from concurrent.futures import Future, ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pkgutil import walk_packages

import numpy as np
import pytest

import bayes_cevns
from bayes_cevns import errors
from bayes_cevns.errors import BayesCevnsError, UnknownNameError, shown
from bayes_cevns.physics.interactions import interaction


def error_classes() -> list[type[BaseException]]:
    """Return every exception class that a module of the package defines."""
    found: dict[type[BaseException], None] = {}
    for module in walk_packages(bayes_cevns.__path__, "bayes_cevns."):
        for kind in vars(import_module(module.name)).values():
            is_error = inspect.isclass(kind) and issubclass(kind, BaseException)
            if is_error and kind.__module__.startswith("bayes_cevns"):
                found[kind] = None
    return list(found)


def made(kind: type[BaseException]) -> BaseException:
    if kind is UnknownNameError:
        return UnknownNameError("experiment", "xenonnt_cevn", ["xenonnt_cevns", "lz_8b"])
    return kind("expected 1, got 2: change it")


def test_all_classes_are_looked_at() -> None:
    assert {errors.UnknownNameError, errors.CardError, errors.PrecisionWarning} <= set(
        error_classes()
    )


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickle_and_copy(kind: type[BaseException], protocol: int) -> None:
    error = made(kind)
    error.add_note("seen in worker 3")
    for again in (
        pickle.loads(pickle.dumps(error, protocol)),
        copy.copy(error),
        copy.deepcopy(error),
    ):
        assert type(again) is kind
        assert str(again) == str(error) != ""
        assert again.__notes__ == ["seen in worker 3"]


class PlugInError(BayesCevnsError):
    """An error of somebody else, whose text is made from two arguments."""

    def __init__(self, place: str, number: int) -> None:
        self.place = place
        super().__init__(f"{place}: {number} is too many")


def test_a_subclass_with_arguments_of_its_own_survives() -> None:
    again = pickle.loads(pickle.dumps(PlugInError("detector", 3)))
    assert (type(again), str(again), again.place) == (
        PlugInError,
        "detector: 3 is too many",
        "detector",
    )


def title(name: str) -> str:
    """Return the title of an interaction, in a worker."""
    return interaction(name).title


def test_a_misspelt_name_in_one_task_leaves_the_others_of_a_process_pool() -> None:
    names = ["b-l", "b-ll", "scalar-universal", "vector-universal"]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        tasks: list[Future[str]] = [pool.submit(title, name) for name in names]
        assert [task.result() for task in tasks if task is not tasks[1]] == [
            title(name) for name in names if name != "b-ll"
        ]
        with pytest.raises(
            UnknownNameError, match="unknown interaction 'b-ll'; did you mean 'b-l'"
        ):
            tasks[1].result()


@pytest.mark.parametrize(
    "value",
    [
        10**400,
        10**5000,
        "x" * 10**6,
        [[1.5] * 1000] * 1000,
        np.zeros((50, 50)),
        {i: i for i in range(99)},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_message_shows_little_of_a_large_value(value: object) -> None:
    assert len(shown(value)) <= 60
    assert "\n" not in shown(value)
    assert len(str(UnknownNameError("channel", value, ["cevns"]))) < 150


def test_a_value_whose_repr_fails_is_shown_by_its_type() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert shown(Broken()).startswith("<Broken")


def test_of_a_long_list_the_names_that_are_most_alike_are_told() -> None:
    known = [f"interaction-number-{number}" for number in range(60)]
    text = str(UnknownNameError("interaction", "number-17x", known))
    assert "interaction-number-17" in text
    assert "and 48 more" in text
    assert len(text) < 660
    assert ", ".join(sorted(known[:20])) in str(UnknownNameError("interaction", "x", known[:20]))


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x0bb", "a\u2028b", "a\x85b"])
def test_a_path_with_a_break_of_lines_is_shown_in_one_line(text: str) -> None:
    error = errors.ArgumentError(f"cannot read {text}")
    assert str(error) == "cannot read a b"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    with pytest.raises(errors.DataError) as caught:
        bayes_cevns.load(text)
    assert len(str(caught.value).splitlines()) == 1
