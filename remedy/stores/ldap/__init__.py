"""The one room that knows ldap3: live directories, to read and to change."""

from remedy.stores.ldap.store import LdapStore
from remedy.stores.ldap.target import LdapTarget

__all__ = ["LdapStore", "LdapTarget"]
