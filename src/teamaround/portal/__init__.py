"""The front door of family members: their own sign-in and what they may read of themselves."""
