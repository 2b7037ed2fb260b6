"""From a customer's voice to a needs diagnosis: pain points and named parameters, each with its evidence."""
