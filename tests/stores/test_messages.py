"""What is written here and not by the library must be what the library writes; what comes is read, or refused whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3 import BASE, DEREF_NEVER
from ldap3.operation.modify import modify_operation
from ldap3.operation.search import compile_filter, parse_filter, search_operation
from ldap3.protocol.convert import build_controls_list
from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
from ldap3.utils.asn1 import decode_message_fast, encode

from remedy.change import Delete, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.stores.ldap import messages
from remedy.stores.ldap.messages import ASSERTION, NotLdapError, frame_size, received
from tests.servers.ber import TAGS, element, elements, number, octets

NUMBERS = st.integers(min_value=1, max_value=2**31 - 1)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=200)
ATTRIBUTES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)
VALUES = st.binary(max_size=300)
NO = False
FILLED = st.builds(
    Mod,
    st.sampled_from(Op),
    ATTRIBUTES,
    st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=3).map(tuple),
)
MOD = st.builds(Mod, st.sampled_from(Op), ATTRIBUTES, st.lists(VALUES, min_size=1, max_size=4).map(tuple))


def by_the_library(numbered, kind, request, control=None):
    message = LDAPMessage()
    message["messageID"] = MessageID(numbered)
    message["protocolOp"] = ProtocolOp().setComponentByName(kind, request)
    if control:
        message["controls"] = build_controls_list([control])
    return encode(message)


@given(NUMBERS, NAMES, st.lists(ATTRIBUTES, unique=True, max_size=5).map(tuple))
def test_a_look_is_what_the_library_writes(numbered, dn, attributes):
    search = search_operation(dn, "(objectClass=*)", BASE, DEREF_NEVER, list(attributes), 0, 0, NO, NO, NO)
    assert messages.look(numbered, dn, attributes) == by_the_library(numbered, "searchRequest", search)


@given(NUMBERS, NAMES, MOD)
def test_a_change_is_what_the_library_writes(numbered, name, mod):
    dn = DN.parse("o=x").child("cn", name)
    request = modify_operation(str(dn), {mod.attribute: [({"add": 0, "delete": 1}[mod.op], list(mod.values))]}, NO)
    assert messages.change(numbered, Modify(dn, (mod,))) == by_the_library(numbered, "modifyRequest", request)


@given(st.lists(MOD, min_size=1, max_size=5))
def test_modifications_keep_their_order(mods):
    (_, whole), *_ = elements(messages.change(1, Modify(DN.parse("o=x"), tuple(mods))))
    (_, (kind, request)) = elements(whole)
    (_, (_, listed)) = elements(request)
    found = [elements(one) for _, one in elements(listed)]
    assert kind == 0x66
    assert [
        (op, *((name, tuple(value for _, value in elements(values))) for (_, name), (_, values) in [elements(pair)]))
        for (_, op), (_, pair) in found
    ] == [(bytes([mod.op == "delete"]), (mod.attribute.encode(), mod.values)) for mod in mods]


def by_the_filter(mods):
    """Give what must hold as the library encodes a filter (RFC 4515)."""
    terms = []
    for mod in mods:
        for value in mod.values:
            term = f"({mod.attribute}={''.join(f'{chr(92)}{byte:02x}' for byte in value)})"
            terms.append(term if mod.op is Op.DELETE else f"(!{term})")
    text = terms[0] if len(terms) == 1 else f"(&{''.join(terms)})"
    return encode(compile_filter(parse_filter(text, None, NO, NO, None, NO).elements[0]))


@given(NUMBERS, st.lists(FILLED, min_size=1, max_size=4))
def test_a_change_says_what_must_hold_as_the_library_would(numbered, mods):
    change = Modify(DN.parse("o=x"), tuple(mods))
    (_, plain), *_ = elements(messages.change(numbered, change))
    (_, asserted), *_ = elements(messages.change(numbered, change, asserted=True))
    control = encode(build_controls_list([(ASSERTION, True, by_the_filter(mods))]))
    assert asserted == plain + control


def test_no_entry_is_deleted():
    with pytest.raises(TypeError, match="Q284199"):
        messages.change(1, Delete(Entry.of("o=x", {})))


FOUND = st.builds(
    lambda name, pairs: (name.encode(), tuple(Attribute(kind, values) for kind, values in pairs)),
    NAMES,
    st.lists(st.tuples(ATTRIBUTES, st.lists(VALUES, max_size=4).map(tuple)), max_size=5),
)


def entry_message(numbered, name, attributes, *controls):
    listed = (element(0x30, octets(item.name), element(0x31, *map(octets, item.values))) for item in attributes)
    return element(0x30, number(numbered), element(0x64, octets(name), element(0x30, *listed)), *controls)


@given(NUMBERS, FOUND, st.booleans())
def test_an_entry_is_read_as_it_came(numbered, found, with_control):
    controls = [element(0xA0, element(0x30, octets("1.2.3")))] if with_control else []
    frame = entry_message(numbered, *found, *controls)
    message = received(frame)
    assert (message.number, message.found) == (numbered, found)
    listed = decode_message_fast(frame)["payload"][1][3]
    library = tuple(Attribute(kind[3].decode(), tuple(item[3] for item in values[3])) for *_, (kind, values) in listed)
    assert message.found.attributes == library


@given(FOUND, st.data())
def test_a_spoilt_entry_is_refused_or_read_and_never_worse(found, data):
    frame = bytearray(entry_message(70000, *found))
    for place in data.draw(st.lists(st.integers(0, len(frame) - 1), min_size=1, max_size=4)):
        frame[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(frame)))
    for spoilt in (bytes(frame), bytes(frame[:cut])):
        try:
            message = received(spoilt)
        except NotLdapError:
            continue
        assert message.found is None or all(isinstance(item, Attribute) for item in message.found.attributes)


@given(FOUND, st.integers(1, 1 << 20))
def test_an_element_that_reaches_past_its_frame_is_no_ldap(found, more):
    name, attributes = found
    body = element(
        0x30, number(70000), element(0x64, octets(name), element(0x30, *(octets(a.name) for a in attributes)))
    )
    lied = body[:-1] if more % 2 else body + b"\x04\x7f"
    with pytest.raises(NotLdapError):
        received(lied)


def nested(levels: int) -> bytes:
    """Sequences in sequences, which a decoder that calls itself follows to the end."""
    data = b""
    for _ in range(levels):
        data = b"\x30\x84" + len(data).to_bytes(4, "big") + data
    return data


ENDLESS = nested(5000)


BODY = b"\x02\x01\x05\x65\x84" + len(ENDLESS).to_bytes(4, "big") + ENDLESS


@pytest.mark.parametrize(
    "frame",
    [
        b"\x30\x84" + len(BODY).to_bytes(4, "big") + BODY,
        bytes.fromhex("301c02010078170a01000400226d8a0e312e332e362e312e312e32ce2e34"),
    ],
    ids=["nested", "longer-than-can-be"],
)
def test_what_no_decoder_can_follow_is_no_ldap(frame):
    with pytest.raises(NotLdapError):
        received(frame)


@given(st.binary(max_size=80))
def test_noise_is_no_ldap_or_an_answer(noise):
    try:
        assert frame_size(noise[:10]) <= 256 << 20
        received(noise)
    except NotLdapError:
        return


ENDS = {"searchResDone": 5, "modifyResponse": 7, "addResponse": 9}


@given(NUMBERS, st.sampled_from(list(ENDS)), st.integers(0, 4096), st.text(max_size=60), st.lists(NAMES, max_size=3))
def test_an_end_is_read_as_the_library_reads_it(numbered, kind, code, text, urls):
    more = [element(0xA3, *map(octets, urls))] if urls else []
    body = element(TAGS[kind], number(code, 10), octets("o=x"), octets(text), *more)
    plain = received(element(0x30, number(numbered), body))
    through = received(element(0x30, number(numbered), body, element(0xA0, element(0x30, octets("1.2.3")))))
    assert plain == through
    assert (plain.number, plain.kind) == (numbered, ENDS[kind])
    assert (plain.result.code, plain.result.text, plain.result.referrals) == (code, text, tuple(urls))
