"""The document that stands in for every other one when there is none."""

from __future__ import annotations

from typing import Literal

import msgspec


class ErrorDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What went wrong, for programs. `details` may be empty."""

    document: Literal["yumbridge-error"] = "yumbridge-error"
    version: str = "1.0"
    kind: str
    message: str
    details: tuple[str, ...]
