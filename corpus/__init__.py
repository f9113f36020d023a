"""Documents in: loaders, cleaning, language, dates, sentences, passages, the database."""
