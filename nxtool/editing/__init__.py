"""Metadata of finished files changed: planned as values, made on a copy, and put on record."""
