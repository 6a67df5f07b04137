"""Tasks: actions that anyone owes, a practitioner, a team, or somebody in the family."""
