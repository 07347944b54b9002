"""Active Directory with Exchange 2000 and later: the names, shapes and limits of its schema extension."""

from remedy.dialects.base import Dialect, Names
from remedy.dn import DN
from remedy.entry import Entry
from remedy.query import Equal
from remedy.text import fold

__all__ = ["ACTIVE_DIRECTORY"]

NAMES = Names(
    proxies="proxyAddresses",  # MS-ADA3 2.169
    target="targetAddress",  # this and all below: the Exchange schema extension (facts §4.1, §4.2)
    routing="routingList",
    template="gatewayProxy",  # on recipient policies and site addressing
    alias="mailNickname",
    rdn="cn",
    display="displayName",
    imported_from="importedFrom",
    hidden="msExchHideFromAddressLists",
    deleted="isDeleted",
    client="dXARemoteClient",
    exports=("exportContainers",),
    store="homeMDB",
    transfer="homeMTA",
    computer="computerName",
    primaries=(),  # every address is a value of proxyAddresses (Exchange team blog, 2005-01-10)
    restrictions=(  # the twins of those of 5.5 (inference: the schemas share their attributes)
        "altRecipient",
        "authOrig",
        "unauthOrig",
        "dLMemSubmitPerms",
        "dLMemRejectPerms",
        "delivContLength",
        "autoReplyMessage",
    ),
    policies=("msExchPoliciesExcluded",),  # Q318072
    legacy="legacyExchangeDN",  # MS-ADA1; /o=ORG/ou=SITE/cn=Recipients/cn=ALIAS
)

CLASSES = {
    "contact": "custom-recipient",  # mail-enabled only: it has no store (facts §4.4)
    "group": "distribution-list",
    "msexchdynamicdistributionlist": "distribution-list",
    "publicfolder": "other",  # it names a store too, and is no mailbox
    "msmailconnector": "ms-mail-connector",
    "1.2.840.113556.1.3.31": "ms-mail-connector",
    "dxrequestor": "pulls",
    "1.2.840.113556.1.3.19": "pulls",
}
"""A user is what its attributes say: with a store a mailbox, else with a target a custom recipient."""

_NO_POLICY = "{26491cfc-9e50-4857-861b-0cb8df22b5d7}"
"""What `msExchPoliciesExcluded` holds where no recipient policy writes to the entry (Q318072)."""


def _policy(entry: Entry) -> str:
    """Say that recipient policies write to a mailbox, unless it is taken out of them."""
    excluded = any(_NO_POLICY in fold(text) for text in entry.texts("msExchPoliciesExcluded"))
    if excluded or not entry.has(NAMES.store):
        return ""
    return f"recipient policies may write to it, since its msExchPoliciesExcluded does not hold {_NO_POLICY.upper()}"


def _owns(entry: Entry) -> bool:
    """Tell whether a mailbox is kept by Exchange 2000 or later; a store of 5.5 has a name of its own (Q246567).

    That such a name stands in Active Directory as it does in the directory of 5.5 is an inference.
    """
    try:
        store = DN.parse(entry.text(NAMES.store))
    except ValueError:
        return False
    return len(store) > 0 and fold(store.leaf) != "microsoft private mdb"


def _level(entry: Entry) -> int | None:
    """Read the functional level of the forest: off a server's root, or off its crossRefContainer (MS-ADTS)."""
    classes = map(fold, entry.texts("objectClass"))
    text = entry.text("forestFunctionality") or (
        entry.text("msDS-Behavior-Version") if "crossrefcontainer" in classes else ""
    )
    return int(text) if text.isascii() and text.isdigit() else None


ACTIVE_DIRECTORY = Dialect(
    name="active-directory",
    title="Active Directory with Exchange 2000 or later",
    names=NAMES,
    classes=CLASSES,
    signs=(
        NAMES.proxies, NAMES.target, NAMES.routing, NAMES.template, NAMES.alias, NAMES.store, NAMES.client,
    ),
    separator=":",  # Exchange team blog, 2005-01-10
    cap=700,  # under the 800 that Windows 2000 is said to take of an entry's values (facts §7)
    hard_cap=800,
    raised_cap=(2, 1200),  # from the functional level of Windows Server 2003 on
    level_of=_level,
    generated=3,  # MS, SMTP and X.400
    page_size=1000,  # MaxPageSize (MS-ADTS)
    sweep=False,
    contexts=("defaultNamingContext", "configurationNamingContext"),
    root_signs=("rootDomainNamingContext",),
    versions=frozenset({"2000", "2003"}),
    earliest="2000",
    apart=tuple(map(DN.parse, ("CN=Schema", "DC=DomainDnsZones", "DC=ForestDnsZones"))),
    also=(Equal("objectClass", "crossRefContainer"),),
    catalogue=((389, 3268), (636, 3269)),  # the global catalogue (MS-ADTS)
    catalogue_sign="isGlobalCatalogReady",
    hides=False,
    policy_of=_policy,
    owns=_owns,
)  # fmt: skip
