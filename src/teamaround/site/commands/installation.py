"""One installation: its data folder, secrets and database addresses, and the environment of settings."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

import teamaround
from teamaround.database.secrets import Secrets
from teamaround.database.server import EmbeddedServer

DATABASE = "teamaround"
Purpose = Literal["demonstration", "service"]


class CommandError(Exception):
    """A command cannot go on; the message says what, where and what to do."""


@dataclass(frozen=True)
class Addresses:
    """How the application reaches the database, and how the set-up does (None: it was not given)."""

    app: str
    owner: str | None

    @property
    def database(self) -> str:
        return database_of(self.app)


def default_data() -> Path:
    """`TEAMAROUND_DATA`, else `.data` in the checkout, else `.data` in the current folder."""
    named = os.environ.get("TEAMAROUND_DATA")
    if named:
        return Path(named)
    checkout = Path(teamaround.__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / ".data"


def database_of(address: str) -> str:
    """The name of the database in a `postgresql://` address, or the product's own name when it names none."""
    return unquote(urlsplit(address).path.lstrip("/")) or DATABASE


def with_database(address: str, name: str) -> str:
    """The same address for another database of that server."""
    return urlunsplit(urlsplit(address)._replace(path="/" + quote(name, safe="")))


def with_role(address: str, role: str, password: str) -> str:
    """The same address for another role."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{host}"))


def shown(address: str) -> str:
    """The address without its password, for messages."""
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    visible = f"{user.partition(':')[0]}@{host}" if user else host
    socket = parse_qs(parts.query).get("host", [""])[0]
    return f"postgresql://{visible}{parts.path}" + (f" at {socket}" if socket else "")


def addresses_from(environment: Mapping[str, str], secrets: Secrets) -> Addresses | None:
    """What `DATABASE_URL` and `TEAMAROUND_OWNER_URL` say, or None when there is no address.

    One address is the set-up role's; the application's differs from it in role and password alone.
    Where `DATABASE_URL` names the role `app_rw` itself, it is used as it is, and the set-up needs the second.
    """
    given = environment.get("DATABASE_URL", "").strip()
    owner = environment.get("TEAMAROUND_OWNER_URL", "").strip() or None
    for name, address in (("DATABASE_URL", given), ("TEAMAROUND_OWNER_URL", owner)):
        if address and urlsplit(address).scheme not in ("postgresql", "postgres"):
            raise CommandError(
                f"{name} is not the address of a PostgreSQL server. Write it as "
                "postgresql://role:password@host:5432/database"
            )
    if not given and not owner:
        return None
    base = given or owner or ""
    base = with_database(base, database_of(base))
    user, password = urlsplit(base).username, urlsplit(base).password
    if user == "app_rw":
        app = base if password else with_role(base, "app_rw", secrets.app_rw)
        return Addresses(app, with_database(owner, database_of(base)) if owner else None)
    return Addresses(
        with_role(base, "app_rw", secrets.app_rw),
        with_database(owner, database_of(base)) if owner else base,
    )


@dataclass(frozen=True)
class Installation:
    """The folder that holds what this installation keeps."""

    data: Path

    @property
    def secrets_path(self) -> Path:
        named = os.environ.get("TEAMAROUND_SECRETS")
        return Path(named) if named else self.data / "secrets"

    @property
    def secrets(self) -> Secrets:
        return Secrets.load_or_create(self.secrets_path)

    def prepare(self, purpose: Purpose) -> None:
        """Make the folder and bind it to one purpose. Made-up and real families never share a database."""
        mark = self.data / "purpose"
        try:
            if not self.data.is_dir():
                self.data.mkdir(parents=True)
                self.data.chmod(
                    0o755
                )  # the database's own user passes through; what is private is closed itself
            kept = mark.read_text("ascii").strip() if mark.is_file() else ""
            if not kept:
                mark.write_text(f"{purpose}\n", "ascii")
        except OSError as error:
            raise CommandError(
                f"The folder {self.data} cannot be used: {error.strerror}. Start as the user who owns the "
                "checkout, or name another folder with --data."
            ) from error
        if kept and kept != purpose:
            wanted = "demo" if kept == "demonstration" else "up"
            raise CommandError(
                f"The folder {self.data} holds a database for {kept}. Made-up and real families are kept "
                f"apart: use `teamaround {wanted}` for it, or name another folder with --data."
            )

    def server(self) -> EmbeddedServer:
        """The embedded server of this folder, not started."""
        return EmbeddedServer(self.data / "postgres", self.data / "run", secrets=self.secrets)

    def embedded_addresses(self, server: EmbeddedServer) -> Addresses:
        return Addresses(server.dsn("app_rw", DATABASE), server.dsn("postgres", DATABASE))

    def environment(self, addresses: Addresses, *, owner: bool = False) -> dict[str, str]:
        """What the settings read. The set-up role's address is there only when `owner` is asked for."""
        found = {
            "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
            "TEAMAROUND_SECRETS": str(self.secrets_path.absolute()),
            "TEAMAROUND_DATA": str(self.data.absolute()),
            "DATABASE_URL": addresses.app,
        }
        mark = self.data / "purpose"
        if mark.is_file() and mark.read_text("ascii").strip() == "demonstration":
            found["TEAMAROUND_DEMONSTRATION"] = "1"
        if owner and addresses.owner:
            found["TEAMAROUND_OWNER_URL"] = addresses.owner
        return found


@contextmanager
def application(installation: Installation) -> Iterator[Addresses]:
    """Django set up in this process against `DATABASE_URL`, or the embedded server of the data folder.

    A server that `demo` or `up` holds is used as it is; otherwise one is started and stopped with the block.
    Raises CommandError when there is no database yet.
    """
    addresses = addresses_from(os.environ, installation.secrets) if _addressed() else None
    server: EmbeddedServer | None = None
    if addresses is None:
        if not (installation.data / "postgres").exists():
            raise CommandError(
                f"There is no database in {installation.data} yet. Run `make demo` or `teamaround up` first, "
                "or set DATABASE_URL."
            )
        server = installation.server().start(attach=True)
        addresses = installation.embedded_addresses(server)
    os.environ.update(installation.environment(addresses))
    os.environ.pop("TEAMAROUND_OWNER_URL", None)
    try:
        import django

        django.setup()
        yield addresses
    finally:
        if server is not None:
            from django.db import connections

            connections.close_all()
            for alias in connections:
                close_pool = getattr(connections[alias], "close_pool", None)
                if close_pool is not None:
                    close_pool()
            server.stop()


def _addressed() -> bool:
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("TEAMAROUND_OWNER_URL"))
