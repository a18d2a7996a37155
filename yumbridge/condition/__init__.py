"""Conditions: may something happen now, why not, and when next. Pure: time and facts are passed in."""
