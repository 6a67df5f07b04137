"""`teamaround worker`: background jobs until the process is told to end."""

import argparse

from teamaround.site.commands.progress import step


def run(args: argparse.Namespace) -> int:
    """Work off jobs; a job that runs when the end is asked for has ten seconds to finish."""
    from django.core.management import call_command

    step("Worker ready")
    # Jobs that went well are not kept: two run each minute. Those that failed stay, to be looked at.
    call_command(
        "procrastinate",
        "worker",
        "--concurrency",
        str(args.concurrency),
        "--shutdown-graceful-timeout",
        "10",
        "--delete-jobs",
        "successful",
    )
    return 0
