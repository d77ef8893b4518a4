"""The modes of a posterior: where it is cut into branches, and the evidence of each branch."""
