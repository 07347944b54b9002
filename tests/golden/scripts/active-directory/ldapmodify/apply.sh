#!/bin/sh
# A shell script for ldapmodify (OpenLDAP)
# The changes of the plan sha256:f0a7475e457783d4d15270fbdbaa88e0e2ae04eacc442c4c1a00537aa9056bf4
#
# Usage: ./apply.sh -H URL -D BIND_DN -y PASSWORDFILE [--allow HAZARD]... [--apply]
#    or: ./apply.sh -H ldapi:/// -Y EXTERNAL -Q [--allow HAZARD]... [--apply]
#
# Without --apply nothing is written: it only looks, and says what would become of each entry.
# Each entry counts as one: its values are all missing (it is changed), or all there (it is left alone), or else
# nothing at all is changed, because the directory is not as the plan expects it: make a new plan with `remedy plan`.
# A value that is there in another case counts as there (RFC 4518); an address that anybody else holds is not given to
# a second one (Q251152). Only secondary addresses are added, their type in lower case (Q153028).
#
# Options, as ldapmodify(1) has them: -H -D -y -x -Z -ZZ -Y -U -X -R -O -Q -N -o. Certificates: LDAPTLS_CACERT, ldap.conf(5).
# The password is read from a file without a newline at its end (printf %s 'PASSWORD' > FILE); it never is an argument.
# --insecure-plain lets the password go over the network in clear, which is refused otherwise.
# Other holders of an address are looked for in the domain of each entry; `remedy apply` looks in the whole forest.
#
# Exit codes:
#   0  done, or nothing left to do, or without --apply: it can be done
#   1  failed: a tool is missing, a file cannot be written, the server refuses; nothing was changed
#   2  wrong usage, or undo.sh has nothing noted to take back
#   4  refused: a password would go in clear, or nobody allowed a hazard; nothing was changed
#   5  the directory is not as the plan expects it; nothing was changed
#   6  stopped after something was changed, or may have been; run it again: what is done is left alone
#   7  cannot connect or log in
# 130  interrupted; the request in flight was finished; run it again to go on
#
# Beside this script it writes, with --apply: a log, the entries as they were before (.before.ldif), what was sent
# (.sent.ldif), and journal.txt, by which undo.sh knows what to take back.
# shellcheck disable=SC2016 # values stand in single quotes so that nothing in them has a meaning
set -eu
umask 077
LC_ALL=C
export LC_ALL
way=apply
plan=sha256:'f0a7475e457783d4d15270fbdbaa88e0e2ae04eacc442c4c1a00537aa9056bf4'

# --- What is wanted ---

usage() {
    printf '%s: %s\n' "$0" "$1" >&2
    printf 'Usage: %s -H URL (-D BIND_DN -y PASSWORDFILE | -Y MECHANISM) [--apply]; more in the head of this file.\n' "$0" >&2
    exit 2
}

write=no all=no plain=no allowed=' ' url='' bind='' secret='' tls='' simple='' quiet='' literal=''
mechanism='' authcid='' authzid='' realm='' security='' general=''
while [ $# -gt 0 ]; do
    case $1 in
    --apply) write=yes ;;
    --all) all=yes ;;
    --insecure-plain) plain=yes ;;
    -x) simple=-x ;;
    -Z | -ZZ) tls=$1 ;;
    -Q) quiet=-Q ;;
    -N) literal=-N ;;
    -H | -D | -y | -Y | -U | -X | -R | -O | -o | --allow)
        [ $# -ge 2 ] || usage "$1 needs a value"
        case $1 in
        -H) url=$2 ;;
        -D) bind=$2 ;;
        -y) secret=$2 ;;
        -Y) mechanism=$2 ;;
        -U) authcid=$2 ;;
        -X) authzid=$2 ;;
        -R) realm=$2 ;;
        -O) security=$2 ;;
        -o) general=$2 ;;
        --allow) allowed="$allowed$2 " ;;
        esac
        shift
        ;;
    -w* | -W) usage 'give the password in a file, with -y' ;;
    *) usage "there is no option $1" ;;
    esac
    shift
