"""HTML pages that need nothing else: no network, no server, readable without their script."""
