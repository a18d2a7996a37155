"""Comps, limited to what a repository holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from snapshots.errors import UpstreamError
from snapshots.repodata.prolog import PROLOG_BYTES, checked_prolog, without_type

if TYPE_CHECKING:
    from lxml.etree import _Element

_GROUP_MEMBERS: Final = "packagelist/packagereq"
_GROUP_LISTS: Final = ("grouplist/groupid", "optionlist/groupid")


def held_comps(comps: bytes, names: Collection[str]) -> bytes:
    """Return comps without the packages that are not among `names`, and without what has lost its last member by that.

    A group that goes is no longer a member of environments and categories, which may go in turn; one that never had a
    member stays. The document is written anew, indented, without a document type and without comments: whatever else
    upstream lists beside the same names, it is the same bytes. Nothing is returned when nothing is left. Raises
    UpstreamError: it is no comps.
    """
    if not comps:
        return b""
    root = _parsed(comps)
    for languages in root.findall("langpacks"):
        _limit(languages, ("match",), [each for each in languages.findall("match") if each.get("name") not in names])
    lost = set()
    for group in root.findall("group"):
        unheld = [each for each in group.findall(_GROUP_MEMBERS) if _text(each) not in names]
        if _limit(group, (_GROUP_MEMBERS,), unheld):
            lost.add(_text(group.find("id")))
    for collection in (*root.findall("environment"), *root.findall("category")):
        members = [each for place in _GROUP_LISTS for each in collection.findall(place)]
        _limit(collection, _GROUP_LISTS, [each for each in members if _text(each) in lost])
    return _written(root) if len(root) else b""


def _written(root: _Element) -> bytes:
    """Return a document as it depends on its elements alone: indented by us, attributes sorted."""
    from lxml import etree

    for element in root.iter():
        if len(element) or not _text(element):
            element.text = None
        element.tail = None
        attributes = sorted(element.attrib.items())
        element.attrib.clear()
        element.attrib.update(attributes)
    etree.cleanup_namespaces(root)
    etree.indent(root, "  ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _limit(element: _Element, places: Iterable[str], members: Iterable[_Element]) -> bool:
    """Remove these members from an element, and the element when they were its last; return whether it is gone.

    A list that has lost its last member goes as well.
    """
    unwanted = tuple(members)
    for member in unwanted:
        parent = member.getparent()
        _remove(member)
        if parent is not None and parent is not element and not len(parent):
            _remove(parent)
    is_gone = bool(unwanted) and not any(element.findall(place) for place in places)
    if is_gone:
        _remove(element)
    return is_gone


def _remove(element: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _text(element: _Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _parsed(comps: bytes) -> _Element:
    from lxml import etree

    checked_prolog(comps[:PROLOG_BYTES], "comps", "comps", may_name_its_type=True)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        # Without the type that it names an entity of that is an error, and would be lost or left undefined otherwise.
        root = etree.fromstring(without_type(comps), parser)
    except etree.XMLSyntaxError as error:
        raise UpstreamError(f"comps cannot be read: {error}") from error
    return root
