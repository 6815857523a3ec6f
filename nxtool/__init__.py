"""nxtool: write, check and export NeXus and openPMD files."""

__version__ = "0.1.0"
