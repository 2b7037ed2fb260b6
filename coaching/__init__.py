"""Actions, skill gaps, training."""
