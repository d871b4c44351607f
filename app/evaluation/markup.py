"""
HTML and SVG from elements, so that a text can never become markup: whatever is written as a child is escaped.

A template would escape as well, but would need a dependency of its own to draw nothing.
"""

import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, tostring


def element(tag: str, *children: Element | str | None, **attributes: str | float | None) -> Element:
    """
    Make an element of its children in order; None adds nothing.

    Attributes are spelt as Python allows: `class_`, `aria_hidden`.
    """
    made = Element(tag, {_spelt(name): f"{value}" for name, value in attributes.items() if value is not None})
    last: Element | None = None
    for child in children:
        if child is None:
            continue
        if not isinstance(child, str):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + child
        else:
            last.tail = (last.tail or "") + child
    return made


def breakable(name: str) -> list[Element | str]:
    """Let a long name go on in the next line where one of its words ends."""
    words = re.split(r"(?<=[_.-])(?=.)", name, flags=re.DOTALL)
    return [words[0], *(part for word in words[1:] for part in (element("wbr"), word))]


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Element]], class_: str) -> Element:
    """Make a table of the cells of each row, the first of which heads it."""
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *(element("tr", *cells) for cells in rows)),
        class_=class_,
    )


def document(root: Element) -> bytes:
    """Write a whole page."""
    written: bytes = tostring(root, encoding="utf-8", method="html")
    return b"<!doctype html>\n" + written + b"\n"


def _spelt(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
