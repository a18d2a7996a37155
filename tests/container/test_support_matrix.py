"""The support matrix of the documentation is what these tests run on."""

from __future__ import annotations

import pytest

from tests.support.containers import Containers
from tests.support.matrix import PAGE, comparable, page, stored


def test_the_support_matrix_is_what_is_tested(containers: Containers, request: pytest.FixtureRequest) -> None:
    made = page(containers)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(made, encoding="utf-8")

    assert comparable(stored()) == comparable(made)
