"""DNF behind one process boundary: the protocol and its client."""
