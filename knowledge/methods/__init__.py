"""Ways of winning that can be taught: the playbook's own, those that reps propose, and who used which."""
