"""How arrays are stored: filters, their options, and chunk shapes."""
