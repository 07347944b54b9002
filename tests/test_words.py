"""Each list of words is that of the room which gives them their meaning."""

from remedy import admincsv, dialects, eventlogs, reading, rendering, saved, scripts, strategies, words, workflow
from remedy.eventlogs import dates
from remedy.stores import login


def test_words_are_those_of_their_rooms():
    assert tuple(dialects.DIALECTS) == dialects.NAMES
    assert tuple(eventlogs.TEXT_FORMS) == words.LOG_FORMS
    assert tuple(dates.DateOrder) == words.DATE_ORDERS
    assert tuple(rendering.PAGES) == words.PAGES
    assert tuple(scripts.FORMATS) == words.SCRIPTS
    assert tuple(strategies.STRATEGIES) == words.STRATEGIES
    assert tuple(kind.value for kind in login.Sasl) == words.SASL
    assert admincsv.OPTIONS is words.EXPORT_OPTIONS
    assert (reading.GATES, saved.FORMS, workflow.VERSIONS) == (words.GATES, words.FORMS, words.VERSIONS)
