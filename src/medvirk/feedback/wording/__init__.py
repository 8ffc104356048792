"""What is found, put into plain words."""
