"""An area that works to the procedures of the product."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cases import with_procedures


@pytest.fixture
def area(cast: Any) -> Any:
    return with_procedures(cast)
