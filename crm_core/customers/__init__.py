"""The customer and what hangs on it: contacts, timeline, documents, contracts, payments, tickets."""
