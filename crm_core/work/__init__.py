"""What people have to do and are told: tasks, visits, notifications."""
