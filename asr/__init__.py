"""Voice to transcript."""
