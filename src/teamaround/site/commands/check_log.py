"""`teamaround check log`: whether anybody changed, removed or back-dated a row of the access log."""

from __future__ import annotations

import argparse
import json
import time

from teamaround.site.commands.installation import Installation, application, with_role


def run(args: argparse.Namespace) -> int:
    """0 when the chain of seals holds; 1 with the first seal that does not, and what is wrong with it."""
    from teamaround.access.chain import KINDS, verify

    installation = Installation(args.data)
    with application(installation) as addresses:
        began = time.monotonic()
        address = with_role(addresses.app, "auditor", installation.secrets.password_of("auditor"))
        found = verify(address)
    told = {**found.as_dict(), "seconds": round(time.monotonic() - began, 2)}
    if args.json:
        print(json.dumps(told, indent=2))
        return 0 if found.whole else 1
    print(
        f"{found.seals:,} seals, {found.looks:,} looks, {found.lines:,} lines, {found.erased:,} reasons erased"
    )
    if found.whole:
        print(f"The access log is whole. Last seal: {found.head or 'none yet'}")
        return 0
    for each in sorted(found.breaks, key=lambda one: (one.seal is None, one.seal or 0))[:20]:
        where = f"seal {each.seal}" if each.seal is not None else "no seal"
        print(f"Broken at {where}: {KINDS[each.kind]}" + (f" ({each.rows:,} rows)" if each.rows else ""))
    return 1
