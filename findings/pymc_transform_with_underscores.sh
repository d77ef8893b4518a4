#!/usr/bin/env bash
# A transform of PyMC whose name has an underscore in it gives its variable another name.
#
# Guess    pymc.distributions.transforms.log_exp_m1 (the inverse of softplus) may stand for the
#          log transform of a positive variable: remove_value_transforms and what is made of it,
#          compute_log_likelihood and compute_log_prior, treat both alike.
# Found    The value variable is called s_log_exp_m1__, and removing the transform cuts this name at
#          its last underscore: the variable is s_log_exp afterwards, not s. compute_log_likelihood
#          then refuses a trace of the same model, whose variable is s: "exact match required for
#          all data variable names". With log, one word, all goes well.
# Versions pymc 6.4.0, pytensor 3.3.7, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymc==6.4.0" "pytensor==3.3.7" "numpy==2.5.5"
PYTENSOR_FLAGS="base_compiledir=$folder/pytensor" "$folder/venv/bin/python" - <<'PY'
import logging

import pymc as pm
from pymc.distributions.transforms import log, log_exp_m1
from pymc.model.transform.conditioning import remove_value_transforms

logging.disable(logging.WARNING)
found = {}
for name, transform in {"log": log, "log_exp_m1": log_exp_m1}.items():
    with pm.Model() as model:
        scale = pm.HalfNormal("s", default_transform=transform)
        pm.Normal("y", 0.0, scale, observed=[0.1, -0.4, 0.3])
        trace = pm.sample(
            20, tune=20, chains=1, progressbar=False, random_seed=1, compute_convergence_checks=False
        )
        (plain,) = (v.name for v in remove_value_transforms(model).value_vars)
        try:
            pm.compute_log_likelihood(trace, progressbar=False)
            outcome = "computed"
        except ValueError as error:
            outcome = f"ValueError: {str(error)[:60]}"
    (value,) = (v.name for v in model.value_vars)
    found[name] = (value, plain, outcome)
    print(f"{name:>10}: {value} -> {plain}; log-likelihood: {outcome}")
assert found["log"] == ("s_log__", "s", "computed")
assert found["log_exp_m1"][:2] == ("s_log_exp_m1__", "s_log_exp")
assert found["log_exp_m1"][2].startswith("ValueError: exact match required")
PY
