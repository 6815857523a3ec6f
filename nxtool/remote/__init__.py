"""Data that lie elsewhere: domains of HSDS, and HDF5 files behind a URL, where a user names one."""
