"""Where the points of a study are computed: here, in processes of this machine, or on a cluster."""
