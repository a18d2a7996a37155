"""Progress: how far something is that takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

# Told what is being done, how much of it is done, and of how much.
Listener: TypeAlias = Callable[[str, int, int], None]
