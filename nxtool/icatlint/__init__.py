"""Files for ICAT judged beyond their schema, whoever wrote them."""
