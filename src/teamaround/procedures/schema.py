"""The JSON Schema of procedure files, made of the tables that the reader goes by.

Editors that know JSON Schema complete and check a file with it while it is written; `load` checks more (what
names refer to, what can be reached) and has the last word. Run this module to write `schema.json` anew.
"""

import json
from pathlib import Path
from typing import Any

from teamaround.procedures.kinds import EVENT_KINDS, OWN_PREFIX
from teamaround.procedures.lines import TABLES, Line
from teamaround.workingtime import WEEKDAYS

FILE = Path(__file__).with_name("schema.json")
_LIMIT = (
    r"^\s*([Ss]ame [Dd]ay|[0-9]+\s+(opening\s+)?(minute|hour|working\s+day|calendar\s+day|week|month|year)s?"
    r"(\s+to\s+the\s+corresponding\s+date)?)(\s+in\s+term(\s+time)?)?\s*$"
)
_OWN = "^" + OWN_PREFIX.replace(".", r"\.") + "[a-z0-9_-]+$"


def schema() -> dict[str, Any]:
    """The schema as JSON Schema 2020-12 has it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A procedure of Team Around",
        "$ref": "#/$defs/procedure",
        "$defs": {
            "event": {"anyOf": [{"enum": list(EVENT_KINDS)}, {"type": "string", "pattern": _OWN}]},
            "limit": {"type": "string", "pattern": _LIMIT},
            **{name: _table(name) for name in TABLES},
        },
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table(name: str) -> dict[str, Any]:
    table = TABLES[name]
    made: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"description": line.about, **_shape(line)} for key, line in table.items()},
    }
    required = [key for key, line in table.items() if line.required]
    return {**made, "required": required} if required else made


def _shape(line: Line) -> dict[str, Any]:
    match line.shape:
        case "section":
            return {"$ref": f"#/$defs/{line.table}"}
        case "sections":
            return {
                "type": "array",
                "items": {"$ref": f"#/$defs/{line.table}"},
                "minItems": 1,
                "maxItems": line.most,
            }
        case "choice":
            return {"enum": list(line.choices)}
        case "choices":
            return _some({"enum": list(line.choices)}, line)
        case "truth":
            return {"type": "boolean"}
        case "number":
            return {"type": "integer", "minimum": 1, "maximum": line.most}
        case "limit":
            return {"$ref": "#/$defs/limit"}
        case "limits":
            return _some({"$ref": "#/$defs/limit"}, line)
        case "event":
            return {"$ref": "#/$defs/event"}
        case "events":
            return _some({"$ref": "#/$defs/event"}, line)
        case "days":
            return _some({"enum": list(WEEKDAYS)}, line)
        case "spans":
            return _some({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$"}, line)
        case "keys":
            return _some({"type": "string", "minLength": 1}, line)
        case "date":
            return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case "key":
            return {"type": "string", "pattern": "^[a-z0-9._-]+$", "maxLength": line.most}
    return {"type": "string", "minLength": 1, "maxLength": line.most}


def _some(one: dict[str, Any], line: Line) -> dict[str, Any]:
    """One, or a list of some."""
    return {"anyOf": [one, {"type": "array", "items": one, "maxItems": line.most}]}


if __name__ == "__main__":
    FILE.write_text(schema_text(), "utf-8")
