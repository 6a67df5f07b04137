"""The practitioners' front door: My day, finding a child, the pages of persons, families and cases."""
