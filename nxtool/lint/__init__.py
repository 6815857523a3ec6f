"""Judging definitions: what is wrong in an NXDL file, for those who write them."""
