"""Settings, database, history, jobs, events, clock, files, errors, translations, observability: none of our domain."""
