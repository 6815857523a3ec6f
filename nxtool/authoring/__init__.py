"""A recipe being written: its text, its edits, what is still missing, what would fit."""
