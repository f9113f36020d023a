"""Keys and values: which cells hold what, kept prefixes and passages."""
