"""Plans: goals of each member and of the whole family, contacts and visits, reviews, and closing."""
