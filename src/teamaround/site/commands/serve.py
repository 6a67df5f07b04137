"""`teamaround up` and `teamaround demo`: the database made ready, then the web processes and the worker."""

import argparse
import contextlib
import errno
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from teamaround.database.keeper import Keeper
from teamaround.site.commands.installation import (
    Addresses,
    CommandError,
    Installation,
    addresses_from,
    shown,
)
from teamaround.site.commands.progress import note, step
from teamaround.site.commands.supervise import Children, EndOnSignal, Interrupted, this_python

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE_SECONDS = 90.0
NOTHING: Mapping[str, str] = MappingProxyType({})


def demo(args: argparse.Namespace) -> int:
    """A demonstration area on this machine alone, until Ctrl-C."""
    if args.address not in LOOPBACK:
        raise CommandError(
            f"The demonstration refuses the address {args.address}: its sign-ins are printed for all to "
            "read, so it serves this machine alone (127.0.0.1). For others use `teamaround up`."
        )
    if os.environ.get("DATABASE_URL") or os.environ.get("TEAMAROUND_OWNER_URL"):
        raise CommandError(
            "The demonstration brings a database of its own and leaves yours alone. "
            "Unset DATABASE_URL and TEAMAROUND_OWNER_URL, or use `teamaround up`."
        )
    check_port(args.address, args.port, "PORT=8001 make demo, or teamaround demo --port 8001")
    installation = Installation(args.data)
    installation.prepare("demonstration")
    with EndOnSignal(), _ending(), contextlib.ExitStack() as stack:
        step("Starting the database")
        addresses, tend = _embedded(installation, stack)
        step("Making the demonstration area ready")
        bind = f"[{args.address}]:{args.port}" if ":" in args.address else f"{args.address}:{args.port}"
        reached = {"TEAMAROUND_ADDRESS": os.environ.get("TEAMAROUND_ADDRESS") or f"http://{bind}"}
        sign_ins = make_ready(installation, addresses, also=reached)
        serve(
            installation,
            addresses,
            bind=bind,
            also=reached,
            workers=1,
            threads=4,
            log=installation.data / "web.log",
            sign_ins=sign_ins,
            tend=tend,
        )
    return 0


def up(args: argparse.Namespace) -> int:
    """The service, against `DATABASE_URL` or the embedded server, until it is told to end."""
    host, port = split_bind(args.bind)
    check_port(host, port, "teamaround up --bind 127.0.0.1:8001")
    installation = Installation(args.data)
    installation.prepare("service")
    with EndOnSignal(), _ending(), contextlib.ExitStack() as stack:
        addresses = addresses_from(os.environ, installation.secrets)
        tend: Callable[[], None] = _nothing
        if addresses is None:
            step("Starting the embedded database (set DATABASE_URL to use a server of yours)")
            addresses, tend = _embedded(installation, stack)
        else:
            step(f"Using the database {shown(addresses.owner or addresses.app)}")
        if addresses.owner:
            step("Checking the rights of the set-up role and bringing the database up to date")
            make_ready(installation, addresses)
        else:
            step("No set-up role was given: the database is used as it is")
        serve(
            installation,
            addresses,
            bind=args.bind,
            workers=args.workers,
            threads=args.threads,
            log=None,
            tend=tend,
        )
    return 0


def _nothing() -> None:
    return


def _embedded(
    installation: Installation, stack: contextlib.ExitStack
) -> tuple[Addresses, Callable[[], None]]:
    """Start the embedded server; the stack stops it. Also returns what to call often to keep it running."""
    server = installation.server()
    stack.callback(server.stop)
    server.start(say=note)
    return installation.embedded_addresses(server), Keeper(server, note).tend


