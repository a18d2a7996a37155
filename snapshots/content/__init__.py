"""What a snapshot is: its packages, its manifest and id, how it came to be, its lock. Pure."""
