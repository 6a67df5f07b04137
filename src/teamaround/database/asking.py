"""Several questions answered in one statement: each is a call of a reading function that tells JSON.

The functions run with the caller's own rights, under the caller's policies; see `operations.Invoker`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Question:
    """A call of a reading function, with `%s` in the values' places. The words are the program's own, never typed."""

    call: str
    values: tuple[Any, ...]


def ask(questions: Mapping[str, Question]) -> dict[str, Any]:
    """What each question is answered, by its name; days, moments and keys are text. One query, none without a question."""
    if not questions:
        return {}
    calls = ", ".join(question.call for question in questions.values())
    values = [value for question in questions.values() for value in question.values]
    with connection.cursor() as cursor:
        cursor.execute(f"select json_build_array({calls})::text", values)
        (told,) = cursor.fetchone() or ("[]",)
    return dict(zip(questions, json.loads(told), strict=True))
