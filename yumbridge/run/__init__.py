"""Everything that reads or changes a host: planning, apply, locks, reports."""
