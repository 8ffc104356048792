"""For the journal: a summary of a conversation or a course, for the municipality's own record system."""
