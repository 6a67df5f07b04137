"""Benches: each builds its own data, warms up, and prints ratios against controls measured in the same run."""
