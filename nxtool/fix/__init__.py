"""Mending what is mechanical and safe, on a copy; nothing is ever invented."""
