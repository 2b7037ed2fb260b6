"""Data that arrives from elsewhere: imports."""
