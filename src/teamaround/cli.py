"""The `teamaround` command."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TOP = """\
Team Around supports young carers and their families together.

  make demo                     a demonstration area on this machine, nothing to set up
  teamaround up                 the service, on your PostgreSQL (DATABASE_URL) or its own
  teamaround create-admin       the first administrator of a new area
  teamaround import-caseload    a file that a service exported, first as a dry run
  teamaround backup             everything into one encrypted file
"""
DEMO = """\
Starts a database of its own under .data/, loads made-up families, serves http://127.0.0.1:8000
and prints the sign-ins. Ctrl-C stops everything; the data stays for the next start.
To start afresh, delete the folder .data while nothing runs.

  teamaround demo
  teamaround demo --port 8001
"""
UP = """\
Checks the database, brings it up to date, then serves with one worker for background jobs.

DATABASE_URL names a PostgreSQL (15 or later) and the set-up role, which needs CREATEROLE and CREATEDB:

  DATABASE_URL=postgresql://setup:password@db.example/teamaround teamaround up --bind 0.0.0.0:8000

Without it a database of its own is started under the data folder. Put a proxy with TLS in front.
TEAMAROUND_HOSTS lists the names that the service is reached by, parted by commas.
docs/running.md says more.
"""
WORKER = """\
Runs background jobs (imports, reminders, e-mail) until it is told to end. `up` and `demo` start one already;
start more of them, on any machine with the same DATABASE_URL and secrets, when jobs wait.
"""
ADMIN = """\
Makes the first administrator of a new area: who can then set up agencies, teams and panels and invite people.
Nobody but that person should know the password, so the command prints a link by which they choose one. The link
works once, for seven days.

  teamaround create-admin --email kim@council.example --name "Kim Okafor"

With --invite the link goes to their address by e-mail in place of your terminal. TEAMAROUND_MAIL_URL must name the
mail server, TEAMAROUND_ADDRESS the address at which people reach the service, and `teamaround up` (or a worker)
must run, which sends what waits in the outbox.

  teamaround create-admin --email kim@council.example --name "Kim Okafor" --invite

With --password you set the password here, on a terminal: for yourself, or where there is no e-mail.

  teamaround create-admin --email kim@council.example --name "Kim Okafor" --password
"""
IMPORT = """\
Reads a CSV or XLSX file that a service exported. Begin with --dry-run: it changes nothing, reads the file alone
and says which rows are refused and why. With --as it also says how many children would be added, recognised or
put before a person. Without --dry-run somebody has to answer for it: --as.

  teamaround import-caseload caseload.csv --team young-carers --dry-run --json
  teamaround import-caseload caseload.csv --team young-carers --as yasmin@service.example --dry-run
  teamaround import-caseload caseload.csv --team young-carers --as yasmin@service.example
"""
POSTCODES = """\
Loads where postcodes lie, so that a suggestion of a worker can say how far their base is from the family's home. Take
the files of your area from Code-Point Open (Ordnance Survey), or the ONS Postcode Directory: both are free. Loading a
newer file puts right what moved. Either all of the files are kept, or none.

  teamaround postcodes sk.csv m.csv ol.csv
"""
WATCH = """\
Takes in the files that agencies drop into their folders: FOLDER/<team's short name>/incoming. A file that is still
being written is left until it is quiet. Each goes to done/ or refused/, with a report in plain words beside it.
An administrator sets up which teams have a folder, under Feeds.

  teamaround watch-folder /srv/caseloads
  teamaround watch-folder /srv/caseloads --once
"""
LINK = """\
Tells which rows of some files are the same child. The files are of any shape that import-caseload takes; no
database is needed and nothing is kept. With --truth, a file that says which child each row is, it also says how
well that went. With --made-up it measures itself on children that it makes up.

  teamaround link school.csv gp.xlsx --json
  teamaround link school.csv gp.xlsx --truth truth.json --json
  teamaround link --made-up 100000 --records 10000 --seed 7 --harsher 2 --json
  teamaround link school.csv gp.xlsx --engine spark --spark-master spark://head:7077
