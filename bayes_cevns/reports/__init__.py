"""What is said of a finished run: its answer, a page, a methods paragraph."""
