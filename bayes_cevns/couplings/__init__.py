"""Named couplings: what they do to charges, to the flavours on the way, and to expected counts."""
