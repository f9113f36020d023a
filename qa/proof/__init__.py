"""Whether a statement is proven: values, support, citations, refusing."""
