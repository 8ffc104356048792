"""Medvirk: feedback-informed, recovery-oriented municipal services."""
