"""Filters tried on one's own data: how small, how fast, who can read it, and what that comes to."""
