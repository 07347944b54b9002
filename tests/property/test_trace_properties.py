"""Traces as rows: what is written of them once for many postoffices is what the walks of each say."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from remedy.addresses import PostofficeName, ProxyAddress
from remedy.documents import trace_rows
from remedy.estate import Evidence, EvidenceKind, Listing, Postoffice, PostofficeKind, Recipient, RecipientKind
from remedy.flow import Trace, both_walks, walk

NAMES = st.builds(PostofficeName, st.sampled_from(["NET", "A"]), st.sampled_from(["PO1", "PO2"]))
SHOWN = st.sampled_from(["", "cn=x", "cn=100%", "%(0)s", "{po}", "cn=%s {0}", "ü\x1b\ud800"]) | st.text(max_size=5)


@st.composite
def offices(draw):
    name = draw(NAMES)
    holders = st.builds(
        Recipient,
        dn=SHOWN,
        order=st.just("cn=x"),
        kind=st.sampled_from(RecipientKind),
        source=st.just("export"),
        target=st.none() | st.just(ProxyAddress.parse(f"MS:{name.postmaster}")),
        imported_from=st.sampled_from(["", "HUB"]),
    )
    listings = st.builds(
        Listing, name=st.just(name), source=st.just("list"), postmaster=st.none() | st.booleans(), pending=st.just(4096)
    )
    return Postoffice(
        name=name,
        kind=draw(st.sampled_from(PostofficeKind)),
        evidence=draw(st.sampled_from([(), (Evidence("export", "", EvidenceKind.GWART, ""),)])),
        holders=tuple(draw(st.lists(holders, max_size=2))),
        connector=draw(SHOWN),
        unseen=draw(st.booleans()),
        listings=tuple(draw(st.lists(listings, max_size=2))),
    )


@st.composite
def traces(draw):
    before, after = draw(offices()), draw(st.none() | offices())
    reply, side = both_walks(before)
    return Trace(before, reply, after and walk(replace(after, name=before.name)), side)


def told(way):
    path = [{"at": step.place.value, "why": step.says} for step in way.path]
    return {"outcome": way.outcome.value, "path": path}


@given(some=st.lists(traces(), max_size=5))
def test_a_row_says_what_the_walks_say(some):
    assert trace_rows(some) == [
        {
            "postoffice": str(trace.po.name),
            "kind": trace.po.kind.value,
            "before": told(trace.before),
            "after": trace.after and told(trace.after),
            "msmail_side": told(trace.msmail_side),
        }
        for trace in some
    ]


@given(po=offices())
def test_both_walks_begin_with_the_one(po):
    assert both_walks(po)[0] == walk(po)
