"""Time the log-densities of a commit, in a process of its own that `densities.py` starts.

It runs with that commit's package, compiles the models that it is given by name and says so by a
line on its output; then it answers every line on its input with the microseconds of each model, as
JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from timed import Timed

import bayes_cevns as bc
from bayes_cevns.inference.engine import Engine
from bayes_cevns.physics.oscillation import COUPLINGS

MASS_MEV = 10.0


def mediator(interaction: str, *names: str) -> Any:
    """Compile the model of a mediator on experiments, as the engine does."""
    loaded = [bc.experiment(name) for name in names]
    spec = bc.ModelSpec.of(loaded, interaction=interaction, prior="flat", allow_overlap=True)
    return Engine(spec).compile(MASS_MEV).compiled


def nsi(*, matter: bool) -> Any:
    """Compile the model of all NSI of quarks on XENONnT."""
    xenonnt = bc.experiment("xenonnt_cevns")
    try:
        from bayes_cevns.couplings.model import CouplingModel
    except ImportError:  # a commit with another engine for NSI
        import nutpie
        from bayes_cevns.nsi import nsi_model

        model = nsi_model([xenonnt], parameters=COUPLINGS, propagation=matter, merged=True)
        return nutpie.compile_pymc_model(model)
    couplings = CouplingModel.of(COUPLINGS, matter=matter)
    return Engine(bc.ModelSpec.of([xenonnt], couplings=couplings)).compile().compiled


def compiled(name: str) -> Any:
    """Compile a model by its name."""
    if name.startswith("nsi"):
        return nsi(matter=name == "nsi with propagation")
    interaction, experiments = name.split(" ")
    return mediator(interaction, *experiments.split("+"))


def timed(model: Any) -> Timed:
    """Return what times a `CompiledModel`, or what nutpie compiled from a graph."""
    if hasattr(model, "log_density_address"):
        address, size = model.log_density_address, model.size
    else:
        address, size = model.compiled_logp_func.address, model.n_dim
    return Timed(size, address, model.user_data.ctypes.data, model)


def main() -> None:
    models = {name: timed(compiled(name)) for name in sys.argv[1:]}
    print("compiled", flush=True)
    for _ in sys.stdin:
        found = {name: model.microseconds() for name, model in models.items()}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
