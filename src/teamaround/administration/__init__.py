"""The administrator's front door: the area's agencies, teams and panels, and people's access. It shows no case."""
