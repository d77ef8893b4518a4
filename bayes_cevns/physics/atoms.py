"""Temporary, until the channels branch is merged."""


def electrons_above(energy_kev, symbol):  # noqa
    raise NotImplementedError
