"""What comes from outside: fetched, checked, and written again in our form."""
