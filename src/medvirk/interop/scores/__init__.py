"""A file of scores: what the command line says of it, the rows in order, and what counts as reliable."""
