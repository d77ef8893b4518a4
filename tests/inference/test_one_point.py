"""One point at a time gives what many at once do, also where there is no density."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pymc as pm
import pytest

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.density.data import prior_data
from bayes_cevns.inference.graph_target import GraphTarget
from bayes_cevns.inference.one_point import OnePoint
from bayes_cevns.inference.target import Evaluated


def of_arrays(one: Experiment) -> Evaluated:
    engine = bc.Engine(bc.ModelSpec.of([one], interaction="scalar-universal"))
    data, prior = engine.data_at(10.0)
    assert prior is not None
    return engine.compile(10.0).compiled.with_data(data | prior_data(prior))


def of_a_graph(_: Experiment) -> Evaluated:
    with pm.Model() as model:
        pm.Normal("a", 0.0, 1.0)
        pm.Normal("b", 1.0, 2.0)
    return GraphTarget(model).model


@pytest.mark.parametrize("make", [of_arrays, of_a_graph])
def test_it_is_the_density_of_many_points(make: Any, xenonnt: Experiment) -> None:
    model: Evaluated = make(xenonnt)
    points = np.random.default_rng(1).normal(size=(50, model.size))
    points[7] = math.nan  # no density there
    values, gradients = model.log_density(points)
    assert values[7] == -math.inf
    assert np.isfinite(np.delete(values, 7)).all()
    one = OnePoint(model)
    for number, point in enumerate(points):
        value, gradient = one(point)
        assert value == values[number]
        if number != 7:
            np.testing.assert_array_equal(gradient, gradients[number])
