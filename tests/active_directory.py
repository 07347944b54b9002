"""The same people and postoffices as Active Directory shows them: each entry of Exchange 5.5 in the words of Exchange 2000."""

import re
from collections.abc import Collection, Iterable

from remedy.dn import DN
from remedy.entry import Entry
from remedy.ldif import dump_entry
from tests.conftest import CONNECTIONS, RECIPIENTS, SERVERS, SITE
from tests.servers.people import peopled

DOMAIN = "DC=fabrikam,DC=com"
ORGANISATION = f"CN=FABRIKAM,CN=Microsoft Exchange,CN=Services,CN=Configuration,{DOMAIN}"
GROUP = f"CN=First Administrative Group,CN=Administrative Groups,{ORGANISATION}"
USERS = f"OU=Recipients,{DOMAIN}"

_PLACES = {
    f"cn=Site-Addressing,cn=Configuration,{SITE}": f"CN=Default Policy,CN=Recipient Policies,{ORGANISATION}",
    RECIPIENTS: USERS,
    CONNECTIONS: f"CN=Connections,CN=First Routing Group,CN=Routing Groups,{GROUP}",
    SERVERS: f"CN=Servers,{GROUP}",
    SITE: GROUP,
    "o=FABRIKAM": ORGANISATION,
}
_PERSON = ("top", "person", "organizationalPerson")
_CLASSES = {
    "organizationalperson": (*_PERSON, "user"),
    "remote-address": (*_PERSON, "contact"),
    "groupofnames": ("top", "group"),
    "public-folder": ("top", "publicFolder"),
    "ms-mail-connector": ("top", "msExchConnector", "mailGateway", "mSMailConnector"),
    "mail-gateway": ("top", "msExchConnector", "mailGateway"),
    "site-addressing": ("top", "msExchRecipientPolicy"),
    "dx-requestor": ("top", "remoteDXA", "dXRequestor"),
    "container": ("top", "organizationalUnit"),
}
_NAMES = {
    "uid": "mailNickname", "mail": "mail", "cn": "displayName", "home-mdb": "homeMDB", "home-mta": "homeMTA",
    "target-address": "targetAddress", "imported-from": "importedFrom",
    "hide-from-address-book": "msExchHideFromAddressLists", "routing-list": "routingList", "computer-name": "computerName",
    "gateway-proxy": "gatewayProxy", "dxa-remote-client": "dXARemoteClient", "mapi-recipient": "mAPIRecipient",
    "alt-recipient": "altRecipient", "deliv-cont-length": "delivContLength", "export-containers": "exportContainers",
    "is-deleted": "isDeleted", "sn": "sn",
}  # fmt: skip
_NAMING = {"homeMDB", "homeMTA", "dXARemoteClient", "altRecipient", "exportContainers"}


def placed(dn: DN | str) -> DN:
    """Give the name under which Active Directory has what Exchange 5.5 has under another."""
    name = DN.parse(dn) if isinstance(dn, str) else dn
    store = DN.parse("cn=Microsoft Private MDB")
    if DN(name.rdns[:1]) == store:
        server = name.parent.leaf
        return placed(name.parent).child("CN", "InformationStore").child("CN", "First Storage Group").child(
            "CN", f"Mailbox Store ({server})"
        )  # fmt: skip
    for old, new in _PLACES.items():
        top = DN.parse(old)
        if name.within(top):
            above = name.rdns[: len(name) - len(top)]
            return DN((*above, *DN.parse(new).rdns))
    raise AssertionError(f"{name} has no place in Active Directory")


def as_ad(entry: Entry) -> Entry:
    """Give an entry of Exchange 5.5 as Active Directory has it."""
    classes = next(
        (_CLASSES[name.lower()] for name in entry.texts("objectClass") if name.lower() in _CLASSES), ("top", "container")
    )  # fmt: skip
    attributes: dict[str, list[str | bytes]] = {"objectClass": list(classes)}
    if classes[-1] in {"organizationalUnit", "container"}:
        return Entry.of(placed(entry.dn), attributes)
    proxies: list[str | bytes] = []
    for attribute in entry:
        kind = attribute.base
        if kind == "othermailbox":
            proxies += [value.replace(b"$", b":", 1) for value in attribute.values]
        elif kind == "textencodedoraddress":
            proxies += [b"X400:" + value for value in attribute.values]
        elif kind in _NAMES:
            name = _NAMES[kind]
            moved = [str(placed(value.decode())) if name in _NAMING else value for value in attribute.values]
            attributes[name] = moved
    if "mail" in attributes:
        proxies.insert(0, b"SMTP:" + bytes(attributes["mail"][0]))
    if proxies:
        attributes["proxyAddresses"] = proxies
    named = {"cn": placed(entry.dn).leaf}
    return Entry.of(placed(entry.dn), {**attributes, **_mandatory(classes[-1]), **named})


def _mandatory(kind: str) -> dict[str, list[str | bytes]]:
    """Give what the schema demands of a class besides (facts §4.2)."""
    if kind in {"mSMailConnector", "mailGateway"}:
        return {"deliveryMechanism": ["1"]}
    return {"exportCustomRecipients": ["TRUE"]} if kind == "dXRequestor" else {}


def in_words(value: bytes) -> bytes:
    """Write a proxy of Exchange 5.5 as Active Directory writes it."""
    return value.replace(b"$", b":", 1)


def peopled_ad(entries: Iterable[Entry], *, there: Collection[str] = ()) -> tuple[Entry, ...]:
    """Give the entries as Active Directory has them, each behind what it hangs from and what it names.

    Those in ``there`` are there already, and are left out.
    """
    moved = [as_ad(entry) for entry in entries]
    named = [DN.parse(text) for entry in moved for name in ("homeMDB", "homeMTA") for text in entry.texts(name)]
    known = {entry.dn for entry in moved}
    stores = [Entry.of(dn, {"objectClass": ["top", "container"]}) for dn in dict.fromkeys(named) if dn not in known]
    last = [entry for entry in moved if entry.has("dXARemoteClient")]
    first = [entry for entry in moved if not entry.has("dXARemoteClient")]
    given = {DN.parse(text) for text in there}
    return tuple(entry for entry in peopled((*stores, *first, *last), DOMAIN) if entry.dn not in given)


def as_ldifde(entries: Iterable[Entry]) -> bytes:
    """Write an export as LDIFDE does: UTF-16 with its mark, CR LF, and every record as an addition."""
    records = (re.sub(r"\A(dn:.*(?:\n .*)*)\n", r"\1\nchangetype: add\n", dump_entry(entry)) for entry in entries)
    return "".join(records).replace("\n", "\r\n").encode("utf-16")
