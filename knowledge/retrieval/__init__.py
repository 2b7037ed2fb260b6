"""Finds the won cases and methods that fit a customer or a question."""
