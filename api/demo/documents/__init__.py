"""Real files for the demo company: the documents that lie in customers' files, byte for byte the same each time."""
