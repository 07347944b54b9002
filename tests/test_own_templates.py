"""Templates of the user's own: what they are told, what they cannot do, and what is said of a folder that holds none."""

import re
import time
from pathlib import Path

import pytest

from remedy.errors import InputError, RemedyError, UsageError
from remedy.quoting import Encoded
from remedy.render import SCRIPTS, held, render, shipped
from remedy.rendering import not_used, scripts_of
from remedy.scripts import FORMATS
from remedy.scripts.base import CONTEXT
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES, ROWS, mailbox

ROOT = Path(__file__).parent.parent
OWN = f"{SCRIPTS}own.sh"


@pytest.fixture(scope="module")
def plans(lasting_company):
    """Give a plan with changes and steps by hand for each directory."""
    entries = (*ENTRIES, mailbox("Postmaster2", "ms$NWTRADERS/PO9/POSTMASTER"))
    sources = {"exchange55": entries, "active-directory": peopled_ad(entries)}
    return {
        name: lasting_company.plan(
            lasting_company.directory(each), lasting_company.inventory(ROWS), strategy="both", mailbox="jdoe"
        )
        for name, each in sources.items()
    }


@pytest.fixture
def own(tmp_path):
    """Write a template into the user's folder, and render it."""

    def write(text, told=None, name=OWN):
        path = tmp_path / f"{name}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return render(name, told or {}, folder=tmp_path)

    return write


def pieces(plans):
    """Give each format with the plan it is asked about, and its files."""
    for name, form in FORMATS.items():
        for dialect in form.dialects:
            yield name, dialect, tuple(form.pieces(plans[dialect]))


class TestTable:
    """The table in the README is what templates are told, no more and no less."""

    def told(self):
        section = (ROOT / "README.md").read_text().partition("### Templates of your own")[2].partition("\n### ")[0]
        rows = re.findall(r"(?m)^\| `(\w+)` \| ([\w, -]+) \| (.+) \|$", section)
        assert len(rows) == len({name for name, _, _ in rows})
        return {name: formats.split(", ") for name, formats, _ in rows}

    def test_it_names_what_every_template_is_told(self):
        assert [name for name, formats in self.told().items() if formats == ["all"]] == list(CONTEXT)

    def test_it_names_what_each_format_adds(self, plans):
        added: dict[str, set[str]] = {}
        for name, _, files in pieces(plans):
            for key in {key for piece in files for key in piece.context} - set(CONTEXT):
                added.setdefault(key, set()).add(name)
        rows = {key: set(formats) for key, formats in self.told().items() if formats != ["all"]}
        assert rows == added

    def test_each_name_is_there_when_a_template_is_filled(self, plans, tmp_path):
        every = {name for each in self.told() for name in [each]}
        asked = "{% set every = [" + ",".join(f"('{name}', {name} is defined)" for name in sorted(every)) + "] %}"
        words = {"cmd": "cmd_word", "csv": "admin_cell", "ini": "admin_option"}
        for name, dialect, files in pieces(plans):
            for piece in files:
                path = tmp_path / f"{piece.template}.j2"
                path.parent.mkdir(parents=True, exist_ok=True)
                word = words.get(piece.template.rpartition(".")[2], "comment")
                path.write_text(
                    f"{asked}{{% for name, there in every if there %}}\n{{{{ name | {word} }}}}\n{{% endfor %}}\n"
                )
            seen = {
                line
                for each in scripts_of(plans[dialect], [name], templates=tmp_path)
                for line in each.data.decode().split()
            }
            assert seen == {key for key, formats in self.told().items() if formats == ["all"] or name in formats}

    def test_it_names_every_filter_that_is_enough(self):
        from remedy.render import IN_SCRIPTS

        section = (ROOT / "README.md").read_text().partition("### Templates of your own")[2].partition("\n### ")[0]
        assert [name for name in IN_SCRIPTS if f"`{name}`" not in section] == []


