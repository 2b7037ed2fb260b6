"""Replays a draft of the playbook on what really happened, before it holds."""
