"""Delivery and composition root: HTTP, worker, command line, migrations. The only package that sees everybody."""
