"""The screens; they speak HTTP to api and nothing else."""
