"""What local courses add up to: what a course is judged by, and what is shared with other municipalities."""
