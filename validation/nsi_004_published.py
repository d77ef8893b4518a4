"""Numbers printed by Aristizabal Sierra, Mishra and Strigari, arXiv:2409.02003."""

from __future__ import annotations

import re

PAPER = "2409.02003"

#: Data set -> events and their standard deviation (table II), and the SM events of section IV.
OBSERVED = {"paired": (3.5, 1.3), "us2": (75.0, 28.0), "xenonnt": (10.7, 3.95)}
SM_EVENTS = {"paired": 2.4, "us2": 46.8, "xenonnt": 11.3}
#: Data set -> exposure in tonne years and recoil window in keV (table II).
WINDOWS = {"paired": (1.25, 1.1, 3.0), "us2": (1.04, 0.3, 3.0), "xenonnt": (3.51, 0.5, 3.0)}
COMBINED = "combined"
DATA_SETS = (*OBSERVED, COMBINED)

PAIRS = ("ee", "emu", "etau", "mumu", "mutau", "tautau")

# Table III: quark and data set, then couplings with their 1 sigma intervals.
_TABLE = """
u paired | ee -0.12 0.015 0.39 0.52 | emu -0.28 0.22 | etau -0.25 0.21
u us2 | ee -0.14 0.0011 0.40 0.54 | emu -0.30 -0.053 0.0062 0.25 | etau -0.28 -0.060 0.0080 0.23
u xenonnt | ee -0.040 0.080 0.32 0.45 | emu -0.17 0.11 | etau -0.15 0.11
u combined | ee -0.060 0.010 0.39 0.47 | emu -0.20 0.15 | etau -0.18 0.14
u paired | mumu -0.22 0.032 0.37 0.62 | mutau -0.50 -0.29 -0.030 0.18 | tautau -0.17 0.021 0.38 0.57
u us2 | mumu -0.25 -0.00053 0.40 0.66 | mutau -0.53 -0.32 0 0.21 | tautau -0.20 -0.0021 0.40 0.60
u xenonnt | mumu -0.090 0.49 | mutau -0.40 0.070 | tautau -0.060 0.19 0.22 0.47
u combined | mumu -0.12 0.030 0.38 0.53 | mutau -0.42 -0.29 -0.020 0.11
u combined | tautau -0.090 0.020 0.39 0.50
d paired | ee -0.11 0.01 0.34 0.47 | emu -0.25 0.20 | etau -0.22 0.19
d us2 | ee -0.13 0 0.36 0.49 | emu -0.27 -0.05 0 0.23 | etau -0.25 -0.040 0.010 0.21
d xenonnt | ee -0.040 0.080 0.28 0.40 | emu -0.15 0.10 | etau -0.13 0.090
d combined | ee -0.060 0.010 0.35 0.42 | emu -0.18 0.13 | etau -0.16 0.13
d paired | mumu -0.20 0.030 0.33 0.55 | mutau -0.44 -0.28 -0.020 0.14 | tautau -0.15 0.020 0.33 0.51
d us2 | mumu -0.23 0 0.36 0.58 | mutau -0.46 -0.30 0 0.17 | tautau -0.18 0 0.36 0.54
d xenonnt | mumu -0.080 0.43 | mutau -0.35 0.050 | tautau -0.060 0.41
d combined | mumu -0.11 0.020 0.33 0.47 | mutau -0.37 -0.28 -0.010 0.080
d combined | tautau -0.080 0.020 0.34 0.45
"""

type Intervals = list[tuple[float, float]]


def table_iii() -> dict[tuple[str, str], Intervals]:
    """Return its 1 sigma intervals by coupling (``"eps_ee_u"``) and data set or "combined"."""
    found: dict[tuple[str, str], Intervals] = {}
    for line in _TABLE.strip().splitlines():
        head, *cells = line.split("|")
        quark, data_set = head.split()
        for cell in cells:
            pair, *ends = cell.split()
            values = [float(end) for end in ends]
            found[f"eps_{pair}_{quark}", data_set] = list(
                zip(values[::2], values[1::2], strict=True)
            )
    return found


def show(intervals: Intervals) -> str:
    """Return intervals as text."""
    return re.sub(
        r"-0\.000\b", "0.000", " + ".join(f"[{low:.3f}, {high:.3f}]" for low, high in intervals)
    )


def names() -> tuple[str, ...]:
    """Return the couplings in the order of table III."""
    return tuple(f"eps_{pair}_{quark}" for quark in "ud" for pair in PAIRS)
