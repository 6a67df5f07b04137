"""Pages of counts, and of the planning numbers beside them."""
