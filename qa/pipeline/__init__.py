"""The way of a question: retrieved, read, answered."""
