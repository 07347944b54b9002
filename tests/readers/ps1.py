"""A reader of the expressions that quoting.powershell writes, and of the calls in a script's plan: by a grammar of PowerShell.

The nodes that an expression may be made of are named here; everything else is an error.
"""

import re

import tree_sitter_powershell
from tree_sitter import Language, Parser

from tests.readers.carried_out import Call

PARSER = Parser(Language(tree_sitter_powershell.language()))
WRAPPERS = {
    "array_literal_expression", "unary_expression", "range_expression", "format_expression", "multiplicative_expression",
    "comparison_expression", "bitwise_expression", "logical_expression", "pipeline_chain", "pipeline",
}  # fmt: skip
"""Nodes that hold one other here, and mean nothing by themselves."""


def parsed(text: str | bytes):
    """Parse a script; there may be no error in it."""
    tree = PARSER.parse(text.encode("ascii") if isinstance(text, str) else text)
    assert not tree.root_node.has_error
    return tree.root_node


def evaluated(expression: str) -> bytes:
    """Give the UTF-16 units of the text that an expression is; it is the whole of the script."""
    (statements,) = parsed(expression).children
    assert statements.type == "statement_list"
    (only,) = statements.children
    assert only.text == expression.encode()
    return value(only)


def value(node) -> bytes:
    """Give the units of what a node is: a literal in single quotes, ``[char]n``, or a sum of these in brackets."""
    if node.type == "string_literal":
        (literal,) = node.children
        assert literal.type == "verbatim_string_characters"
        assert re.fullmatch(rb"'(?:[ -&(-~]|'')*'", literal.text)
        return literal.text[1:-1].decode("ascii").replace("''", "'").encode("utf-16-le")
    if node.type == "parenthesized_expression":
        left, inner, right = node.children
        assert (left.text, right.text) == (b"(", b")")
        return value(inner)
    if node.type == "additive_expression" and len(node.children) == 3:
        return _sum(node)
    if node.type == "expression_with_unary_operator":
        (cast,) = node.children
        return _char(cast)
    assert node.type in WRAPPERS | {"additive_expression"}, node.type
    (only,) = node.children
    return value(only)


def _sum(node) -> bytes:
    """Add up a chain of additions, which leans to the left."""
    parts = []
    while node.type == "additive_expression" and len(node.children) == 3:
        left, plus, right = node.children
        assert plus.text == b"+"
        parts.append(value(right))
        node = left
    first = value(node)
    assert first == b"", "the first of a sum is a text, or characters would be added as numbers"
    return b"".join((first, *reversed(parts)))


def _char(cast) -> bytes:
    """Give the unit that a cast is."""
    assert cast.type == "cast_expression"
    kind, number = cast.children
    assert kind.text == b"[char]"
    assert re.fullmatch(rb"\d{1,5}", number.text)
    return int(number.text).to_bytes(2, "little")


def calls(script: bytes) -> list[Call]:
    """Give the calls in the plan of a script."""
    root = parsed(script)
    (plan,) = [node for node in _every(root, "assignment_expression") if node.text.startswith(b"$Plan = {")]
    found: list[Call] = []
    last: list = []
    for command in _every(plan, "command"):
        name, *rest = command.children
        elements = [child for part in rest for child in part.children if child.type != "command_argument_sep"]
        texts = [value(element).decode("utf-16-le") for element in elements]
        last = _read(name.text.decode(), texts, found, last)
    return found


def _read(word, texts, found, last):
    """Read one command; give where the text that it begins lies."""
    match word, texts:
        case "Use-Entry", [_, name]:
            found.append(Call(name=name))
            return [found[-1], "name"]
        case "Add-Reason", [text]:
            found[-1].reason = text
            return [found[-1], "reason"]
        case (("Add-Value" | "Remove-Value"), [unit, attribute, text]):
            op = {"Add-Value": "add", "Remove-Value": "delete"}[word]
            found[-1].values.append([unit, op, attribute, text])
            return [found[-1].values[-1], 3]
        case "Add-More", [text]:
            place, key = last
            if isinstance(place, list):
                place[key] += text
            else:
                setattr(place, key, getattr(place, key) + text)
            return last
    raise AssertionError(f"{word} {texts}")


def _every(node, kind):
    """Give the nodes of a kind, outermost first."""
    if node.type == kind:
        yield node
        return
    for child in node.children:
        yield from _every(child, kind)
