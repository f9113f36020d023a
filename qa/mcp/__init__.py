"""The corpus as tools of other programs (Model Context Protocol)."""
