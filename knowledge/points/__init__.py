"""Points for sharing and using know-how, in a double-entry ledger."""
