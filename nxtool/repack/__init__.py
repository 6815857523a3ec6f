"""Storing the datasets of any HDF5 file anew, with other filters and chunks; all else is kept."""
