"""Why a team may see a category of a subject: consents and other bases, and the grants they derive."""
