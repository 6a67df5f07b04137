"""Persons of the index who may be one child: found each night, joined where certain, else decided at a desk."""
