"""Inference: what an answer needs of a language model."""
