"""Encrypted backups, and putting them back: `medvirk backup`, `medvirk restore` (docs/keys.md)."""
