"""Repodata made of repodata, and read again."""