class TestLookUp:
    def test_the_users_comes_first_and_the_rest_is_ours(self, plans, tmp_path):
        path = tmp_path / "scripts/msmail/README.txt.j2"
        path.parent.mkdir(parents=True)
        path.write_text(
            "ours: {{ title | comment }}, {{ plan.manual | length | number }}, {{ steps | length | number }}\n"
        )
        plan = plans["exchange55"]
        mine = {each.name: each.data for each in scripts_of(plan, ["msmail"], templates=tmp_path)}
        theirs = {each.name: each.data for each in scripts_of(plan, ["msmail"])}
        assert mine.pop("msmail/README.txt") == b"ours: steps at Microsoft Mail postoffices, 2, 1\r\n"
        theirs.pop("msmail/README.txt")
        assert mine == theirs

    def test_changes_can_be_told_in_words(self, plans, tmp_path):
        path = tmp_path / "scripts/ldif/records.ldif.j2"
        path.parent.mkdir(parents=True)
        text = "{% for step in steps if way == 'change' %}{{ step.dn | comment }} {{ step.mods[0][1] | comment }}{% endfor %}; {{ back[0].id | comment }} {{ back[:1] | length | number }}\n"
        path.write_text(text)
        made = {each.name: each.data.decode() for each in scripts_of(plans["exchange55"], ["ldif"], templates=tmp_path)}
        assert re.fullmatch(r"cn=jdoe,[^;]+ otherMailbox; c1 1\n", made["ldif/change.ldif"])
        assert made["ldif/undo.ldif"] == "; c1 1\n"

    def test_words_in_ones_own_language_have_the_code_page_of_a_postoffice(self, plans, tmp_path):
        path = tmp_path / "scripts/msmail/README.txt.j2"
        path.parent.mkdir(parents=True)
        path.write_text("Grüße\n", encoding="utf-8")
        made = {each.name: each.data for each in scripts_of(plans["exchange55"], ["msmail"], templates=tmp_path)}
        assert made["msmail/README.txt"] == "Grüße\r\n".encode("cp850")
        path.write_text("Привет\n", encoding="utf-8")
        with pytest.raises(RemedyError, match=r"msmail/README\.txt: Привет cannot be written in cp850"):
            scripts_of(plans["exchange55"], ["msmail"], templates=tmp_path)

    def test_a_folder_that_can_never_serve_is_refused(self, plans, tmp_path):
        (tmp_path / "msmail").mkdir()
        (tmp_path / "msmail" / "steps.txt.j2").write_text("misplaced")
        with pytest.raises(UsageError, match=r"scripts/msmail/README\.txt\.j2") as caught:
            scripts_of(plans["exchange55"], ["msmail"], templates=tmp_path)
        assert caught.value.exit_code == 2

    def test_a_folder_with_none_for_these_formats_is_said(self, plans, tmp_path):
        path = tmp_path / "scripts/ldif/records.ldif.j2"
        path.parent.mkdir(parents=True)
        path.write_text("{{ way | comment }}\n")
        made = scripts_of(plans["exchange55"], ["msmail"], templates=tmp_path)
        said = not_used(tmp_path, made, ["msmail"])
        assert "so ours were used" in said
        assert "scripts/msmail/steps.txt.j2" in said
        assert not not_used(tmp_path, scripts_of(plans["exchange55"], ["ldif"], templates=tmp_path), ["ldif"])

    def test_ours_are_listed_from_their_folder(self):
        names = shipped("scripts")
        assert {"scripts/ldif/records.ldif", "scripts/msmail/steps.txt"} <= set(names)
        assert set(names) == {
            str(path.relative_to(ROOT / "templates").with_suffix(""))
            for path in (ROOT / "templates/scripts").rglob("*.j2")
        }
        assert shipped("scripts/nosuch") == ()
        assert held(ROOT / "templates", [*names, "scripts/nosuch"]) == names


class TestQuoting:
    @pytest.mark.parametrize(
        "text",
        ["{{ x }}", "{{ x | show }}", "{{ x | ads_path }}", "{{ x | sh | upper }}", "{{ (x | sh) ~ x }}", "{{ 2 | number(x, x) }}", "{{ 2 | number('a', *[x]) }}",
         "{{ x | sh | safe }}",
         "{% filter upper %}{{ x | sh }}{% endfilter %}", "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}",
         "{% autoescape true %}{{ x }}{% endautoescape %}", "{% set y %}{{ x }}{% endset %}{{ y | comment }}"],
    )  # fmt: skip
    def test_a_value_as_it_is_has_its_line(self, own, text):
        with pytest.raises(InputError, match="as it is") as caught:
            own(f"#!/bin/sh\n\n{text}\n", {"x": "$(touch PWNED)"})
        (fault,) = caught.value.faults[:1]
        assert (fault.line, fault.source.endswith("scripts/own.sh.j2")) == (3, True)

    def test_what_is_included_is_held_to_it_too(self, own, tmp_path):
        (tmp_path / "loose.sh.j2").write_text("\n{{ x }}\n")
        for way in (
            '{% include "loose.sh" %}',
            '{% import "loose.sh" as y with context %}{{ y.z() }}',
            '{% extends "loose.sh" %}',
        ):
            with pytest.raises(InputError, match="as it is") as caught:
                own(way, {"x": "$(touch PWNED)"})
            assert caught.value.faults[0].source.endswith("loose.sh.j2")
            assert caught.value.faults[0].line == 2

    def test_pages_are_not_scripts(self, own):
        assert own("{{ x }}", {"x": "plain"}, name="own.txt") == "plain"

    def test_what_passes(self, own):
        text = "{{ x | sh }} {{ 'a' if x else 'b' }} {{ n | number }} {{ 'c' }} {{ e | codec }}"
        assert (
            own(text, {"x": "$(touch 'PWNED')", "n": 3, "e": Encoded("done")})
            == "'$(touch '\\''PWNED'\\'')' a 3 c done"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "{{ nosuch | codec }}",
            "{{ nosuch | sh }}",
            "{{ plan.nosuch | comment }}",
            "{% for x in nosuch %}{% endfor %}",
        ],
    )
    def test_an_undefined_name_has_its_file_and_line(self, own, text):
        with pytest.raises(InputError, match=r"undefined|no attribute 'nosuch'") as caught:
            own(f"a\nb\n{text}", {"plan": {}})
        (fault,) = caught.value.faults
        assert (fault.line, fault.source.endswith("scripts/own.sh.j2")) == (3, True)


