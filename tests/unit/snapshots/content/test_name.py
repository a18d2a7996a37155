"""Names become folders' names."""

from __future__ import annotations

import pytest

from snapshots.content.name import checked_name
from snapshots.errors import InvalidNameError


@pytest.mark.parametrize("name", ["manifest.json", "snapshot.json"])
def test_a_repository_is_not_called_as_a_file_beside_it(name: str) -> None:
    with pytest.raises(InvalidNameError, match="a snapshot has a file of that name"):
        checked_name("repository", name)
    assert checked_name("snapshot", name) == name


@pytest.mark.parametrize("name", ["", ".a", "a/b", "a b", "a:b", "a\n", "-a", "é", "a" * 128])
def test_what_leads_elsewhere_or_is_hidden_is_no_name(name: str) -> None:
    with pytest.raises(InvalidNameError, match="not a name for a ref"):
        checked_name("ref", name)
