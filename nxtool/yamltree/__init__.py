"""YAML read safely into nodes with their places, for recipes, notebooks and data."""
