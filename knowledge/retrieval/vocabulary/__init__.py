"""Word lists written for the product: general business vocabulary, Chinese and English."""
