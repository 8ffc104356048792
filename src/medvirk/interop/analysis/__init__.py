"""Analyse a plain table of scores without any database: change, effect, expected course, and a report.

options (what was asked for) → reading (the table) → logic (the numbers) → words and pictures → report.
"""
