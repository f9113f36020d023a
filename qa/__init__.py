"""Questions to answers: engine, prompt, support, citations, command line."""
