"""The screens of plans, contacts and closing."""
