"""PDF files: words with boxes, lines, reading order, tables, roles."""
