"""What is done each night."""

from __future__ import annotations

from procrastinate.contrib.django import app

from .nightly import recognise


@app.periodic(cron="40 3 * * *")
@app.task(name="recognition.search", queueing_lock="recognition_search", lock="recognition_search")
def search(timestamp: int) -> None:
    """Look at what changed since the last night: join the certain, put the uncertain to the review desk."""
    recognise()
