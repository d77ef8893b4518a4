"""The profile likelihood: minima, curves along a parameter, critical values."""
