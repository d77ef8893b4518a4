"""What a form factor of a plug-in must do before it is in the catalogue."""

from __future__ import annotations

import numpy as np

from bayes_cevns.errors import BayesCevnsError, PlugInError, shown
from bayes_cevns.physics.foreign import checked_array, code_of, read_only
from bayes_cevns.physics.form_factor import FormFactor
from bayes_cevns.physics.nuclei import isotope
from bayes_cevns.plug_ins import PlugIn

#: Nuclei and momentum transfers at which it is tried.
_NUCLEI, _Q_MEV = ("Xe-132", "Ge-74", "Ar-40", "Cs-133"), np.array([0.0, 5.0, 50.0])
_ONE = 1e-6


def keeps_contract(plug_in: PlugIn) -> FormFactor:
    """Return the form factor of a plug-in after trying it.

    Raises
    ------
    PlugInError
        If it is no object of a `FormFactor` class, has no citation keys, or F(q) is not finite, of
        the shape of q, and one at q = 0. It may refuse nuclei that it has no numbers of.
    """
    found, who = plug_in.offered, plug_in.origin
    if not isinstance(found, FormFactor):
        raise PlugInError(f"{who} offers {shown(found)}, expected an object of a FormFactor class")
    if not isinstance(found.cite, tuple) or not all(isinstance(key, str) for key in found.cite):
        raise PlugInError(f"{who}: expected a tuple of citation keys, got {shown(found.cite)}")
    for label in _NUCLEI:
        nucleus = isotope(label)
        try:
            with code_of(f"{who} of {label}"):
                both = found.both(read_only(_Q_MEV), nucleus)
        except PlugInError:
            raise
        except BayesCevnsError:  # a nucleus that it does not have
            continue
        if not isinstance(both, tuple) or len(both) != 2:  # protons and neutrons
            raise PlugInError(f"{who}: expected F_p and F_n of 'both', got {shown(both)}")
        for which, values in zip(("F_p", "F_n"), both, strict=True):
            array = checked_array(f"{who}, {which} of {label},", values, (_Q_MEV.shape,))
            if abs(array[0] - 1.0) > _ONE:
                raise PlugInError(f"{who}: {which} of {label} at q = 0 is {array[0]:g}, expected 1")
    return found
