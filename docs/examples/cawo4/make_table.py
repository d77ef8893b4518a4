"""Write cawo4.nc: 1 kg of CaWO4 for one year, every recoil above 20 eV with its true energy."""

import numpy as np
import xarray as xr

from bayes_cevns.detectors.ideal import IdealDetector

KG_YEARS = 1.0
edges = np.geomspace(0.02, 15.0, 31)  # keV of nuclear recoil
detector = IdealDetector(edges, lambda energy_kev: energy_kev)
table = xr.Dataset(
    {
        "response": (("run", "recoil_energy", "bin"), detector.response()[None], {"units": "1"}),
        "edges": ("edge", edges, {"units": "keV"}),
        "exposure": ("run", [1e-3 * KG_YEARS], {"units": "t yr"}),
    },
    coords={
        "run": ["all"],
        "recoil_energy": ("recoil_energy", detector.nodes_kev(), {"units": "keV"}),
        "bin": np.arange(edges.size - 1),
    },
)
table.to_netcdf("cawo4.nc", engine="h5netcdf")
