"""Time the models of an earlier commit, in a process of its own that `nsi.py` starts.

It runs with that commit's package, compiles its models and says so by a line on its output; then it
answers every line on its input with the microseconds of each model, as JSON.
"""

from __future__ import annotations

import json
import sys

from timed import Timed

import bayes_cevns as bc
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.model import assemble, assemble_branch
from bayes_cevns.physics.oscillation import COUPLINGS

#: What is timed with all NSI: experiment, whether they act in propagation, whether bins are merged.
ALL = {
    "nsi merged": ("xenonnt_cevns", True, True),
    "nsi": ("xenonnt_cevns", True, False),
    "nsi detection": ("xenonnt_cevns", False, True),
    "nsi coherent_csi": ("coherent_csi", True, True),
}

#: What is timed with a mediator.
MEDIATORS = ("xenonnt_cevns", "coherent_csi")
INTERACTION, MASS_MEV = "vector-universal", 10.0


def _mediator(name: str) -> Timed:
    spec = bc.ModelSpec.of([bc.experiment(name)], interaction=INTERACTION).merging_bins()
    return Timed.of_graph(assemble(spec, spec.tables(), MASS_MEV))


def _all(name: str, matter: bool, merged: bool) -> Timed:
    couplings = CouplingModel.of(COUPLINGS, matter=matter)
    spec = bc.ModelSpec.of([bc.experiment(name)], couplings=couplings)
    spec = spec.merging_bins() if merged else spec
    tables = of_couplings(spec.tables())
    whole = BoxPart.of(box_prior(couplings, tables, spec.bounds).box)
    return Timed.of_graph(assemble_branch(spec, tables, whole, range(len(COUPLINGS))))


def main() -> None:
    models = {f"mediator {name}": _mediator(name) for name in MEDIATORS}
    models |= {name: _all(*what) for name, what in ALL.items()}
    print(flush=True)
    for _ in sys.stdin:
        found = {name: model.microseconds() for name, model in models.items()}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
