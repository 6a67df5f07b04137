"""A demonstration area: a made-up partnership with work in hand. Everybody in it is fictional."""
