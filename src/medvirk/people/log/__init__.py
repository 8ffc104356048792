"""Keeping the access log whole: its lines outside the database (`head`), the triggers inside it (`guard`), and the
check and the commands for whoever runs it."""
