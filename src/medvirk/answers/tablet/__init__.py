"""A tablet in the waiting room: nobody is signed in on it, and a code of eight digits opens one form once."""
