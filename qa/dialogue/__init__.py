"""Conversations: what a question leaves to be understood."""
