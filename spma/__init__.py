"""Takes Quattor's words in, and holds the command line."""
