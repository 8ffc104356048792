"""Pages of the feedback room: courses of help, and how well the questionnaires measure."""
