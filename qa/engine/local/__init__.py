"""llama.cpp in process."""
