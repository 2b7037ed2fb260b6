"""Leads on their way through the stages, and the one gate that they pass."""
