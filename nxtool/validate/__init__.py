"""Judging files and plans by the definitions: one engine, one table of rules."""
