"""Functions of Python with values of any kind in place of any of their arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import chdir
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from fuzzing import empty_folder, fuzzed, succeeds_or_says
from hypothesis import given
from hypothesis import strategies as st

import bayes_cevns as bc

SMALL = "xenonnt_2024_s2"

#: Values of any kind, which are right for some arguments.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 10, 10**400, 0.0, -0.0, 1e-320, 1e308, 10.0, 0.9, 1j, 5e-6),
    *(math.nan, math.inf, -math.inf, "", "x", "10", "b-l", "sm", "observed", "asimov", b"10"),
    *((), [], {}, set(), [10.0], (1.0, 10.0), [10.0, 1.0], [[10.0]], ["b-l"], [None], {"a": 1}),
    *(np.float32(10.0), np.int8(3), np.bool_(True), np.array(10.0), np.array([1.0, 10.0])),
    *(np.zeros((2, 2)), np.array([]), np.array(["x"]), np.array([math.nan]), np.ma.masked),
    *(Fraction(1, 3), Decimal("0.9"), Decimal("nan"), range(3), object(), int, len, slice(3)),
    *(
        [SMALL],
        [SMALL, SMALL],
        {"flux_8b": "sno"},
        {"flux_8b": None},
        {1: 2},
        np.datetime64("NaT", "s"),
    ),
)

#: A function -> right arguments, each of which may become something else.
CALLS: dict[Callable[..., Any], dict[str, Any]] = {
    bc.experiment: {"name": SMALL},
    bc.expected_counts: {
        "experiment": SMALL, "interaction": "b-l", "mass_mev": 10.0, "coupling_product": 1e-10,
    },
    bc.asimov: {"experiment": SMALL},
    bc.toy: {"experiment": SMALL, "seed": 1},
    bc.scaled: {"experiment": SMALL, "exposure": 2.0},
    bc.log_masses: {"low_mev": 0.1, "high_mev": 100.0, "number": 3},
    bc.build_model: {"experiments": SMALL, "interaction": "b-l", "mass_mev": 10.0},
    bc.sample: {"experiments": SMALL, "interaction": "b-l", "mass_mev": 10.0, "seed": 1},
    bc.scan: {"experiments": SMALL, "interaction": "b-l", "masses_mev": [1.0], "level": 0.9},
    bc.profile: {"experiments": SMALL, "interaction": "b-l", "mass_mev": 10.0, "level": 0.9},
    bc.profile_scan: {"experiments": SMALL, "interaction": "b-l", "masses_mev": [10.0]},
    bc.sensitivity: {"experiments": SMALL, "interaction": "b-l", "masses_mev": [10.0], "toys": 2},
    bc.sample_couplings: {"experiments": "conus_plus", "couplings": ["ee_u"], "seed": 1},
    bc.calibrate: {"experiments": SMALL, "interaction": "b-l", "mass_mev": 10.0, "fits": 100},
    bc.calibrate_couplings: {"experiments": "conus_plus", "couplings": ["ee_u"], "fits": 100},
    bc.coverage: {"experiments": SMALL, "interaction": "b-l", "mass_mev": 10.0, "toys": 600},
    bc.coverage_couplings: {"experiments": "conus_plus", "couplings": ["ee_u"], "toys": 600},
    bc.compare_models: {"experiments": SMALL, "interactions": ["b-l"], "mass_mev": 10.0},
    bc.SamplerSettings: {"draws": 10, "tune": 10, "chains": 4, "target_accept": 0.8, "gate": None},
    bc.Prior.normal: {"mean": 1.0, "sd": 0.1, "lower": 0.0, "upper": 2.0},
    bc.Prior.uniform: {"low": 0.0, "high": 1.0},
    bc.Prior.counted: {"n_off": 5, "tau": 2.0, "expected": 3.0},
    bc.rate: {"channel": "cevns", "source": "solar_8b", "target": "Xe", "interaction": "b-l"},
    bc.load: {"path": "nowhere"},
    bc.read_analysis: {"path": "nowhere"},
    bc.executor: {"where": "serial", "workers": None},
}  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Draw a function and its arguments, of which one or two are of any kind."""
    function = draw(st.sampled_from(list(CALLS)))
    given_ = dict(CALLS[function])
    for _ in range(draw(st.integers(1, 2))):
        given_[draw(st.sampled_from(sorted(given_)))] = draw(st.sampled_from(VALUES))
    return function, given_


@fuzzed(200)
@given(calls())
def test_any_value_in_place_of_an_argument(call: tuple[Callable[..., Any], dict[str, Any]]) -> None:
    function, arguments = call
    with empty_folder() as folder, chdir(folder):
        succeeds_or_says(lambda: _called(function, arguments))
        assert not list(folder.iterdir())


def _called(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function with its first argument by place, as one does."""
    first, *rest = arguments
    return function(arguments[first], **{name: arguments[name] for name in rest})
