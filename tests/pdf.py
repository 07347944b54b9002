"""What a PDF that Chromium printed tells of its own pages: its tags name the page of each piece (ISO 32000-1 §14.7)."""

import re
from collections import defaultdict

_OBJECT = re.compile(rb"(?ms)^(\d+) 0 obj\n(.*?)\nendobj")
_PARENT, _PAGE = re.compile(rb"/P (\d+) 0 R"), re.compile(rb"/Pg (\d+) 0 R")


def tables(data):
    """Give each table as its rows: what its cells are (``TH``, ``TD``), and the pages that the text of the row lies on."""
    bodies = {int(number): body for number, body in _OBJECT.findall(data)}
    every = {number: body for number, body in bodies.items() if b"/Type /StructElem" in body}
    order = {int(page): at for at, page in enumerate(re.findall(rb"(\d+) 0 R", _kids(bodies)), 1)}
    below = defaultdict(list)
    for number, body in every.items():
        if found := _PARENT.search(body):
            below[int(found[1])].append(number)

    def kind(number):
        return re.search(rb"/S /(\w+)", every[number])[1].decode()

    def pages(number):
        mine = {order[int(page)] for page in _PAGE.findall(every[number])}
        return mine.union(*(pages(kid) for kid in below[number]))

    rows = defaultdict(list)
    for number in every:
        if kind(number) == "TR":
            table = int(_PARENT.search(every[number])[1])
            rows[table].append(([kind(kid) for kid in below[number]], pages(number)))
    return list(rows.values())


def _kids(bodies):
    """Give the tree of pages, which names them in their order; Chromium parts a long one, a branch for eight pages."""
    numbers = {number: body for number, body in bodies.items() if b"/Type /Pages" in body}
    (root,) = (number for number, body in numbers.items() if not re.search(rb"/Parent \d", body))

    def leaves(number):
        kids = [int(kid) for kid in re.findall(rb"(\d+) 0 R", re.search(rb"(?s)/Kids \[(.*?)\]", numbers[number])[1])]
        return b" ".join(leaves(kid) if kid in numbers else b"%d 0 R" % kid for kid in kids)

    return leaves(root)
