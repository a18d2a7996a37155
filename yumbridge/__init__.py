"""Speaks RPM and DNF: a desired state becomes a plan, and a plan a transaction."""

__version__ = "0.1.0"
