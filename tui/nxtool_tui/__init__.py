"""The terminal user interface of nxtool: imports nxtool, never the reverse."""
