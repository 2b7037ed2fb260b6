"""Document to findings (quality assurance)."""
