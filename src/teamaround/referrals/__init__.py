"""Referrals: what one team tells another about a child, and what the referrer is told back."""
