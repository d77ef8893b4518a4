"""Stand-in until three flavours are merged."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op


class ArrivalOp(Op):
    __props__ = ()

    def __init__(self, propagation, energy_mev):
        self.p, self.e = propagation, energy_mev

    def make_node(self, matter):
        return Apply(
            self, [pt.as_tensor(matter)], [pt.vector(dtype="float64", shape=(len(self.e) * 9,))]
        )

    def infer_shape(self, n, s):
        return [(len(self.e) * 9,)]

    def perform(self, node, inputs, outputs):
        outputs[0][0] = self.p.density(self.e, inputs[0].reshape(3, 9)).ravel()

    def pullback(self, inputs, outs, cot):
        return [AdjOp(self)(inputs[0], cot[0])]


class AdjOp(Op):
    __props__ = ()

    def __init__(self, o):
        self.o = o

    def make_node(self, m, c):
        return Apply(self, [m, c], [pt.vector(dtype="float64", shape=(27,))])

    def infer_shape(self, n, s):
        return [s[0]]

    def perform(self, node, inputs, outputs):
        m, c = inputs
        g = np.zeros(27)
        for i in range(27):
            h = np.zeros(27)
            h[i] = 1e-6
            f = lambda x: self.o.p.density(self.o.e, x.reshape(3, 9)).ravel()
            g[i] = c @ (f(m + h) - f(m - h)) / 2e-6
        outputs[0][0] = g
