"""Fails when the built styles and script do not match their sources, or hold what is the government's alone.

Run as `python -m teamaround.ui.assets_check`. It needs neither node nor the network.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "assets"
BUILT = HERE / "static" / "ui"
FORBIDDEN = re.compile(r"crown|crest|gds[\s-]?transport|govuk-header|govuk-footer", re.IGNORECASE)
REBUILD = "run `npm ci && npm run build` in src/teamaround/ui/assets and commit static/ui"


def source_files(folder: Path) -> dict[str, Path]:
    """What the build reads, by its name in the manifest."""
    found = [folder / name for name in (".npmrc", "build.mjs", "package.json", "package-lock.json")]
    found += [path for part in ("js", "scss") for path in (folder / part).iterdir()]
    return {path.relative_to(folder).as_posix(): path for path in found}


def _mismatches(kind: str, recorded: dict[str, str], present: dict[str, Path]) -> Iterator[str]:
    for name in sorted(recorded.keys() | present.keys()):
        path = present.get(name)
        if path is None or not path.exists():
            yield f"{kind} {name} is missing: {REBUILD}"
        elif name not in recorded:
            yield f"{kind} {name} was not part of the last build: {REBUILD}"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != recorded[name]:
            yield f"{kind} {name} has changed since the last build: {REBUILD}"


def problems(sources: Path = SOURCES, built: Path = BUILT) -> list[str]:
    """Every reason why the checked-in assets cannot be trusted; empty when all is well."""
    manifest = json.loads((built / "manifest.json").read_text())
    outputs = {name: built / name for name in ("app.css", "app.js")}
    found = list(_mismatches("source", manifest["sources"], source_files(sources)))
    found += _mismatches("built file", manifest["outputs"], outputs)
    for name, path in outputs.items():
        if path.exists() and (match := FORBIDDEN.search(path.read_text())):
            found.append(f"{name} contains “{match[0]}”, which belongs to the government’s own sites")
    if "://" in (sources / "package-lock.json").read_text():
        found.append("package-lock.json names an address; `npm run build` tidies it")
    return found


def main() -> int:
    """Prints each problem; 0 when there is none, else 1."""
    found = problems()
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    if not found:
        sys.stdout.write("Styles and script match their sources.\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
