"""Forms on paper: printed, filled in by hand, typed in twice, stored once."""
