"""Judge how often signals are right on a table of scores, without any database.

asked (what the options mean) → logic (every rule judged by `stats.signals`) → words, tables and pictures →
page, JSON and terminal.
"""
