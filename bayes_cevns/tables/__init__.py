"""Rate tables: built by quadrature, cached on disk, contracted by a PyTensor op."""