"""
LINK_TRAIN = """\
Makes the weights of `link` and of the search anew: from files, or from made-up children. What comes with the
product was made by the second line.

  teamaround link-train health.csv school.csv --version 2027-area --out weights.json
  teamaround link-train --version 1 --out src/teamaround/linkage/weights.json
"""
CLOCKS = """\
Says what a procedure asks for a list of events: each clock with its start, the moment due, when it stopped, its
state, and why. Needs no running service. The procedure is a file, or the name of one that comes with the product.

EVENTS.csv has the headings episode,event,when and, if wanted, priority (immediate or standard). A time without an
offset is London's. Bad rows are refused with their numbers.

  teamaround clocks explain stockport-families-first events.csv
  teamaround clocks explain our-procedure.yaml events.csv --json
"""
PROCEDURE = """\
Reads a procedure file and says what is wrong with it, by line, and what to write instead; or prints the JSON
Schema of such files, by which an editor checks them while they are written. docs/procedures.md explains the form.

  teamaround procedure check our-procedure.yaml
  teamaround procedure schema > procedure.schema.json
"""
RECOGNISE = """\
Looks for records of the index that are one child, as the worker does each night: joins the certain, and puts the
uncertain to the review desk. With --evaluate it says how the model compares with what people decided there.

  teamaround recognise                    what changed since the last search
  teamaround recognise --all --json       every entry, as after new weights
  teamaround recognise --evaluate --json
"""
BACKUP = """\
Writes the whole database and the installation's keys into one encrypted file, while the service goes on. The
passphrase comes from a file, from TEAMAROUND_BACKUP_PASSPHRASE or from a prompt. Whoever loses it loses the backup.

  teamaround backup team-around.backup --passphrase-file /root/passphrase
  teamaround backup --drill --json     made, restored into a throw-away server, compared row by row, thrown away
"""
RESTORE = """\
Puts a backup in place of an empty database, or with --replace of the one that is there. Stop the service first. The file is
checked to its last byte, restored beside the database and compared before anything is replaced.

  teamaround restore team-around.backup --passphrase-file /root/passphrase
  teamaround restore team-around.backup --drill     only try it, in a throw-away server
"""
SUBJECT_ACCESS = """\
Gathers everything that is held on somebody for a request that was recorded under Governance, and, once the pack is looked
through and released there, writes pack.pdf and pack.json. Before that it says how much waits, and ends with 1.

  teamaround subject-access PERSON --request REQUEST --out /secure/folder --as greta@council.example --json
"""
RETENTION = """\
Says what the rules no longer keep today, by table and rule, and what legal holds keep. Changes nothing: a disposal is asked
for by one person and confirmed by another, on the pages of the information-governance lead.

  teamaround retention --dry-run --json
"""
BENCH = """\
Measures on data that it builds itself, in a database of its own that is thrown away. Prints ratios to
controls measured in the same run, so that figures from different machines can be compared.

  teamaround bench pages
  teamaround bench pages --size M --json
  teamaround bench log --size M       a million rows of the access log
  teamaround bench coverage --size M  the nightly count of the area, and its page
  teamaround bench import --size M    a caseload file from its upload to being brought in
  teamaround bench clocks --json      a million running clocks after a change of calendars
  teamaround bench linkage --json     how well the same child is recognised
Sizes: S 2,000 children, M 100,000, L 11,000,000 thin index entries.
"""
CHECK = """\
  teamaround check migrations    every change of a model has its migration (needs no database)
  teamaround check database      the database answers and has every migration
  teamaround check log --json    nobody changed, removed or back-dated a row of the access log
  teamaround check crash --kills 20 --json   nothing acknowledged is lost when the database is killed
