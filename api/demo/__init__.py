"""The demo company: a seeded, invented Chinese sales organisation with effects planted on purpose."""
