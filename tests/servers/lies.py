"""What a server might say: answers built by hand for the proxy to deliver, and rules that rewrite what it delivers."""

from tests.servers.ber import control as ber_control
from tests.servers.ber import element, elements, message, number, octets
from tests.servers.proxy import Action

PAGED = "1.2.840.113556.1.4.319"
ASSERTION = "1.3.6.1.1.12"
ANSWERS = {
    "bindRequest": "bindResponse",
    "searchRequest": "searchResDone",
    "modifyRequest": "modifyResponse",
    "addRequest": "addResponse",
    "delRequest": "delResponse",
    "modDNRequest": "modDNResponse",
    "extendedReq": "extendedResp",
}


# --- Messages ---------------------------------------------------------------------------------------------------------


def result(kind, identity, code=0, text="", *, matched="", referrals=(), controls=b""):
    """Build any answer that is a result; ``kind`` may be the request that it answers."""
    parts = [number(code, 10), octets(matched), octets(text)]
    if referrals:
        parts.append(element(0xA3, *map(octets, referrals)))
    return message(identity, ANSWERS.get(kind, kind), *parts, controls=controls)


def refusal(request, code, text="", **more):
    """Build the answer that refuses a request: ``proxy.on("modifyRequest", lambda m: Reply(refusal(m, 51)))``."""
    return result(request.kind, request.id, code, text, **more)


def search_done(identity, code=0, text="", **more):
    """Build the end of a search."""
    return result("searchResDone", identity, code, text, **more)


def paged_done(identity, cookie, size=0, code=0):
    """Build the end of a page."""
    value = element(0x30, number(size), octets(cookie))
    return search_done(identity, code, controls=ber_control(PAGED, value))


def found(identity, dn, attributes, controls=b""):
    """Build a searchResEntry."""
    held = (element(0x30, octets(name), element(0x31, *map(octets, values))) for name, values in attributes.items())
    return message(identity, "searchResEntry", octets(str(dn)), element(0x30, *held), controls=controls)


def reference(identity, *urls):
    """Build a searchResRef: go on searching there."""
    return message(identity, "searchResRef", *map(octets, urls))


def notice(text=""):
    """Build the notice of disconnection (RFC 4511 §4.4.1)."""
    parts = [number(52, 10), octets(""), octets(text), octets("1.3.6.1.4.1.1466.20036", 0x8A)]
    return message(0, "extendedResp", *parts)


# --- Rewriting --------------------------------------------------------------------------------------------------------


def rewritten(entry, change):
    """Give a searchResEntry with other attributes: ``change`` is called with them, and gives them or None."""
    attributes = entry.attributes
    return found(entry.id, entry.dn, change(attributes) or attributes, entry.raw_controls)


def without(name, *values):
    """Make an action for searchResEntry: it hides values of an attribute, or with no values the attribute."""
    gone = {value.encode() for value in values}

    def hide(attributes):
        held = attributes.pop(name, None)
        if held and gone:
            attributes[name] = [value for value in held if value not in gone]

    return lambda entry: rewritten(entry, hide)


def without_assertion():
    """Make an action for searchResEntry: the root DSE does not list the assertion control."""
    return without("supportedControl", ASSERTION)


def asking(request, names):
    """Give a searchRequest that asks for other attributes."""
    parts = elements(request.parts[1][1])
    parts[7] = (0x30, b"".join(map(octets, names)))
    built = (element(tag, content) for tag, content in parts)
    return message(request.id, "searchRequest", *built, controls=request.raw_controls)


class Ranges:
    """A rule: at most ``step`` values of an attribute an answer, as Active Directory does: ``member;range=0-1499``.

    A later request for ``member;range=1500-*`` is understood; an entry with no more than ``step`` values stays whole.
    """

    def __init__(self, name, step):
        self.name, self.step, self.starts = name, step, {}

    def __call__(self, message):
        if message.kind == "searchRequest":
            return self._request(message)
        return self._entry(message) if message.kind == "searchResEntry" else Action.PASS

    def _request(self, message):
        prefix = f"{self.name};range=".lower()
        asked = message.asked
        starts = [int(name[len(prefix) :].split("-")[0]) for name in asked if name.lower().startswith(prefix)]
        if not starts:
            return Action.PASS
        self.starts[message.connection, message.id] = starts[0]
        return asking(message, [self.name if name.lower().startswith(prefix) else name for name in asked])

    def _entry(self, message):
        start = self.starts.get((message.connection, message.id))
        return rewritten(message, lambda attributes: self._cut(attributes, start))

    def _cut(self, attributes, start):
        name = next((name for name in attributes if name.lower() == self.name.lower()), None)
        if name is None or (start is None and len(attributes[name]) <= self.step):
            return
        values, first = attributes.pop(name), start or 0
        last = "*" if first + self.step >= len(values) else first + self.step - 1
        attributes[f"{name};range={first}-{last}"] = values[first : first + self.step]


class EndlessPages:
    """A rule: after ``full`` pages every further one is empty and brings the same cookie again, as if there were more."""

    def __init__(self, cookie=b"again", full=1):
        self.cookie, self.full, self.pages, self.empty = cookie, full, 0, set()

    def __call__(self, message):
        if message.kind == "searchRequest" and PAGED in message.controls:
            self.pages += 1
            if self.pages > self.full:
                self.empty.add((message.connection, message.id))
        empty = (message.connection, message.id) in self.empty
        if message.kind == "searchResEntry" and empty:
            return Action.SWALLOW
        if message.kind == "searchResDone" and (empty or PAGED in message.controls):
            return paged_done(message.id, self.cookie)
        return Action.PASS


def silent_page_cap(size):
    """Make a rule: a page has ``size`` entries whatever was asked, as Active Directory's MaxPageSize does."""

    def cap(request):
        if request.kind != "searchRequest" or PAGED not in request.controls:
            return Action.PASS
        (_, asked), (_, cookie) = elements(elements(request.controls[PAGED])[0][1])
        value = element(0x30, number(min(size, int.from_bytes(asked, "big"))), octets(cookie))
        body = (element(tag, content) for tag, content in request.body)
        others = b"".join(
            element(0x30, content)
            for _, content in elements(request.raw_controls)
            if elements(content)[0][1].decode() != PAGED
        )
        control = ber_control(PAGED, value, critical=True)
        return message(request.id, "searchRequest", *body, controls=others + control)

    return cap
