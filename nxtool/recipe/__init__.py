"""The language authors write: YAML files on disk become one typed, marked recipe."""
