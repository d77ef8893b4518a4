"""Are the posteriors what they say? Simulation-based calibration, and coverage of intervals."""
