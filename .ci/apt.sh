# Sourced by make: `need PACKAGE...` installs the Debian packages that are missing, as root, without starting daemons.
need() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        echo "Missing:$missing. Install them, or run make as root on Debian." >&2
        return 1
    fi
    # Debian's slapd would listen on every interface once installed: this file says no (its SLAPD_SENTINEL_FILE).
    mkdir -p /etc/ldap && touch /etc/ldap/noslapd
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
