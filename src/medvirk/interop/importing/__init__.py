"""People, episodes, sessions and answers from one flat table into the database: `medvirk import FILE`.

columns (what the headings mean) → reading (the cells) → logic (what the table says) → queries (what is there
already) → matching (what is new, and what does not fit) → actions (all of it or nothing). For users:
docs/import.md.
"""
