"""Agencies, teams, panels, practitioners, their roles and sites; and the accounts people sign in with."""