done
[ "$all" = no ] || [ "$way" = undo ] || usage 'there is no option --all'
[ -n "$url" ] || usage 'name the server, with -H'
case $url in *[!!-~]* | *,*) usage '-H: name one server, as in ldaps://server' ;; esac
[ -n "$bind" ] || [ -n "$mechanism" ] || usage 'say who you are, with -D and -y, or with -Y'
[ -n "$mechanism" ] || [ -n "$secret" ] || usage 'give the password in a file, with -y'
[ -n "$mechanism" ] || simple=-x
if [ -n "$secret" ]; then
    if ! [ -f "$secret" ] || ! [ -r "$secret" ]; then usage "-y: there is no file $secret that can be read"; fi
    last=$(tail -c 1 <"$secret"; printf x)
    case $last in
    ?x) [ "$last" != '
x' ] || usage "-y: $secret ends in a newline, which would be a part of the password; write it with printf %s" ;;
    *) usage "-y: $secret is empty" ;;
    esac
    case $url in
    [Ll][Dd][Aa][Pp][SsIi]://*) ;;
    *) if [ "$tls" != -ZZ ] && [ "$plain" = no ]; then
        printf '%s\n' 'The password would go over the network in clear. Use ldaps:// or -ZZ, or allow it with --insecure-plain.' >&2
        exit 4
    fi ;;
    esac
fi
for tool in ldapsearch ldapmodify awk mkdir date tail tr dirname; do
    command -v "$tool" >/dev/null || {
        printf '%s is missing; install the tools of OpenLDAP (ldap-utils, openldap-clients).\n' "$tool" >&2
        exit 1
    }
done

# --- Where things are kept ---

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
stamp=$(date -u +%Y%m%dT%H%M%SZ)-$$
work=${TMPDIR:-/tmp}/remedy-$way-$stamp
base=$folder/$way-$stamp
journal=$folder/journal.txt
log=/dev/null before=/dev/null sent=/dev/null
stopped=no ended=no changed=0
mkdir "$work" || exit 1

left() { # however it came to an end: what is kept for a moment goes, and the code says whether something was changed
    code=$?
    rm -rf "$work"
    if [ "$code" -eq 0 ] || [ "$ended" = yes ]; then exit "$code"; fi
    if [ "$stopped" = yes ]; then code=130 why='Interrupted'; else code=$(after 1) why='Something could not be written or run'; fi
    printf '%s: stopped after %s entries were changed; run it again to go on.\n' "$why" "$changed" >&2 || :
    exit "$code"
}

after() { # the code to end with: 6 once something was changed
    if [ "$changed" -gt 0 ]; then printf 6; else printf '%s' "$1"; fi
}

trap left EXIT
trap 'stopped=yes' HUP INT TERM
trap ':' PIPE # whoever reads along went away: then what is said cannot be written
if [ "$write" = yes ]; then
    log=$base.log before=$base.before.ldif sent=$base.sent.ldif
    if ! { true >>"$journal" && true >"$log" && true >"$before" && true >"$sent"; } 2>/dev/null; then
        printf '%s cannot be written; copy the script to a folder of your own.\n' "$folder" >&2
        ended=yes
        exit 1
    fi
fi

say() {
    printf '%s\n' "$1"
    printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$log"
}

end() { # code, sentence
    ended=yes
    say "$2" >&2 || :
    [ "$write" = no ] || printf 'The log is %s\n' "$log" >&2 || :
    exit "$1"
}

shown() { # what a tool or server said: plain letters only, so that nothing can play tricks on a terminal
    tr '\n' ' ' <"$work/said" | tr -cd ' -~'
}

ldap() { # tool and its words; the result code in $result
    tool=$1
    shift
    result=0
    ( # a request in flight is finished, whatever is typed
        trap '' HUP INT TERM
        exec "$tool" -H "$url" ${simple:+"$simple"} ${bind:+-D "$bind"} ${secret:+-y "$secret"} ${tls:+"$tls"} \
            ${quiet:+"$quiet"} ${literal:+"$literal"} ${mechanism:+-Y "$mechanism"} ${authcid:+-U "$authcid"} \
            ${authzid:+-X "$authzid"} ${realm:+-R "$realm"} ${security:+-O "$security"} ${general:+-o "$general"} "$@"
    ) 2>"$work/said" </dev/null || result=$?
}

search() { # scope, base, filter, attributes; what is found in $work/found
    scope=$1 place=$2 filter=$3
    shift 3
    ldap ldapsearch -LLL -o ldif_wrap=no -a never -s "$scope" -b "$place" "$filter" "$@" >"$work/found"
    case $scope$result in
    base1) end "$(after 7)" "Cannot connect to $url or log in: $(shown)" ;; # -ZZ that fails, options that do not fit
    esac
    case $result in
    0 | 32) ;; # found, or no such object
    7 | 8 | 13 | 48 | 49 | 12[89] | 1[3-9]? | 2??) end "$(after 7)" "Cannot connect to $url or log in: $(shown)" ;;
    *) [ "$scope" = sub ] || end "$(after 1)" "Cannot look at $place: $(shown)" ;;
    esac
}

# --- One entry: what it shows, and what that means ---

