"""Profiles in pan's XML: nested nlist and list elements around string, long, double and boolean."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from math import isfinite
from typing import Final

from lxml import etree

from spma.errors import ProfileError
from spma.profile.tree import Tree

# What lxml and libxml2 append to their messages: the place once more, and an option that is ours to set.
_ADVICE_TO_PROGRAMMERS: Final = re.compile(r", (?:use XML_PARSE_HUGE|line [0-9]+, column).*", re.DOTALL)

_WHITE_SPACE: Final = " \t\r\n"


def read_pan_xml(text: str, *, max_depth: int) -> Tree:
    """Return the tree in `text`, XML of format "pan" at most `max_depth` levels deep.

    A document type is refused, and with it every entity but XML's own five. Raises ProfileError with the line.
    Source: pan, PanFormatter; CCM, EDG::WP4::CCM::Fetch::XMLPanProfile.
    """
    if "<!DOCTYPE" in text:
        raise ProfileError("profile is not a pan profile: it has a document type declaration")
    # The encoding given here overrules a declared one: the text has been decoded already.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place = f"line {line}, column {column}"
        why = " ".join(_ADVICE_TO_PROGRAMMERS.sub("", error.msg or "syntax error").split())
        raise ProfileError(f"profile is not valid XML: {place}: {why}") from error
    if root.get("format") != "pan":
        raise _not_pan(root, 'want format="pan"')
    return _value_of(root, max_depth)


def _value_of(element: etree._Element, depth: int) -> Tree:
    match element.tag:
        case "nlist" | "list" if depth < 1:
            raise _not_pan(element, "nested too deep")
        case "nlist":
            return _nlist(element, depth)
        case "list":
            return [_value_of(child, depth - 1) for child in _children(element)]
        case "string" | "long" | "double" | "boolean":
            return _scalar(element)
        case tag:
            raise _not_pan(element, f"element {tag!r} is unknown")


def _nlist(element: etree._Element, depth: int) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for child in _children(element):
        name = child.get("name")
        if name is None:
            raise _not_pan(child, "element without a name in an nlist")
        if name in found:
            raise _not_pan(child, f"name {name!r} twice in one nlist")
        found[name] = _value_of(child, depth - 1)
    return found


def _children(element: etree._Element) -> list[etree._Element]:
    children = list(element)
    for text in (element.text, *(child.tail for child in children)):
        if text and text.strip(_WHITE_SPACE):
            raise _not_pan(element, f"text in a {element.tag}")
    return children


def _scalar(element: etree._Element) -> Tree:
    if len(element):
        raise _not_pan(element, f"element in a {element.tag}")
    text = _decoded(element, element.text or "")
    if element.tag == "string":
        return text
    read = _READERS[element.tag]
    try:
        return read(text.strip(_WHITE_SPACE))
    except (KeyError, ValueError) as error:
        raise _not_pan(element, f"{text[:40]!r} is no {element.tag}") from error


def _double(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError
    return number


_READERS: Final[dict[str, Callable[[str], Tree]]] = {
    "boolean": {"true": True, "false": False}.__getitem__,
    "double": _double,
    "long": int,
}


def _decoded(element: etree._Element, text: str) -> str:
    """Return `text` as the element's encoding has it: pan writes base64 for what XML cannot hold."""
    match element.get("encoding"):
        case None | "" | "none":
            return text
        case "base64":
            try:
                return base64.b64decode("".join(text.split()), validate=True).decode()
            except (binascii.Error, ValueError) as error:
                raise _not_pan(element, "string is not base64 of UTF-8") from error
        case encoding:
            raise _not_pan(element, f"encoding {encoding!r} is unknown")


def _not_pan(element: etree._Element, why: str) -> ProfileError:
    return ProfileError(f"profile is not a pan profile: line {element.sourceline}: {why}")
