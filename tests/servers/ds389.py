"""A private 389 Directory Server on loopback, made from nothing in a second; it dies with the test process.

Everything of it lies in a folder of its own. Its configuration is the template that dscreate fills in too, filled in
here: dscreate itself would write into /etc, /var and /run, ask systemd, and listen on every interface at first.
"""

import os
import pwd
import re
import shutil
import threading
from pathlib import Path

from tests.servers.people import ACCOUNTS, PASSWORD, account, as_ldif, peopled
from tests.servers.slapd import ACTIVE_DIRECTORY, EXCHANGE55, PATH, Private

TOOLS = ("ns-slapd", "certutil", "pk12util", "ldapmodify", "ldapsearch", "openssl")
HELP = "make test-389, which installs 389-ds-base and libnss3-tools (as root on Debian)"
SHIPPED = Path("/usr/share/dirsrv")
MANAGER = "cn=Directory Manager"
FOLDERS = ("config/schema", "db/userRoot", "bak", "home", "ldif", "lock", "logs", "run", "tmp")
SETTINGS = {
    "cn=config": """\
nsslapd-listenhost: {0.address}
nsslapd-securelistenhost: {0.address}
nsslapd-secureport: {0.secure_port}
nsslapd-security: {security}
nsslapd-rootpwstoragescheme: CLEAR
passwordStorageScheme: CLEAR
nsslapd-extract-pemfiles: off
nsslapd-accesslog-logging-enabled: off
""",
    "cn=config,cn=ldbm database,cn=plugins,cn=config": """\
nsslapd-cache-autosize: 0
nsslapd-dbcachesize: 4000000
""",
}
"""What the template leaves open. Told to write its key into a file, the server falls over one that is not RSA."""
DATABASE = """\

dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userRoot
nsslapd-suffix: {suffix}

dn: cn="{suffix}",cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: {suffix}
nsslapd-state: backend
nsslapd-backend: userRoot
"""
UNIQUE = ("off\nuniqueness-attribute-name: uid", "on\nuniqueness-attribute-name: {addresses}")
RIGHTS = """\
dn: {suffix}
changetype: modify
add: aci
aci: (targetattr!="userPassword")(version 3.0; acl "users read"; allow (read, search, compare) userdn="ldap:///all";)
aci: (target="ldap:///{recipients}")(targetattr="*")(version 3.0; acl "writer"; allow (all) userdn="ldap:///cn=writer,{suffix}";)
aci: (targetattr="*")(targetfilter="({hidden}=TRUE)")(version 3.0; acl "hidden"; deny (all) userdn="ldap:///cn=user,{suffix}";)
-
"""
"""The rights of the accounts, see `ACCOUNTS`; the limits are the server's own, the same for each."""
PLACES = {
    EXCHANGE55.suffix: {"recipients": f"cn=Recipients,ou=SEATTLE,{EXCHANGE55.suffix}", "hidden": "Hide-From-Address-Book"},
    ACTIVE_DIRECTORY.suffix: {
        "recipients": f"OU=Recipients,{ACTIVE_DIRECTORY.suffix}", "hidden": "msExchHideFromAddressLists",
    },
}  # fmt: skip
KINDS = {"attributetype": "attributeTypes", "objectclass": "objectClasses"}
DEFINED = re.compile(
    r"^(attributeTypes|objectClasses): \( *(\S+) +NAME +(\([^)]*\)|'[^']*')", re.MULTILINE | re.IGNORECASE
)


def borrowed(module, *, but=()):
    """Give the tests of a module, to be run in another on the servers of that one."""
    return {name: test for name, test in vars(module).items() if name.startswith("test_") and name not in but}


def missing():
    """Give what is not on this machine."""
    return [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]


