"""A citizen's own data as they take it along: one content, as a readable PDF and as a JSON file."""
