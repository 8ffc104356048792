"""Changing the keys of identifiers while everything goes on: `medvirk keys …` (docs/keys.md)."""
