"""Prompts read by PyTorch, and handed to llama.cpp, on machines where that is faster."""
