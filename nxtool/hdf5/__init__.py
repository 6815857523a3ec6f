"""HDF5 files as node views: opening, element types, reading values of any kind."""
