"""What Exchange 2000 adds to the schema of Active Directory, as far as the tests need it: one table for two servers.

The numbers are those of the real schema where the facts give them (facts §4.1, §4.2), and only identifiers elsewhere.
"""

from typing import NamedTuple

EXCHANGE = "1.2.840.113556.1.2"
CLASSES = "1.2.840.113556.1.3"
NEWER = "1.2.840.113556.1.4.7000.102"
KINDS = {
    # kind: (attributeSyntax, oMSyntax, syntax of slapd, its matching rules)
    "text": ("2.5.5.12", 64, "15", "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch"),
    "teletex": ("2.5.5.4", 20, "15", "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch"),
    "name": ("2.5.5.1", 127, "12", "EQUALITY distinguishedNameMatch"),
    "truth": ("2.5.5.8", 1, "7", "EQUALITY booleanMatch"),
    "number": ("2.5.5.9", 2, "27", "EQUALITY integerMatch"),
}


class Attribute(NamedTuple):
    name: str
    oid: str
    kind: str = "text"
    single: bool = True
    link: int = 0


class Kind(NamedTuple):
    name: str
    oid: str
    above: str
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


OF_RECIPIENTS = (
    Attribute("mailNickname", f"{EXCHANGE}.447"),
    Attribute("targetAddress", f"{EXCHANGE}.352"),
    Attribute("homeMDB", f"{EXCHANGE}.244", "name", link=32),
    Attribute("homeMTA", f"{EXCHANGE}.171", "name"),
    Attribute("msExchHomeServerName", f"{NEWER}.47"),
    Attribute("msExchHideFromAddressLists", f"{NEWER}.73", "truth"),
    Attribute("msExchPoliciesExcluded", f"{NEWER}.50051", single=False),
    Attribute("msExchPoliciesIncluded", f"{NEWER}.50050", single=False),
    Attribute("importedFrom", f"{EXCHANGE}.263"),
    Attribute("mAPIRecipient", f"{EXCHANGE}.371", "truth"),
    Attribute("altRecipient", f"{EXCHANGE}.126", "name"),
    Attribute("delivContLength", f"{EXCHANGE}.138", "number"),
    Attribute("extensionAttribute1", f"{EXCHANGE}.423"),
)
OF_THE_ORGANISATION = (
    Attribute("routingList", f"{EXCHANGE}.354", "teletex", single=False),
    Attribute("gatewayProxy", f"{EXCHANGE}.302", single=False),
    Attribute("computerName", f"{EXCHANGE}.20"),
    Attribute("deliveryMechanism", f"{EXCHANGE}.241", "number"),
    Attribute("dXARemoteClient", f"{EXCHANGE}.112", "name"),
    Attribute("dXAReqName", f"{EXCHANGE}.446"),
    Attribute("exportContainers", f"{EXCHANGE}.111", "name", single=False),
    Attribute("exportCustomRecipients", f"{EXCHANGE}.307", "truth"),
)
KINDS_OF_ENTRIES = (
    Kind("msExchConnector", "1.2.840.113556.1.5.7000.62.12004", "top", may=("routingList", "homeMTA")),
    Kind("mailGateway", f"{CLASSES}.51", "msExchConnector", ("deliveryMechanism",), ("computerName", "exportContainers")),
    Kind("mSMailConnector", f"{CLASSES}.31", "mailGateway"),
    Kind("remoteDXA", f"{CLASSES}.2", "top", ("dXARemoteClient", "exportCustomRecipients"), ("exportContainers", "dXAReqName")),
    Kind("dXRequestor", f"{CLASSES}.19", "remoteDXA"),
    Kind("msExchRecipientPolicy", "1.2.840.113556.1.5.7000.62.50024", "top", may=("gatewayProxy",)),
    Kind("publicFolder", f"{CLASSES}.48", "top", may=("homeMDB", "mailNickname", "targetAddress", "mail", "displayName")),
)  # fmt: skip


def for_samba(domain):
    """Write it as change records for a domain controller."""
    top = f"CN=Schema,CN=Configuration,{domain}"
    now = "dn:\nchangetype: modify\nadd: schemaUpdateNow\nschemaUpdateNow: 1\n-\n\n"
    attributes = (_samba_attribute(item, top) for item in (*OF_RECIPIENTS, *OF_THE_ORGANISATION))
    back = _samba_attribute(Attribute("homeMDBBL", f"{EXCHANGE}.393", "name", single=False, link=33), top)
    names = "".join(f"mayContain: {item.name}\n" for item in OF_RECIPIENTS)
    may = f"dn: CN=Mail-Recipient,{top}\nchangetype: modify\nadd: mayContain\n{names}-\n\n"
    may += f"dn: CN=Top,{top}\nchangetype: modify\nadd: mayContain\nmayContain: homeMDBBL\n-\n\n"
    kinds = (_samba_kind(item, top) + now for item in KINDS_OF_ENTRIES)
    return "".join((*attributes, back, now, may, now, *kinds))


