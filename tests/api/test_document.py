"""The document says what the addresses do: it is valid, whole, and every answer is as it promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.urls import URLPattern
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from harness.feeds import CHILD, Machine
from teamaround.api import middleware
from teamaround.api.openapi import document
from teamaround.api.problems import TYPES
from teamaround.api.urls import urlpatterns

SCHEMA = schemathesis.openapi.from_dict(document())
QUIETLY = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
OPERATIONS = [
    ("/api/v1/feeds", "get"),
    ("/api/v1/caseloads", "post"),
    ("/api/v1/runs/{run}", "get"),
    ("/api/v1/runs/{run}/rows", "get"),
]


def promised(path: str, method: str, answer: Any) -> None:
    """The answer is one that the document promises, and its body is as the document says."""
    responses = document()["paths"][path][method]["responses"]
    assert str(answer.status_code) in responses, (answer.status_code, answer.content)
    assert answer.status_code < 500, answer.content
    kind = answer.headers["Content-Type"].partition(";")[0]
    told = responses[str(answer.status_code)]["content"]
    assert kind in told
    valid(told[kind]["schema"], answer.json())


def valid(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": document()["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)


def test_the_document_is_openapi_3_1() -> None:
    validate(json.loads(json.dumps(document())))
    assert document()["openapi"].startswith("3.1")


def test_every_address_is_in_the_document_and_nothing_else() -> None:
    told = {path.replace("{run}", "<uuid:uuid>") for path in document()["paths"]}
    routes = {f"/api/{each.pattern}" for each in urlpatterns if isinstance(each, URLPattern)}
    assert routes - {"/api/openapi.json"} == told


def test_the_document_is_versioned_and_names_its_scopes() -> None:
    assert all(path.startswith("/api/v1/") for path in document()["paths"])
    assert "caseload:write" in document()["components"]["securitySchemes"]["key"]["description"]


def test_every_kind_of_problem_has_an_error_status() -> None:
    assert all(400 <= status < 600 and title for status, title in TYPES.values())


@pytest.fixture
def sent(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> str:
    """A caseload that was brought in, to be asked about."""
    monkeypatch.setattr(middleware, "CALLS_A_MINUTE", 10**9)
    told = machine.bring([CHILD, {"given": "Luca"}])
    return str(told["run"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_called_the_answer_is_as_the_document_says(
    machine: Machine, sent: str, path: str, method: str
) -> None:
    cases = SCHEMA[path][method.upper()].as_strategy()

    @QUIETLY
    @given(case=cases, own=some.booleans())
    def called(case: Any, own: bool) -> None:
        if own and case.path_parameters:
            case.path_parameters["run"] = sent
        body = case.body if isinstance(case.body, str) else json.dumps(_plain(case.body))
        headers = {name: value for name, value in (case.headers or {}).items() if value.isascii()}
        answer = machine.client.generic(
            method.upper(),
            path.replace("{run}", str(case.path_parameters["run"])) if case.path_parameters else path,
            body.encode("utf-8", "replace") if method == "post" else b"",
            content_type=case.media_type or "application/json",
            secure=True,
            query_params=case.query or {},
            headers={**headers, "Authorization": f"Bearer {machine.made.written}"},
        )
        promised(path, method, answer)

    called()


def _plain(body: Any) -> Any:
    return body if isinstance(body, dict | list) else {"rows": []}


VALUES = some.one_of(
    some.none(), some.integers(), some.text(max_size=30), some.lists(some.text(max_size=9), max_size=7)
)
ROWS = some.lists(
    some.dictionaries(
        some.sampled_from([*CHILD, "nhs_number", "upn", "address", "sex", "extra"]), VALUES, max_size=6
    ),
    min_size=1,
    max_size=4,
)


@QUIETLY
@given(rows=ROWS)
def test_whatever_rows_are_sent_no_answer_is_a_fault_of_ours(machine: Machine, rows: list[Any]) -> None:
    middleware_limit, middleware.CALLS_A_MINUTE = middleware.CALLS_A_MINUTE, 10**9
    try:
        answer = machine.send(rows)
        promised("/api/v1/caseloads", "post", answer)
        if answer.status_code == 202:
            machine.work()
            told = machine.get(answer.json()["status_url"])
            promised("/api/v1/runs/{run}", "get", told)
            assert told.json()["state"] in ("done", "waits_for_a_person"), told.json()
            listed = machine.get(answer.json()["rows_url"])
            promised("/api/v1/runs/{run}/rows", "get", listed)
            assert [row["row"] for row in listed.json()["rows"]] == list(range(1, len(rows) + 1))
    finally:
        middleware.CALLS_A_MINUTE = middleware_limit
