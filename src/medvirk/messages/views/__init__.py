"""Pages of staff and citizens, and what the gateway of text messages calls."""