def _samba_attribute(item, top):
    syntax, number, _, _ = KINDS[item.kind]
    lines = [
        f"dn: CN=ms-Exch-{item.name},{top}", "changetype: add", "objectClass: attributeSchema",
        f"lDAPDisplayName: {item.name}", f"attributeID: {item.oid}", f"attributeSyntax: {syntax}", f"oMSyntax: {number}",
        f"isSingleValued: {str(item.single).upper()}", "isMemberOfPartialAttributeSet: TRUE",
    ]  # fmt: skip
    if item.kind == "name":
        lines.append("oMObjectClass:: KwwCh3McAIVK")
    if item.link:
        lines.append(f"linkID: {item.link}")
    return "\n".join(lines) + "\n\n"


def _samba_kind(item, top):
    lines = [
        f"dn: CN=ms-Exch-{item.name},{top}", "changetype: add", "objectClass: classSchema",
        f"lDAPDisplayName: {item.name}", f"governsID: {item.oid}", "objectClassCategory: 1", f"subClassOf: {item.above}",
        "rDNAttID: cn", "possSuperiors: container", "possSuperiors: organizationalUnit",
        *(f"mustContain: {name}" for name in item.must), *(f"mayContain: {name}" for name in item.may),
    ]  # fmt: skip
    return "\n".join(lines) + "\n\n"


BASE = """\
# Written by tests/servers/exchange_schema.py: the names of Active Directory with Exchange 2000, modelled for slapd.
attributetype ( 2.5.4.4 NAME 'sn' SUP name )
attributetype ( 2.5.4.11 NAME 'ou' SUP name )
attributetype ( 0.9.2342.19200300.100.1.25 NAME 'dc' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 0.9.2342.19200300.100.1.3 NAME 'mail' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.4.655 NAME 'legacyExchangeDN' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.13 NAME 'displayName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.48 NAME 'isDeleted' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.1459 NAME 'msDS-Behavior-Version' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.1.99.2.1 NAME 'defaultNamingContext' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
attributetype ( 1.3.6.1.1.99.2.2 NAME 'configurationNamingContext' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
attributetype ( 1.3.6.1.1.99.2.3 NAME 'rootDomainNamingContext' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
attributetype ( 1.3.6.1.1.99.2.4 NAME 'forestFunctionality' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.1.99.2.5 NAME 'isGlobalCatalogReady' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
objectclass ( 2.5.6.5 NAME 'organizationalUnit' SUP top STRUCTURAL MUST ou MAY description )
objectclass ( 2.5.6.8 NAME 'organizationalRole' SUP top STRUCTURAL MUST cn MAY description )
objectclass ( 0.9.2342.19200300.100.4.19 NAME 'simpleSecurityObject' SUP top AUXILIARY MUST userPassword )
objectclass ( 1.2.840.113556.1.5.67 NAME 'domainDNS' SUP top STRUCTURAL MUST dc )
objectclass ( 1.2.840.113556.1.3.23 NAME 'container' SUP top STRUCTURAL MUST cn MAY description )
objectclass ( 1.2.840.113556.1.5.7000.53 NAME 'crossRefContainer' SUP top STRUCTURAL MUST cn MAY msDS-Behavior-Version )
objectclass ( 2.5.6.6 NAME 'person' SUP top ABSTRACT MUST cn MAY ( sn $ userPassword ) )
objectclass ( 2.5.6.7 NAME 'organizationalPerson' SUP person ABSTRACT )
"""
RECIPIENT = ("proxyAddresses", "legacyExchangeDN", "displayName", "mail", "sAMAccountName", "isDeleted")


def for_slapd():
    """Write it as a schema of slapd, with what Active Directory has by itself."""
    each = " $ ".join((*RECIPIENT, *(item.name for item in OF_RECIPIENTS)))
    people = {"user": ("9", "organizationalPerson"), "contact": ("15", "organizationalPerson"), "group": ("8", "top")}
    lines = [
        *(_slapd_attribute(item) for item in (*OF_RECIPIENTS, *OF_THE_ORGANISATION)),
        *(
            f"objectclass ( 1.2.840.113556.1.5.{number} NAME '{name}' SUP {above} STRUCTURAL MUST cn MAY ( {each} ) )"
            for name, (number, above) in people.items()
        ),
        *(_slapd_kind(item) for item in KINDS_OF_ENTRIES),
    ]
    return BASE + "\n".join(lines) + "\n"


def _slapd_attribute(item):
    _, _, syntax, rules = KINDS[item.kind]
    single = " SINGLE-VALUE" if item.single else ""
    return f"attributetype ( {item.oid} NAME '{item.name}' {rules} SYNTAX 1.3.6.1.4.1.1466.115.121.1.{syntax}{single} )"


def _slapd_kind(item):
    must = " $ ".join(("cn", *item.must))
    may = " $ ".join((*item.may, "proxyAddresses", "displayName"))
    return f"objectclass ( {item.oid} NAME '{item.name}' SUP {item.above} STRUCTURAL MUST ( {must} ) MAY ( {may} ) )"
