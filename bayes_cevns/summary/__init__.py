"""What is quoted of a posterior: limits and allowed bands. Never plots."""
