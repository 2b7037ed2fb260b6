"""Won deals as teaching material: captured from a lead, published, verified, retired."""
