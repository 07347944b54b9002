"""What a server answers, as sentences: the codes of RFC 4511 that matter here, and what to do about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remedy.errors import InputError, RemedyError, Stale, Unreachable
from remedy.text import joined, printable

__all__ = ["Result", "Unasserted", "refused_login", "refused_read", "refused_write"]

_RIGHTS = (
    "Bind as one that has it: on Exchange 5.5 by the Admin. or Permissions Admin. role, in Active Directory by a permission "
    "to write that property."
)
_VIEW = "Bind as somebody who may (--bind-dn); on Exchange 5.5 a name that ends in ,cn=admin (Q185475)."
_LESS = "Bind as somebody the server gives more to, or ask for less at a time with --page-size."
_FULL = "Too many addresses on one entry do this (Q146345): plan with a smaller --max-proxies."
_LATER = "Wait, then try again; a run that had begun goes on with --resume."
_LOGIN = "Check --bind-dn and the password; Exchange 5.5 takes dc=DOMAIN,cn=USER (Q182507)."
_TLS = "Use ldaps:// or --starttls."


@dataclass(frozen=True, slots=True)
class Result:
    """The end of an operation as the server tells it."""

    code: int
    text: str = ""
    """The diagnostic message; whatever the server likes to say."""
    referrals: tuple[str, ...] = ()
    values: Mapping[str, bytes] | None = None
    """The values of the controls that came with it, by OID."""

    @property
    def said(self) -> str:
        """Give code, name and message in one line."""
        name = _NAMES.get(self.code, "unknown result")
        text = printable(self.text.rstrip("\x00 \n."))
        named = f" ({joined(map(printable, self.referrals))})" if self.referrals else ""
        return f"{self.code} {name}{named}{f', {text}' if text else ''}"


_NAMES = {
    1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral", 11: "adminLimitExceeded",
    12: "unavailableCriticalExtension", 13: "confidentialityRequired", 14: "saslBindInProgress",
    16: "noSuchAttribute", 17: "undefinedAttributeType", 18: "inappropriateMatching", 19: "constraintViolation",
    20: "attributeOrValueExists", 21: "invalidAttributeSyntax", 32: "noSuchObject", 34: "invalidDNSyntax",
    48: "inappropriateAuthentication", 49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy",
    52: "unavailable", 53: "unwillingToPerform", 64: "namingViolation", 65: "objectClassViolation",
    67: "notAllowedOnRDN", 68: "entryAlreadyExists", 80: "other", 122: "assertionFailed",
}  # fmt: skip
_READING = {
    1: _VIEW, 3: _LESS, 4: _LESS, 11: _LESS, 32: f"Check the base in the URL. {_VIEW}", 50: _VIEW,
    8: _TLS, 13: _TLS, 51: _LATER, 52: _LATER,
    10: "Name the server that it refers to; referrals are never followed.",
    12: "It cannot give results in pages: export the directory to LDIF, and give that file.",
}  # fmt: skip
_WRITING = {
    50: _RIGHTS, 8: _TLS, 13: _TLS, 4: _FULL, 11: _FULL, 51: _LATER, 52: _LATER,
    10: "Apply to the server that it refers to; referrals are never followed.",
    53: "Ask the server's own log why; a read-only copy refuses like this.",
}  # fmt: skip
_STALE = {
    16: ("value", "the value to delete", "no such value"),
    20: ("value", "no such value", "it is there already"),
    32: ("entry", "an entry of this name", "none"),
    68: ("entry", "no entry of this name", "one"),
    122: ("value", "the values that were read", "others"),
}
_UNASSERTED = 122
_LOGINS = {
    7: "Use a simple bind: --bind-dn, without --sasl.",
    8: _TLS, 13: _TLS, 34: _LOGIN, 48: _LOGIN, 49: _LOGIN, 53: _LOGIN,
}  # fmt: skip
_ELSE = "Look into the server's log; on Exchange 5.5 raise the category LDAP Interface (Q255291)."


class Unasserted(Stale):
    """The server says that what must hold for an entry does not.

    OpenLDAP says it too where it does hold: its unique overlay judges the assertion by the base of its own search.
    """


def refused_login(name: str, result: Result) -> Unreachable:
    """Say that the server does not let us in."""
    advice = _LOGINS.get(result.code, _ELSE)
    return Unreachable(f"{printable(name)}: the server does not let us in: {result.said}. {advice}")


def refused_read(name: str, result: Result, seen: int) -> InputError:
    """Say that the server did not give all that was asked for."""
    after = f" after {seen:,} entries, which count for nothing" if seen else ""
    advice = _READING.get(result.code, _ELSE)
    return InputError.of(name, f"the server ends the search{after}: {result.said}.", advice)


def refused_write(dn: str, result: Result, attributes: Sequence[str] = ()) -> RemedyError:
    """Say why the server did not make a change of some attributes; `Stale` if the directory is not as it was read.

    A constraint (19) is where a server that keeps addresses unique says that somebody else has one.
    """
    shown = printable(dn)
    if result.code in _STALE:
        what, expected, found = _STALE[result.code]
        kind = Unasserted if result.code == _UNASSERTED else Stale
        return kind(shown, what, expected=expected, found=found)
    if result.code == 19:  # noqa: PLR2004 - named above
        return Stale(shown, "value", expected="no constraint against it", found=result.said)
    advice = _WRITING.get(result.code, _ELSE)
    if result.code == 50:  # noqa: PLR2004 - named above
        what = (
            f"the right to write {joined(attributes)} of this entry" if attributes else "the right to make this entry"
        )
        advice = f"The account lacks {what}. {advice}"
    return InputError.of(dn, f"the server refuses the change: {result.said}.", advice)