class TestSandbox:
    @pytest.mark.parametrize(
        "text",
        [
            "{{ ''.__class__.__mro__ | sh }}", "{{ x.__init__.__globals__ | sh }}", "{{ (x | attr('__class__')) | sh }}",
            "{{ ('{0.__class__}' | format(x)) | sh }}{{ '{0.__class__.__mro__}'.format(x) | sh }}", "{{ [].append.__self__ | sh }}",
            "{{ self.__init__.__globals__ | sh }}", "{{ cycler.__init__.__globals__.os | sh }}", "{{ x['__class__'] | sh }}",
            "{{ (steps | map(attribute='__class__') | list)[0] | sh }}", "{{ ''['format_map'](x) | sh }}{{ x._private | sh }}",
            "{{ steps._make() | sh }}", "{{ lipsum() | sh }}", "{{ ([1, 2] | random) | number }}",
        ],
    )  # fmt: skip
    def test_pythons_insides_are_out_of_reach(self, own, plans, text):
        from remedy.scripts.base import context

        with pytest.raises(InputError) as caught:
            own(text, {**context(plans["exchange55"], "x"), "x": {"a": 1}})
        assert "<" not in str(caught.value).replace("own.sh.j2", ""), "no object is shown"

    @pytest.mark.parametrize(
        "text",
        [
            "{{ plan.clear() | sh }}",
            "{{ plan.manual.append(1) | sh }}",
            "{{ plan.update(a=1) | sh }}",
            "{% set plan.x = 1 %}",
        ],
    )
    def test_what_it_is_told_stays_as_it_is(self, own, plans, text):
        told = plans["exchange55"].to_dict()
        with pytest.raises(InputError):
            own(text, {"plan": told})
        assert told == plans["exchange55"].to_dict()

    @pytest.mark.parametrize(
        "name",
        ["/etc/passwd", "../secret", "scripts/../../secret", "secret\\u0000", "file:///etc/passwd", "~/.profile"],
    )
    @pytest.mark.parametrize("way", ['{{% include "{}" %}}', '{{% import "{}" as x %}}', '{{% extends "{}" %}}'])
    def test_no_file_is_read_but_templates(self, own, tmp_path, way, name):
        (tmp_path.parent / "secret.j2").write_text("secret")
        with pytest.raises(InputError, match="there is no such template"):
            own(way.format(name))

    @pytest.mark.parametrize(
        "text",
        [
            "{% for x in range(100001) %}{% endfor %}",
            "{% for x in range(10 ** 10) %}{% endfor %}",
            "{{ (10 ** 10 ** 10) | number }}",
            "{{ ('x' * 10000000) | sh }}",
            "{{ ([1] * 10000000) | length | number }}",
            "{{ (9999999999 * 9999999999) | number }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            '{% include "scripts/own.sh" %}',
            '{% extends "scripts/own.sh" %}',
        ],
    )
    def test_the_plain_ways_to_run_for_ever_end_at_once(self, own, text):
        began = time.monotonic()
        with pytest.raises(InputError):
            own(text)
        assert time.monotonic() - began < 5

    def test_small_sums_are_done(self, own):
        text = "{{ (3 * 4) | number }}{{ ('-' * 5) | comment }}{{ (2.5 * 2) | int | number }}{{ ([1] * 3) | length | number }}"
        assert own(text) == "12-----53"