class Ds389(Private):
    """One server, empty until `reload`."""

    def __init__(self, root, model=EXCHANGE55, *, tls=None, unique=False):
        super().__init__(root, model, MANAGER, tls=tls)
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        self.config, self.full = self.root / "config", False
        (self.config / "dse.ldif").write_text(self._settings(unique=unique))
        (self.config / "schema/99user.ldif").write_text(as_schema(model.schema))
        if tls:
            self._show(tls)

    def start(self):
        """Start it, and wait until it answers; it ends with the thread that starts it."""
        self.starter = threading.get_ident()
        return super().start()

    def __exit__(self, *_):
        """End it at once, and take its folder away; in order it would take seconds."""
        self.kill()
        shutil.rmtree(self.root)

    def command(self):
        """Run it in the foreground, and silently."""
        return ["ns-slapd", "-D", self.config, "-d", "0", "-i", self.root / "run/pid"]

    def reload(self, entries):
        """Begin afresh with other entries, under the same URL; it is started if it does not run, or not for us."""
        if self.process is None or self.process.poll() is not None or self.starter != threading.get_ident():
            self.kill()
            self.start()
        if self.full:
            names = self.export("1.1").strip().split("\n\n")
            self.modify("".join(f"{name}\nchangetype: delete\n\n" for name in reversed(names)))
        accounts = (account(name, self.suffix) for name in ACCOUNTS)
        self.modify(as_ldif((*peopled(entries, self.suffix), *accounts)), "-a")
        self.modify(RIGHTS.format(suffix=self.suffix, **PLACES[self.suffix]))
        self.full = True
        return self

    def _settings(self, *, unique):
        values = {
            "schema_dir": self.config / "schema", "cert_dir": self.config, "config_dir": self.config,
            "lock_dir": self.root / "lock", "tmp_dir": self.root / "tmp", "ldif_dir": self.root / "ldif",
            "bak_dir": self.root / "bak", "run_dir": self.root / "run", "inst_dir": self.root, "log_dir": self.root / "logs",
            "db_dir": self.root / "db", "db_home_dir": self.root / "home", "db_lib": "bdb", "fqdn": "localhost",
            "ds_port": self.port, "ds_user": pwd.getpwuid(os.getuid()).pw_name, "ds_suffix": self.suffix,
            "rootdn": self.admin, "ds_passwd": f"{{CLEAR}}{PASSWORD}", "ldapi": self.socket, "ldapi_enabled": "on",
            "ldapi_autobind": "on",
        }  # fmt: skip
        text = (SHIPPED / "data/template-dse.ldif").read_text()
        text = re.sub(r"%(\w+)%", lambda found: str(values[found[1]]), text).strip() + "\n"
        for name, lines in SETTINGS.items():
            more = lines.format(self, security="on" if self.tls else "off")
            text = text.replace(f"dn: {name}\n", f"dn: {name}\n{more}", 1)
        if unique:
            text = text.replace(UNIQUE[0], UNIQUE[1].format(addresses=self.model.addresses))
        return text + DATABASE.format(suffix=self.suffix)

    def _show(self, tls):
        """Put a certificate and its authority where the server looks for them."""
        whole, where = self.root / "tmp/whole.p12", ["-d", self.config]
        named = ["-name", "Server-Cert", "-passout", "pass:"]
        self._run("openssl", "pkcs12", "-export", "-in", tls.certificate, "-inkey", tls.key, *named, "-out", whole)
        self._run("certutil", "-N", *where, "--empty-password")
        self._run("pk12util", "-i", whole, *where, "-W", "")
        self._run("certutil", "-A", *where, "-n", "authority", "-t", "CT,,", "-a", "-i", tls.authority)


def as_schema(text):
    """Write a schema of slapd as this server takes it.

    A name that it knows keeps its number and gets the meaning that the tests need; only its groupOfNames stays as it is,
    since a class that is there cannot be put under one that comes later.
    """
    macros, lines, known = {}, ["dn: cn=schema"], _known()
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "objectidentifier":
            name, number = rest.split()
            macros[name] = number
        elif kind in KINDS and "'groupOfNames'" not in rest:
            number, names = rest.split()[1], rest.partition(" NAME ")[2]
            name = names.split("'")[1].lower()
            macro, _, last = number.partition(":")
            own = f"{macros[macro]}.{last}" if last else number
            lines.append(f"{KINDS[kind]}: {rest.replace(number, known.get((kind, name), own), 1)}")
    return "\n".join(lines) + "\n"


def _known():
    """Give the numbers of what the server knows by itself."""
    numbers, ours = {}, {theirs.lower(): kind for kind, theirs in KINDS.items()}
    for path in (SHIPPED / "schema").glob("*.ldif"):
        text = path.read_text(errors="replace").replace("\n ", "")
        for kind, number, names in DEFINED.findall(text):
            for name in re.findall(r"'([^']*)'", names):
                numbers[ours[kind.lower()], name.lower()] = number
    return numbers
