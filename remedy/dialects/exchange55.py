"""Exchange 4.0 to 5.5: the names, shapes and limits of its own directory."""

from remedy.dialects.base import Dialect, Names
from remedy.dn import DN
from remedy.entry import Entry
from remedy.estate import Home
from remedy.intents import CreateMailbox
from remedy.text import fold

__all__ = ["EXCHANGE55", "NAMES", "home_on"]

NAMES = Names(
    proxies="otherMailbox",  # Q263520; SDK:sch_attr_4gxf
    target="Target-Address",  # SDK:directry_5ho3
    routing="Routing-List",  # Q199412
    template="Gateway-Proxy",  # SDK:sch_attr_1189
    alias="uid",  # SDK:sch_attr_9ztx
    rdn="rdn",
    display="cn",  # over LDAP cn is the display name (SELFADSI)
    imported_from="Imported-From",  # SDK:sch_attr_0jzh
    hidden="Hide-From-Address-Book",
    deleted="Is-Deleted",  # SDK:sch_cont_7x9s; tombstones show under cn=admin (ADSIWP)
    client="DXA-Remote-Client",  # SDK:sch_attr_6ook
    exports=("Export-Containers",),  # SDK:sch_cont_4uox
    store="Home-MDB",  # SDK:sch_attr_7opu
    transfer="Home-MTA",
    computer="Computer-Name",  # Q185155
    primaries=(("mail", "rfc822Mailbox"), ("textEncodedORAddress",)),  # SELFADSI: not in otherMailbox
    restrictions=(  # SDK:sch_cont_24tw
        "Alt-Recipient",
        "Auth-Orig",
        "Unauth-Orig",
        "DL-Mem-Submit-Perms",
        "DL-Mem-Reject-Perms",
        "Deliv-Cont-Length",
        "AutoReply-Message",
    ),
)

CLASSES = {
    "organizationalperson": "mailbox",  # SELFADSI
    "mailbox": "mailbox",
    "1.2.840.113556.1.3.22": "mailbox",
    "remote-address": "custom-recipient",  # SDK:directry_5ho3
    "custom-recipient": "custom-recipient",  # ADSIWP
    "groupofnames": "distribution-list",  # Q263520
    "distribution-list": "distribution-list",
    "ms-mail-connector": "ms-mail-connector",  # inference: the class of that OID in AD
    "1.2.840.113556.1.3.31": "ms-mail-connector",
    "2a864886f71401031f": "ms-mail-connector",  # the OID as Administrator's raw mode prints it (Q199412)
    "dx-requestor": "pulls",  # inference: the class of that OID in AD
    "1.2.840.113556.1.3.19": "pulls",
    "2a864886f714010313": "pulls",
}

_CONFIGURATION = DN.parse("cn=Configuration")
_CREATED = "MS Mail postmaster mailbox planned by remedy (Q175447)"


def _site(entry: Entry) -> DN:
    """Give the site that an entry of its configuration belongs to; the root if it lies elsewhere."""
    rdns = entry.dn.rdns
    inside = (DN(rdns[n + 1 :]) for n in range(len(rdns)) if DN(rdns[n : n + 1]) == _CONFIGURATION)
    return next(inside, DN(()))


def _home(entry: Entry) -> Home | None:
    """Say where a mailbox on a connector's server lives."""
    site = _site(entry)
    transfer = entry.text(NAMES.transfer)
    if not len(site):
        return None
    if named := _name(transfer):
        return _on(named.parent, transfer, site)
    name = entry.text(NAMES.computer) or _between_brackets(entry.dn.leaf)
    return home_on(site, name) if name else None


def home_on(site: DN, name: str) -> Home:
    """Say where a mailbox on a server of a site lives (DN forms: Q199412 for the MTA, Q246567 for the store)."""
    server = site.child("cn", "Configuration").child("cn", "Servers").child("cn", name)
    return _on(server, str(server.child("cn", "Microsoft MTA")), site)


def _on(server: DN, transfer: str, site: DN) -> Home:
    """Say where a mailbox on a server lives, if its MTA is known."""
    store = server.child("cn", "Microsoft Private MDB")
    return Home(str(store), transfer, str(site.child("cn", "Recipients")))


def _name(text: str) -> DN | None:
    """Read a name that is a value; None if it is none."""
    try:
        return DN.parse(text) if text else None
    except ValueError:
        return None


def _between_brackets(leaf: str) -> str:
    """Read the server from a connector's name, ``MS Mail Connector (SERVER)`` (Q155592)."""
    return leaf.partition("(")[2].partition(")")[0]


def _mailbox(dialect: Dialect, intent: CreateMailbox) -> Entry:
    """Give a mailbox the attributes that public practice shows to work (facts §2.4): leaf class, no rdn.

    The display name is the alias, so that a server which calls the naming attribute cn takes the entry too.
    """
    addresses = [dialect.postmaster(name) for name in intent.postoffices]
    if intent.site and intent.site.own:
        addresses.insert(0, f"MS{dialect.separator}{intent.site.own}/{intent.alias.upper()}".encode())
    attributes: dict[str, str | list[bytes]] = {
        "objectClass": "organizationalPerson",
        "cn": intent.alias,
        "sn": intent.alias,
        NAMES.alias: intent.alias,
        "mailPreferenceOption": "0",  # mandatory Delivery-Mechanism: message store (SDK:sch_cont_7tiw, Q244595)
        "MAPI-Recipient": "TRUE",
        "MDB-Use-Defaults": "TRUE",
        NAMES.store: intent.home.store,
        NAMES.transfer: intent.home.transfer,
        **_primaries(intent),
        NAMES.proxies: addresses,
        "Admin-Description": _CREATED,
    }
    return Entry.of(DN.parse(intent.home.container).child("cn", intent.alias), attributes)


def _primaries(intent: CreateMailbox) -> dict[str, str]:
    """Make the SMTP and X.400 address by the site's templates; the X.400 one must exist for routing (Q155104)."""
    found: dict[str, str] = {}
    for template in intent.site.templates if intent.site else ():
        kind, body = fold(template.partition(":")[0]), template.partition(":")[2]
        if kind == "smtp" and "@" in body:
            found["mail"] = f"{intent.alias.lower()}{body[body.index('@') :]}"
        elif kind == "x400":
            found["textEncodedORAddress"] = f"{body.rstrip(';')};s={intent.alias};"
    return found


EXCHANGE55 = Dialect(
    name="exchange55",
    title="Exchange 5.5 directory",
    names=NAMES,
    classes=CLASSES,
    signs=(NAMES.routing, NAMES.template, NAMES.target, NAMES.store, NAMES.client),
    separator="$",  # Q263520
    cap=150,  # under the 200 at which 4.0 fails (Q146345)
    hard_cap=200,
    generated=3,  # MS, SMTP and X.400, which every site has
    page_size=100,  # Q246567
    sweep=True,  # equality on otherMailbox is unknown [U], substrings may be cut down (OPS:xog16007), DN syntax fails (Q246567)
    versions=frozenset({"4.0", "4.0sp3", "5.0", "5.5", "5.5sp4"}),
    skip=(DN.parse("ou=_ABVIEWS_"),),  # Q192306: views repeat recipients
    home_of=_home,
    site_of=lambda entry: str(_site(entry)),
    new_mailbox=_mailbox,
)
