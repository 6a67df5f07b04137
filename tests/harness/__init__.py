"""What every test stands on: one server a run, one database a worker, one rolled-back transaction a test."""