"""

Run = Callable[[argparse.Namespace], int]


def _lazily(module: str, function: str = "run") -> Run:
    """The function of a command, imported only when that command runs: help stays instant."""

    def run(args: argparse.Namespace) -> int:
        found: Run = getattr(importlib.import_module(module), function)
        return found(args)

    return run


def _within_application(run: Run) -> Run:
    """The command with Django set up against the installation's database."""

    def wrapped(args: argparse.Namespace) -> int:
        from teamaround.site.commands.installation import Installation, application

        with application(Installation(args.data)):
            return run(args)

    return wrapped


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    from teamaround.site.commands.installation import default_data

    top = argparse.ArgumentParser(
        prog="teamaround", description=TOP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data",
        type=Path,
        default=default_data(),
        metavar="FOLDER",
        help="where this installation keeps its database, secrets and logs (%(default)s)",
    )

    def add(name: str, summary: str, description: str, run: Run) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=summary,
            description=description,
            parents=[shared],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made

    rooms = "teamaround.site.commands."
    up = add("up", "run the service", UP, _lazily(rooms + "serve", "up"))
    up.add_argument(
        "--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="where to serve (%(default)s)"
    )
    up.add_argument("--workers", type=_positive, default=2, metavar="N", help="web processes (%(default)s)")
    up.add_argument("--threads", type=_positive, default=4, metavar="N", help="threads in each (%(default)s)")

    demo = add("demo", "run a demonstration on this machine", DEMO, _lazily(rooms + "serve", "demo"))
    demo.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT") or "8000",
        metavar="PORT",
        help="(%(default)s, or $PORT)",
    )
    demo.add_argument("--address", default="127.0.0.1", help="this machine alone is served: %(default)s")

    worker = add("worker", "run background jobs", WORKER, _within_application(_lazily(rooms + "worker")))
    worker.add_argument(
        "--concurrency", type=_positive, default=2, metavar="N", help="jobs at once (%(default)s)"
    )

    admin = add(
        "create-admin",
        "make the first administrator",
        ADMIN,
        _within_application(_lazily(rooms + "create_admin")),
    )
    admin.add_argument("--email", required=True, help="where the administrator is reached and signs in with")
    admin.add_argument("--name", required=True, help="the administrator's full name")
    admin.add_argument("--agency", default="", help="the agency to make or use, by its name")
    how = admin.add_mutually_exclusive_group()
    how.add_argument(
        "--invite",
        action="store_true",
        help="e-mail the link to the administrator, who chooses a password; prints no link",
    )
    how.add_argument(
        "--password", action="store_true", help="ask for the password here, on a terminal, in place of a link"
    )

    postcodes = add(
        "postcodes",
        "load where postcodes lie",
        POSTCODES,
        _within_application(_lazily(rooms + "postcodes")),
    )
    postcodes.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a CSV of points")

    load = add(
        "import-caseload",
        "add a service's caseload file",
        IMPORT,
        _lazily(rooms + "import_caseload"),
    )
    load.add_argument("file", type=Path, metavar="FILE", help="a .csv or .xlsx file of at most 50,000 rows")
    load.add_argument("--team", required=True, metavar="SLUG", help="the team whose caseload it is")
    load.add_argument(
        "--as",
        dest="email",
        default="",
        metavar="EMAIL",
        help="the practitioner who answers for the import; with --dry-run: also compare with the records",
    )
    load.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
    load.add_argument("--json", action="store_true", help="print the outcome as JSON")

    from teamaround.site.commands.arguments import (
        add_clocks,
        add_linking,
        add_procedure,
        add_recognising,
        add_watching,
    )

    add_watching(
        add(
            "watch-folder",
            "take in what agencies drop into their folders",
            WATCH,
            _within_application(_lazily(rooms + "watch_folder")),
        ),
        _positive,
    )

    add_linking(
        add("link", "which rows are the same child", LINK, _lazily(rooms + "link")),
        add("link-train", "make the weights anew", LINK_TRAIN, _lazily(rooms + "link", "train")),
    )

    tried = rooms + "procedure"
    add_clocks(
        add("clocks", "what a procedure asks, and why", CLOCKS, _lazily(tried, "explain_clocks")),
        _lazily(tried, "explain_clocks"),
    )
    add_procedure(
        add("procedure", "whether a procedure file can be used", PROCEDURE, _lazily(tried, "check")),
        _lazily(tried, "check"),
        _lazily(tried, "schema"),
    )

    add_recognising(
        add(
            "recognise",
            "who of the index is one child",
            RECOGNISE,
            _within_application(_lazily(rooms + "recognise")),
        )
    )

    backup = add("backup", "everything into one encrypted file", BACKUP, _lazily(rooms + "backup"))
    backup.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="the file to write; it must not exist"
    )
    restore = add("restore", "a backup back in its place", RESTORE, _lazily(rooms + "backup", "restore"))
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that `backup` wrote")
    restore.add_argument("--replace", action="store_true", help="delete what the database holds now")
    for each in (backup, restore):
        each.add_argument(
            "--drill", action="store_true", help="restore into a throw-away server and compare everything"
        )
        each.add_argument("--json", action="store_true", help="print the outcome as JSON")
        each.add_argument(
            "--passphrase-file",
            type=Path,
            metavar="PATH",
            help="its first line is the passphrase (mode 0600)",
        )

    access = add(
        "subject-access",
        "everything held on somebody, as released",
        SUBJECT_ACCESS,
        _within_application(_lazily(rooms + "rights", "subject_access")),
    )
    access.add_argument(
        "person", metavar="PERSON", help="the person, as in the address of the request's page"
    )
    access.add_argument("--request", required=True, metavar="UUID", help="the request that was recorded")
    access.add_argument(
        "--out", required=True, metavar="FOLDER", help="where to write; made for you alone (0700)"
    )
    access.add_argument(
        "--as", dest="email", required=True, metavar="EMAIL", help="the information-governance lead"
    )
    access.add_argument("--json", action="store_true", help="print the outcome as JSON")

    kept = add(
        "retention",
        "what need not be kept any more",
        RETENTION,
        _within_application(_lazily(rooms + "rights", "retention")),
    )
    kept.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
    kept.add_argument("--json", action="store_true", help="print the outcome as JSON")

    bench = add("bench", "measure speed", BENCH, _lazily(rooms + "bench"))
    bench.add_argument("name", metavar="NAME", help="what to measure, for example pages")
    bench.add_argument("--size", choices=("S", "M", "L"), default="S", help="how much data (%(default)s)")
    bench.add_argument("--json", action="store_true", help="print the outcome as JSON")

    check = add("check", "ask a question about code or database", CHECK, _lazily(rooms + "check"))
    from teamaround.site.commands.check import add_checks

    # Where the folder stands before the check's name too: a default of the inner parser would undo it.
    folder = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    folder.add_argument("--data", type=Path, metavar="FOLDER", help="the installation's folder")
    add_checks(check, folder)

    # Internal: `up` and `demo` run it as a process of its own, which alone holds the set-up role's address.
    ready = commands.add_parser("ready", parents=[shared])
    ready.set_defaults(run=lambda args: importlib.import_module(rooms + "ready").main())
    return top


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use a number from 1024 to 65535")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 refused with a reason, 2 wrong arguments, 130 interrupted."""
    args = parser().parse_args(argv)
    if argv is None:
        from teamaround.site.logs import install

        install()
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except Exception as error:
        told = _plainly(error)
        if told is None:
            raise
        print(f"teamaround {args.command}: {told}", file=sys.stderr)
        return 1


def _plainly(error: Exception) -> str | None:
    """What to tell of an error that is no fault of the program; None for one that is."""
    import psycopg

    from teamaround.database.backup import BackupError
    from teamaround.database.sealed import SealedFileError
    from teamaround.database.secrets import SecretsError
    from teamaround.database.server import ServerError
    from teamaround.database.setup import SetupError
    from teamaround.site.commands.installation import CommandError

    if isinstance(
        error, CommandError | BackupError | SealedFileError | SecretsError | ServerError | SetupError
    ):
        return str(error)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"The set-up role may not do what is needed: {error.diag.message_primary}. See docs/running.md."
        )
    if isinstance(error, psycopg.OperationalError):
        said = str(error).strip()
        return f"The database does not answer: {said}. Check DATABASE_URL and that the server runs."
    return None


if __name__ == "__main__":
    sys.exit(main())
