#!/usr/bin/env bash
# NEST's mean yields of nuclear recoils end at a step, whose place depends on the field.
#
# Guess    Mean yields of the Noble Element Simulation Technique are smooth functions of energy: where
#          less than one quantum is made on average they are small, and it is left to the fluctuations
#          whether there is one. A threshold, if there is any, is a fixed energy.
# Found    GetYields returns exactly zero photons and electrons where both means together are below
#          one, and 0.51 + 0.49 right above: at 0.21297 keV in 23 V/cm, 0.21078 in 81, 0.20614 in 1000.
#          Events of a weak source below this are lost from an expectation that is made of these
#          means, and an interpolation in the field meets a step that moves.
# Versions nestpy 2.1.3, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "nestpy==2.1.3" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
import nestpy

program = nestpy.NESTcalc(nestpy.detectors.VDetector())
kind = nestpy.interactions.NR


def quanta(energy, field):
    found = program.GetYields(interaction=kind, energy=energy, drift_field=field)
    return found.PhotonYield, found.ElectronYield


for field, expected in ((23.0, 0.21297), (81.0, 0.21078), (1000.0, 0.20614)):
    low, high = 0.1, 0.4
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if sum(quanta(middle, field)) > 0 else (middle, high)
    photons, electrons = quanta(high, field)
    print(
        f"{field:6g} V/cm: {quanta(low, field)} up to {low:.5f} keV, then "
        f"{photons:.3f} photons and {electrons:.3f} electrons"
    )
    assert abs(high - expected) < 1e-5
    assert quanta(low, field) == (0.0, 0.0) and abs(photons + electrons - 1.0) < 1e-6
PY
