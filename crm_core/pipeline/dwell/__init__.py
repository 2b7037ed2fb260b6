"""How long a lead may stay in a stage, and who is told when it stays longer."""
