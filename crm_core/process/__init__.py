"""The playbook: one validated, versioned document that holds what an operations person may change."""
