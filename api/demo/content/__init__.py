"""What the demo company's people say and sell, as YAML beside this file."""
