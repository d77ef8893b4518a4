"""The modes of a posterior: where it is cut into branches, and what each of them weighs."""