entry() { # id, name, its line in LDIF, changed|new|emptied
    id=$1 name=$2 line=$3 kind=$4 part='' asked=0
    : >"$work/wanted"
    case $kind in
    new) printf '%s\nchangetype: add\n' "$line" >"$work/record" ;;
    *) printf '%s\nchangetype: modify\n' "$line" >"$work/record" ;;
    esac
}

part() { # add|delete, attribute
    [ -z "$part" ] || printf '%s\n' - >>"$work/record"
    part=$1
    printf '%s: %s\n' "$1" "$2" >>"$work/record"
}

value() { # a line of LDIF
    printf '%s\n' "$1" >>"$work/record"
    printf '%s %s\n' "${part:-add}" "$1" >>"$work/wanted"
}

unlooked() { # a line of a new entry that a server may show in another spelling
    printf '%s\n' "$1" >>"$work/record"
}

asks() { # where, and the filter that finds everybody who holds one of some addresses
    asked=$((asked + 1))
    printf '%s' "$1" >"$work/where.$asked"
    printf '%s' "$2" >"$work/filter.$asked"
}

finish() { # the container of the entry, its attributes
    [ -z "$part" ] || printf '%s\n' - >>"$work/record"
    printf '\n' >>"$work/record"
    container=$1
    shift
    [ "$stopped" = no ] || end 130 "Interrupted before $id; run it again to go on."
    if [ "$pass" = look ]; then
        look "$@"
    else
        case $todo in *" $id "*) carry_out "$@" ;; esac
    fi
}

look() { # attributes
    total=$((total + 1))
    if [ "$way" = undo ] && [ "$all" = no ] && ! noted; then
        alone=$((alone + 1))
        say "$id is not noted in journal.txt, and left alone: $name"
        return 0
    fi
    judge "$@"
    [ "$verdict" != todo ] || others
    case $verdict in
    todo)
        todo="$todo$id "
        wanted=$((wanted + 1))
        cat "$work/image" >>"$before"
        say "$id to be changed: $name"
        ;;
    already)
        if [ "$way" = apply ]; then gone=''; else gone=' (its values are gone, or this account may not see them)'; fi
        say "$id is as wanted already$gone: $name"
        ;;
    *)
        stale=$((stale + 1))
        say "$id STALE: $name: $verdict" >&2
        ;;
    esac
}

judge() { # attributes; $verdict is todo, already, or what is wrong
    search base "$name" '(objectClass=*)' "$@"
    own=$(awk '/^dn:/ { print; exit }' "$work/found")
    cp "$work/found" "$work/image"
    if [ -n "$own" ]; then
        compare
        [ "$kind" != new ] || [ "$verdict" = already ] || verdict='expected no entry of this name, found another one'
        return 0
    fi
    case $kind in
    emptied) verdict=already ;;
    changed) verdict='expected an entry of this name, found none' ;;
    new)
        search base "$container" '(objectClass=*)' 1.1
        verdict=todo
        [ "$result" -eq 0 ] && [ -s "$work/found" ] || verdict='expected its container, found none'
        ;;
    esac
}

compare() { # what the entry shows with what is wanted: names without case and options; values without case (RFC 4518)
    verdict=$(awk '
        function exact(line) {
            colon = index(line, ":")
            name = tolower(substr(line, 1, colon - 1))
            sub(/;.*/, "", name)
            return name substr(line, colon)
        }
        function alike(line) {
            if (line ~ /^[^:]*::/) return line
            gsub(/ +/, " ", line)
            sub(/ $/, "", line)
            return tolower(line)
        }
        NR == FNR {
            held[exact($0)] = 1
            like[alike(exact($0))] = 1
            next
        }
        {
            blank = index($0, " ")
            text = substr($0, blank + 1)
            line = exact(text)
            if (substr($0, 1, blank - 1) == "add") {
                if (alike(line) in like) { done++; there = text } else { todo++; missing = text }
            } else if (line in held) { todo++; missing = text }
            else if (alike(line) in like) { other = text }
            else { done++; there = text }
        }
        END {
            if (other) print "expected " other " in this very case, found it in another"
            else if (!todo) print "already"
            else if (!done) print "todo"
            else print "expected none of " (todo + done) " values changed yet, found " done ", one of them " there
        }
    ' "$work/found" "$work/wanted")
}

others() { # nobody else may hold an address that is to be added (Q251152)
    number=0
    while [ "$number" -lt "$asked" ]; do
        number=$((number + 1))
        search sub "$(cat "$work/where.$number")" "$(cat "$work/filter.$number")" 1.1
        code=$result
        holder=$(own=$own awk '/^dn:/ && $0 != ENVIRON["own"] { print; exit }' "$work/found")
        if [ -n "$holder" ]; then
            verdict="expected nobody else holding its addresses, found $holder"
        elif awk '/^dn:/ { found = 1 } END { exit !found }' "$work/found"; then
            verdict='expected none of its addresses there yet, found one in another spelling'
        elif [ "$code" -ne 0 ]; then
            end "$(after 1)" "Cannot ask who else holds the addresses of $id: $(shown)"
        fi
    done
}

noted() { # whether a run that was not refused is noted of the entry, at this server, and no way back after it
    runs=0
    [ -f "$journal" ] || return 1
    while read -r what which where; do
        [ "$which $where" = "$id $plan $url" ] || continue
        case $what in
        apply) runs=$((runs + 1)) ;;
        refused) runs=$((runs - 1)) ;; # another run may have come in between
        *) runs=0 ;;
        esac
    done <"$journal"
    [ "$runs" -gt 0 ]
}

