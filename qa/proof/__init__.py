"""Whether a statement is proven: values, support, entailment."""
