"""Findings, definitions and trees for people and programs; nothing here decides anything."""
