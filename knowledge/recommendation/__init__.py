"""Hands a rep three wins that fit the customer, and learns from what became of them."""