note() { # apply, undo or refused
    printf '%s\n' "$1 $id $plan $url" >>"$journal" || end "$(after 1)" "$journal cannot be written."
}

refused() { # code, why
    [ "$way" = undo ] || note refused
    end "$(after "$1")" "$id was refused$2: $name: $(shown)"
}

carry_out() { # attributes; apply notes what may happen before it does, undo what has happened: till then it is to be undone
    [ "$way" = undo ] || note apply
    cat "$work/record" >>"$sent" || end "$(after 1)" "$sent cannot be written."
    ldap ldapmodify -f "$work/record" >/dev/null
    case $result in
    0) changed=$((changed + 1)) ;;
    16 | 20 | 32 | 68) refused 5 ', because somebody changed the entry meanwhile' ;;
    12[89] | 1[3-9]? | 2??) # no answer of the server: the tool says that the connection broke, or was killed
        end 6 "$id may have been changed or not, because no answer came: $name: $(shown). Run it again: it looks first."
        ;;
    *) refused 1 '' ;;
    esac
    judge "$@"
    [ "$verdict" = already ] || end 6 "$id was changed, but does not show it: $name: $verdict"
    [ "$way" = apply ] || note undo
    say "$id changed: $name"
}

# --- What the plan says. Nobody needs to change anything from here on. ---

entries() {
    :

    # c1: Add 3 postmaster addresses to the mailbox cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com: it already holds 2 postmaster addresses, the most of all mailboxes with room.
    entry 'c1' 'cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com' 'dn: cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com' 'changed'
    part 'add' 'proxyAddresses'
    value 'proxyAddresses: ms:NWTRADERS/LAB/POSTMASTER'
    value 'proxyAddresses: ms:NWTRADERS/PO1/POSTMASTER'
    value 'proxyAddresses: ms:WINGTIP/DEPOT/POSTMASTER'
    asks 'DC=fabrikam,DC=com' '(|(proxyAddresses=MS$NWTRADERS/LAB/POSTMASTER)(proxyAddresses=MS:NWTRADERS/LAB/POSTMASTER)(targetAddress=MS$NWTRADERS/LAB/POSTMASTER)(targetAddress=MS:NWTRADERS/LAB/POSTMASTER)(proxyAddresses=MS$NWTRADERS/PO1/POSTMASTER)(proxyAddresses=MS:NWTRADERS/PO1/POSTMASTER)(targetAddress=MS$NWTRADERS/PO1/POSTMASTER)(targetAddress=MS:NWTRADERS/PO1/POSTMASTER)(proxyAddresses=MS$WINGTIP/DEPOT/POSTMASTER)(proxyAddresses=MS:WINGTIP/DEPOT/POSTMASTER)(targetAddress=MS$WINGTIP/DEPOT/POSTMASTER)(targetAddress=MS:WINGTIP/DEPOT/POSTMASTER))'
    finish '' 'proxyAddresses'
}

# --- First look at every entry, then change them one by one ---

pass='look' todo=' ' total=0 wanted=0 alone=0 stale=0
say "$way of $plan at $url"
entries
[ "$stale" -eq 0 ] || end 5 "Nothing was changed: $stale of $total entries are not as expected. \
Make a new plan with remedy plan."
if [ "$alone" -gt 0 ] && [ "$alone" -eq "$total" ]; then
    end 2 "apply.sh noted nothing in $journal for this plan at $url. To take back what others carried out, add --all."
fi
if [ "$wanted" -eq 0 ]; then
    say 'Nothing is left to do.'
    exit 0
fi
if [ "$write" = no ]; then
    say "Nothing was written. $wanted of $total entries would be changed; to do it, add --apply."
    exit 0
fi
pass='write'
entries
say "Done: $changed of $total entries were changed."
