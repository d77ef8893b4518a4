"""Time the models of an earlier commit, in a process of its own that `nsi.py` starts.

It runs with that commit's package, compiles its models and says so by a line on its output; then it
answers every line on its input with the microseconds of each model, as JSON.
"""

from __future__ import annotations

import json
import sys

from timed import Timed

import bayes_cevns as bc
from bayes_cevns.model import assemble

#: What is timed: experiments with a mediator, and XENONnT with all NSI, merged and with all bins.
MEDIATORS = ("xenonnt_cevns", "coherent_csi")
INTERACTION, MASS_MEV = "vector-universal", 10.0


def mediator(name: str) -> Timed:
    """Compile the model of a mediator on an experiment, as the engine does."""
    spec = bc.ModelSpec.of([bc.experiment(name)], interaction=INTERACTION).merging_bins()
    return Timed(assemble(spec, spec.tables(), MASS_MEV))


def _nsi(merged: bool) -> Timed:
    # Two modules that the commit has and later ones have not.
    from bayes_cevns.nsi import nsi_model

    from bayes_cevns.physics.oscillation import COUPLINGS

    xenonnt = bc.experiment("xenonnt_cevns")
    return Timed(nsi_model([xenonnt], parameters=COUPLINGS, merged=merged))


def main() -> None:
    models = {f"mediator {name}": mediator(name) for name in MEDIATORS}
    models |= {"nsi merged": _nsi(merged=True), "nsi": _nsi(merged=False)}
    print(json.dumps({name: model.compile_s for name, model in models.items()}), flush=True)
    for _ in sys.stdin:
        found = {name: model.microseconds() for name, model in models.items()}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