def make_ready(
    installation: Installation, addresses: Addresses, *, also: Mapping[str, str] = NOTHING
) -> list[list[str]]:
    """Run the set-up in a process of its own. Returns the demonstration's sign-ins, if it is one.

    `also` is added to its environment.
    """
    done = subprocess.run(  # noqa: S603 - our own argument list, no shell
        this_python("-m", "teamaround.cli", "ready"),
        env={**os.environ, **installation.environment(addresses, owner=True), **also},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode != 0:
        raise CommandError("The database could not be made ready; the reason stands above.")
    return json.loads(done.stdout) if done.stdout.strip() else []


def serve(
    installation: Installation,
    addresses: Addresses,
    *,
    bind: str,
    workers: int,
    threads: int,
    log: Path | None,
    sign_ins: Sequence[Sequence[str]] = (),
    tend: Callable[[], None] = _nothing,
    also: Mapping[str, str] = NOTHING,
) -> None:
    """Start the web processes and the worker, say where they are, stay until one ends or a signal comes.

    `tend` is called several times a second meanwhile; `also` is added to the processes' environment.
    """
    environment = installation.environment(addresses) | {
        **also,
        "TEAMAROUND_WORKERS": str(workers),
        "TEAMAROUND_THREADS": str(threads),
        "TEAMAROUND_OWNER_URL": "",
    }
    children = Children(say=note)
    with contextlib.ExitStack() as stack:
        stack.callback(children.stop)
        output = stack.enter_context(open(log, "ab")) if log else None
        step("Starting the web server and the worker")
        children.spawn(
            "The web server",
            this_python(
                "-m", "gunicorn", "-c", "python:teamaround.site.gunicorn_conf", "--bind", bind,
                "teamaround.site.wsgi:application",
            ),
            environment,
            log=output,
        )  # fmt: skip
        children.spawn(
            "The worker", this_python("-m", "teamaround.cli", "worker"), environment, log=output, restart=True
        )
        host, port = split_bind(bind)
        ended = children.watch(until=_Answering(host, port), tend=tend)
        if ended is None:
            _announce(bind, sign_ins, log)
            ended = children.watch(tend=tend)
        place = f" Its log is {log}." if log else ""
        raise CommandError(f"{ended}.{place}")


def _announce(bind: str, sign_ins: Sequence[Sequence[str]], log: Path | None) -> None:
    lines = ["", f"Team Around is at http://{bind}", ""]
    if sign_ins:
        widths = [max(len(row[i]) for row in sign_ins) for i in range(min(map(len, sign_ins)))]
        lines += ["Sign in as:"]
        lines += ["  " + "  ".join(f"{part:<{w}}" for part, w in zip(row, widths, strict=False)).rstrip()
                  for row in sign_ins]  # fmt: skip
        lines += ["", "Everybody here is made up. These sign-ins exist in the demonstration only."]
    if log:
        lines.append(f"Log: {log}")
    lines.append("Ctrl-C stops everything.")
    print("\n".join(lines), flush=True)


class _Answering:
    """Whether the web server answers. Raises CommandError when it takes too long."""

    def __init__(self, host: str, port: int) -> None:
        self.host = "127.0.0.1" if host in ("", "0.0.0.0", "localhost") else host  # noqa: S104 - compared only
        self.port = port
        self.until = time.monotonic() + PATIENCE_SECONDS

    def __call__(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("GET", "/", headers={"Host": "127.0.0.1"})
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > self.until:
                raise CommandError(
                    f"The web server did not answer within {PATIENCE_SECONDS:.0f} seconds. See its log."
                ) from None
            return False
        finally:
            connection.close()
        return True


def split_bind(bind: str) -> tuple[str, int]:
    """`host:port` as its two parts. Raises CommandError for anything else."""
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise CommandError(
            f"{bind!r} is not an address to serve on. Write host:port, for example 127.0.0.1:8000"
        )
    return host.strip("[]"), int(port)


def check_port(host: str, port: int, instead: str) -> None:
    """Raise CommandError, with what to type instead, unless the port can be served on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(
                    f"Port {port} on {host} is in use by another program. Choose another: {instead}"
                ) from None
            if error.errno == errno.EACCES:
                raise CommandError(
                    f"Port {port} is kept for the system; ports from 1024 on are free to use: {instead}"
                ) from None
            raise CommandError(f"{host}:{port} cannot be served on: {error.strerror}.") from None


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Turn a request to end into a quiet end."""
    try:
        yield
    except Interrupted:
        step("Stopped")
