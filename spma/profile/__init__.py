"""A Quattor profile read into a desired state. Pure."""
