"""Kills the product's processes while it is in use, and counts what is lost. `python -m tests.crash.crash_test`."""
