"""Readers of raw data: one module a format, one protocol for all (`nxtool.sources.model`)."""
