"""Weights: manifest, sources, verified download, conversion; what the hardware can do."""
