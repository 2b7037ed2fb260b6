"""Writes the demo company into an installation's database, with a history that carries the true dates."""
