"""Who is who: the roster with effective dates, log-in, roles, and the one access policy."""
