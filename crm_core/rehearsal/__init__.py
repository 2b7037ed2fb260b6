"""What a draft of the playbook would have done to the last days, and its publication."""
