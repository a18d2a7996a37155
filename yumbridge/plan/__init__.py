"""From a desired state and an installed set to a plan. Pure."""
