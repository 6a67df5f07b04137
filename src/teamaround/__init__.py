"""Team Around: one place for everyone who supports a young carer and their family."""
