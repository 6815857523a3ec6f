"""Files that grow while a measurement runs, and can be read meanwhile (HDF5's SWMR).

Whatever ends the writer, the file can be continued or mended: it says itself how far it is whole.
"""
