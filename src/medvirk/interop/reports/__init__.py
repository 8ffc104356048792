"""A report as one HTML file and as an accessible PDF, from words, tables and pictures."""
