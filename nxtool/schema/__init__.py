"""Definitions compiled to effective concepts: what a file may and must hold, inheritance merged."""
