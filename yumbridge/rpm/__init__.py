"""RPM's own nouns: EVR, NEVRA, packages. Pure."""
