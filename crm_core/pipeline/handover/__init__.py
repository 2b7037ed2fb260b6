"""Leaving hands over: what somebody held goes to others the same minute, and a record says what went where."""
