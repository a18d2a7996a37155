"""What a package requires: a capability, or an expression of such, which RPM calls a boolean dependency."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from snapshots.choice.capability import Capability, Comparison, bound_of

MAX_DEPTH: Final = 32
MAX_LENGTH: Final = 64 << 10


class Operator(StrEnum):
    """What joins the operands of an expression. Source: rpm, docs/manual/boolean_dependencies.md."""

    AND = "and"
    OR = "or"
    IF = "if"
    UNLESS = "unless"
    WITH = "with"
    WITHOUT = "without"


class Expression(msgspec.Struct, frozen=True, array_like=True):
    """Requirements that are joined. `if` and `unless` have the condition second, and third what else is required."""

    operator: Operator
    operands: tuple[Requirement, ...]

    def __str__(self) -> str:
        words = [str(self.operands[0])]
        for number, operand in enumerate(self.operands[1:], start=1):
            is_else = number > 1 and self.operator in _WITH_ELSE
            words += ["else" if is_else else self.operator.value, str(operand)]
        return f"({' '.join(words)})"


Requirement: TypeAlias = Capability | Expression

_WITH_ELSE: Final = frozenset({Operator.IF, Operator.UNLESS})
_CHAINED: Final = frozenset({Operator.AND, Operator.OR, Operator.WITH})
_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[a-z]+(?=\s)")
_COMPARISON: Final = re.compile(r"\s*(<=|>=|<|>|=|==)(?![<>=])\s*")


class _MalformedError(Exception):
    """The text is no boolean dependency."""


def requirement_of(text: str) -> Requirement:
    """Return what the text of a boolean dependency means; one that is malformed is the name of a capability.

    No package provides such a name, so that the reader learns of it as of any requirement that nothing meets.

    >>> str(requirement_of("(foo >= 1.2 if (bar or libbar.so()(64bit)) else baz)"))
    '(foo >= 1.2 if (bar or libbar.so()(64bit)) else baz)'
    """
    if len(text) > MAX_LENGTH:
        return Capability(text)
    try:
        found, end = _expression(text, 0, 0)
    except _MalformedError:
        return Capability(text)
    return found if not text[end:].strip() else Capability(text)


def _expression(text: str, start: int, depth: int) -> tuple[Requirement, int]:
    """Read from the opening parenthesis at `start`; return the requirement, and where the text goes on."""
    if depth > MAX_DEPTH or text[start : start + 1] != "(":
        raise _MalformedError
    operand, at = _operand(text, start + 1, depth)
    operands = [operand]
    operator: Operator | None = None
    has_else = False
    while text[at : at + 1] != ")":
        word, at = _word(text, at)
        if operator is None:
            operator = _operator(word)
        elif word == "else" and operator in _WITH_ELSE and not has_else:
            has_else = True
        elif word != operator or operator not in _CHAINED:
            raise _MalformedError
        operand, at = _operand(text, at, depth)
        operands.append(operand)
    return (operand if operator is None else Expression(operator, tuple(operands))), at + 1


def _operator(word: str) -> Operator:
    try:
        return Operator(word)
    except ValueError:
        raise _MalformedError from None


def _word(text: str, start: int) -> tuple[str, int]:
    matched = _WORD.match(text, start)
    if matched is None:
        raise _MalformedError
    return matched[0], _after_space(text, matched.end())


def _operand(text: str, start: int, depth: int) -> tuple[Requirement, int]:
    """Read an operand, and the space after it."""
    start = _after_space(text, start)
    if text[start : start + 1] == "(":
        found, end = _expression(text, start, depth + 1)
    else:
        found, end = _capability(text, start)
    return found, _after_space(text, end)


def _capability(text: str, start: int) -> tuple[Capability, int]:
    end = _end_of_name(text, start)
    name = text[start:end]
    if not name:
        raise _MalformedError
    comparison = _COMPARISON.match(text, end)
    if comparison is None:
        return Capability(name), end
    last = _end_of_name(text, comparison.end())
    bound = bound_of(Comparison(comparison[1].replace("==", "=")), text[comparison.end() : last])
    if bound is None:
        raise _MalformedError
    return Capability(name, bound), last


def _end_of_name(text: str, start: int) -> int:
    """Return where a word ends: names have parentheses of their own. Source: rpm, SKIPNONWHITEX of rpmds.c."""
    open_parentheses = 0
    for at in range(start, len(text)):
        match text[at]:
            case "(":
                open_parentheses += 1
            case ")" if open_parentheses == 0:
                return at
            case ")":
                open_parentheses -= 1
            case character if character.isspace() or character == ",":
                return at
            case _:
                pass
    return len(text)


def _after_space(text: str, start: int) -> int:
    matched = _SPACE.match(text, start)
    return matched.end() if matched else start
