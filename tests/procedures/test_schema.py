"""The published JSON Schema says what the reader goes by."""

import json
import subprocess
import sys

import jsonschema
import pytest
import yaml

from teamaround.procedures.format import ProcedureError, load, shipped_slugs, shipped_text
from teamaround.procedures.lines import TABLES
from teamaround.procedures.schema import FILE, schema, schema_text

VALIDATOR = jsonschema.Draft202012Validator(schema())


class Words(yaml.SafeLoader):
    """As YAML 1.2 has it, which editors with a schema go by: times and dates are words."""


Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.endswith((":int", ":bool", ":null"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_published_schema_is_the_one_that_the_tables_make() -> None:
    instead = "Run: python -m teamaround.procedures.schema"
    assert FILE.read_text("utf-8") == schema_text(), instead
    assert json.loads(FILE.read_text("utf-8"))["$schema"].endswith("2020-12/schema")
    VALIDATOR.check_schema(schema())


@pytest.mark.parametrize("slug", shipped_slugs())
def test_every_shipped_procedure_holds_to_the_schema(slug: str) -> None:
    problems = list(VALIDATOR.iter_errors(yaml.load(shipped_text(slug), Words)))
    assert [each.message for each in problems] == []


def test_what_the_schema_says_must_stand_the_reader_asks_for() -> None:
    """Each required line of a procedure is missed by both, and nothing else is."""
    whole = yaml.load(shipped_text("child-protection-and-looked-after"), Words)
    for key, line in TABLES["procedure"].items():
        less = {each: value for each, value in whole.items() if each != key}
        assert VALIDATOR.is_valid(less) != line.required, key
        try:
            load(yaml.safe_dump(less, sort_keys=False))
        except ProcedureError as refused:
            missed = any(f"the procedure has no {key}." in str(each) for each in refused.problems)
        else:
            missed = False
        assert missed == line.required, key


@pytest.mark.parametrize("table", ["clocks", "stages", "closure", "events", "outcomes"])
def test_each_line_of_a_list_is_asked_for_as_the_schema_says(table: str) -> None:
    whole = yaml.load(shipped_text("child-protection-and-looked-after"), Words)
    first = whole[table][0]
    for key, line in TABLES[table].items():
        if key not in first:
            continue
        less = {**whole, table: [{k: v for k, v in first.items() if k != key}, *whole[table][1:]]}
        assert VALIDATOR.is_valid(less) != line.required, key
        try:
            load(yaml.safe_dump(less, sort_keys=False))
            missed = False
        except ProcedureError as refused:
            said = str(refused)
            missed = f"has no {key}." in said or (key == "stop" and "Nothing stops" in said)
        assert missed == line.required, key


def test_the_schema_can_be_printed_without_a_service() -> None:
    command = [sys.executable, "-m", "teamaround.cli", "procedure", "schema"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == schema()
