"""What the Java service stores, as recorded, and what this service makes of it."""
