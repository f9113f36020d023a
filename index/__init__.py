"""Passages to vectors and terms, and a question to the passages that may answer it."""
