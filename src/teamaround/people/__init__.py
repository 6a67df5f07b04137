"""Persons, families, relationships, caring, identifiers: each fact with its source agency and date."""
