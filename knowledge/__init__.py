"""Cases, methods, search, recommendation, certification, points."""
