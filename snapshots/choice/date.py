"""The dates of a recipe: days in UTC, or moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def written_date(text: str) -> str | None:
    """Return a date as it is, a time with an offset (RFC 3339) in UTC, None when it is neither.

    >>> written_date("2026-11-01T01:00:00+02:00")
    '2026-10-31T23:00:00Z'
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except (ValueError, OverflowError):
        return None
    return None


def last_moment(text: str) -> str:
    """Return the last second that a date of a recipe includes, in RFC 3339.

    >>> last_moment("2026-11-01")
    '2026-11-01T23:59:59Z'
    """
    return text if "T" in text else f"{text}T23:59:59Z"


def seconds(moment: str) -> int:
    """Return a time in UTC (RFC 3339) in seconds since 1970.

    >>> seconds("1970-01-02T00:00:00Z")
    86400
    """
    return int(datetime.fromisoformat(moment).timestamp())
