"""What a result answers, and in which sentences: one module for each kind of result."""
