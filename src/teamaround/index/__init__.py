"""The Child Index: who is involved with whom, how to reach them, and finding the right child."""
