"""What a template must not do: run code, tell secrets, eat time and memory, break out of HTML."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.errors import AbmError
from orchestrator.messages import Library
from orchestrator.messages.sandbox import HTML, TEXT
from tests.messages.conftest import Write
from tests.support.hanging import ends

Facts = dict[str, Any]

NESTED_LOOPS = (
    "{% for a in ['1', '2'] %}{% for b in ['1'] %}{% for c in ['1'] %}x{% endfor %}{% endfor %}"
    "{% endfor %}"
)
MANY_ROUNDS = "{%% for a in [%s] %%}{%% for b in [%s] %%}{%% endfor %%}{%% endfor %%}" % (
    (",".join("1" * 40),) * 2
)
ATTACKS = {
    # reaching into Python
    "mro": "{{ ''.__class__.__mro__ }}",
    "globals": "{{ contact.first_name.__init__.__globals__ }}",
    "attr": "{{ contact|attr('__class__') }}",
    "format": "{{ '%s'|format(contact.__class__) }}",
    "format method": "{{ '{0.__class__}'.format(contact) }}",
    "update": "{{ contact.update(a=1) }}",
    "brackets": "{{ contact['first_name'] }}",
    "slice": "{{ contact.first_name[0:2] }}",
    "method": "{{ contact.delete() }}",
    "method of a text": "{{ contact.first_name.upper() }}",
    "method unbound": "{{ contact.items }}",
    "secret of an object": "{{ contact.api_key }}",
    "self": "{{ self }}",
    "whole dict": "{{ contact }}",
    "whole dict, by default": "{{ nothing | default(contact) }}",
    # what Jinja brings along
    "lipsum": "{{ lipsum(n=20000) }}",
    "cycler": "{{ cycler('a', 'b') }}",
    "joiner": "{{ joiner(',') }}",
    "namespace": "{% set n = namespace(a=1) %}{{ n.a }}",
    "dict": "{{ dict(a=1) }}",
    "range": "{% for i in range(100001) %}x{% endfor %}",
    "safe": "{{ contact.first_name | safe }}",
    "xmlattr": "{{ {'a': 1} | xmlattr }}",
    "urlize": "{{ contact.first_name | urlize }}",
    "tojson": "{{ contact | tojson }}",
    "pprint": "{{ contact | pprint }}",
    "map": "{{ [contact] | map(attribute='name') }}",
    # time and memory
    "loops in loops in loops": NESTED_LOOPS,
    "many rounds": MANY_ROUNDS,
    "loop over a text": "{% for a in 'x' %}{{ a }}{% endfor %}",
    "loop over a value": "{% for a in contact.name %}{{ a }}{% endfor %}",
    "times a text": "{{ 'a' * 2000000000 }}",
    "times a list": "{{ [0] * 1000000000 }}",
    "power": "{{ 9 ** 999999999 }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "plus": "{{ 'a' + 'b' }}",
    "center": "{{ 'a' | center(1000000000) }}",
    "indent": "{{ 'a' | indent(100000000) }}",
    "replace": "{{ 'aaaa' | replace('', 'aaaaaaaaaaaaa') }}",
    "join": "{{ 'aaaa' | join('aaaaaaaaaaaaaaaa') }}",
    "wordwrap": "{{ 'aaaa' | wordwrap(1, wrapstring='aaaaaaaaaaaaaaaa') }}",
    "doubling": "{% set s = 'a' %}{% set s = s ~ s %}{{ s }}",
    "doubling a block": "{% set s %}aa{% endset %}{{ s }}",
    "recursive macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "recursive loop": "{% for a in ['x'] recursive %}{{ loop(['x']) }}{% endfor %}",
    "5,000 brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "5,000 lists": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "5,000 times not": "{% if " + "not " * 5000 + "a %}{% endif %}",
    "5,000 ifs": "{% if contact %}" * 2000 + "{% endif %}" * 2000,
    "a number without end": "{{ " + "9" * 5000 + " }}",
    # other files
    "include": "{% include 'email/y' %}",
    "import": "{% import 'email/y' as y %}",
    "from import": "{% from 'email/y' import z %}",
    "extends": "{% extends 'email/y' %}",
    "block": "{% block x %}{% endblock %}",
    # the language itself
    "autoescape off": "{% autoescape false %}x{% endautoescape %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "call block": "{% call x() %}{% endcall %}",
    "with": "{% with a = 1 %}{{ a }}{% endwith %}",
    "raw": "{% raw %}{{ x }}{% endraw %}",
    "do": "{% do contact.clear() %}",
    "trans": "{% trans %}x{% endtrans %}",
    "unknown test": "{{ 'x' if contact is mapping else 'y' }}",
    "the house's own filter": "{{ contact.name | needed('x') }}",
    "reserved characters": "Hi \ue000" + "0\ue002",
    "unknown variable": "{{ undefined_thing }}",
    "not closed": "{% if contact.name %}x",
    "closed twice": "{% if contact.name %}x{% endif %}{% endif %}",
    "expression without end": "{{ contact.name",
    "empty expression": "{{ }}",
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("subject", ["", "x"])
def test_an_attack_is_refused_in_a_moment(
    library: Library, write: Write, facts: Facts, attack: str, subject: str
):
    facts["contact"]["name"] = "Ann"
    name = write(ATTACKS[attack], subject=subject)
    with ends(), pytest.raises(AbmError) as told:
        library.render(name, facts)
    assert "email/x" in told.value.reason


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_subject_or_an_html_part_is_no_way_around(
    library: Library, write: Write, facts: Facts, attack: str
):
    in_subject = write("Hello", "email/s", subject=ATTACKS[attack])
    in_html = write(f"Hello\n--- html ---\n<p>{ATTACKS[attack]}</p>", "email/h", subject="x")
    for name in (in_subject, in_html):
        with pytest.raises(AbmError):
            library.render(name, facts)


def test_the_facts_stay_as_they_were(library: Library, write: Write, facts: Facts):
    before = {name: dict(of) if isinstance(of, dict) else of for name, of in facts.items()}
    name = write("{% for account in ['x'] %}{{ account }}{% endfor %}{{ account.name }}")
    assert library.render(name, facts).text == "xAcme & Sons\n"
    assert facts == before


def test_nothing_of_python_is_within_reach():
    for environment in (TEXT, HTML):
        assert not environment.globals
        assert (
            not {"safe", "attr", "xmlattr", "urlize", "map", "format"} & environment.filters.keys()
        )


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<div class={{ account.name }}>x</div>",
        "<div title='a'{{ account.name }}>x</div>",
        "<{{ account.name }}>x</b>",
        "<a href={{ unsubscribe }}>x</a>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java{{ account.name }}script:alert(1)">x</a>',
        '<a href="&#106;avascript:alert(1)">x</a>',
        '<a href="//evil.example">x</a>',
        '<a href="">x</a>',
        "<a href>x</a>",
        '<img src="data:image/svg+xml,x" alt="">',
        '<p onclick="x()">x</p>',
        '<p style="color: {{ account.name }}">x</p>',
        '<p style="background: url(https://x.example)">x</p>',
        '<p {% if account.tier %}title="x"{% endif %}>x</p>',
        '<p title="{% if account.tier %}x{% endif %}">x</p>',
        '<iframe src="https://x.example"></iframe>',
        "<svg onload=alert(1)>",
        '<meta http-equiv="refresh" content="0">',
        '<form action="https://x.example"><input></form>',
        "<style>p { color: red }</style>",
        "<!doctype html><html><body>x</body></html>",
        "<!-- {{ account.name }} -->",
        "<?php x ?>",
        "<![CDATA[ x ]]>",
        "<p",
        '<a href="https://x.example',
    ],
)
def test_html_in_which_a_value_could_do_harm_is_refused(
    library: Library, write: Write, facts: Facts, html: str
):
    with pytest.raises(AbmError):
        library.render(write(f"x\n--- html ---\n{html}", subject="x"), facts)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="{{ account.website }}">x</a>',
        "<a href='{{ account.website }}/path'>x</a>",
    ],
)
def test_html_checks_the_scheme_of_a_link_from_a_value(
    library: Library, write: Write, facts: Facts, html: str
):
    name = write(f"x\n--- html ---\n{html}", subject="x")
    assert "https://acme.example" in library.render(name, facts).html
    facts["account"]["website"] = "javascript:alert(1)//"
    with pytest.raises(AbmError, match="is no link"):
        library.render(name, facts)


def test_a_value_cannot_leave_its_quotes(library: Library, write: Write, facts: Facts):
    facts["account"]["name"] = '"\' onload=alert(1) x="<script>'
    html = (
        "<p title=\"{{ account.name }}\"><b title='{{ account.name }}'>{{ account.name }}</b></p>"
    )
    made = library.render(write(f"x\n--- html ---\n{html}", subject="x"), facts).html
    assert "<script>" not in made
    assert made.count('"') == 2 + 2  # those of charset and of the first title
    assert made.count("'") == 2


# ---------------------------------------------------------------- sizes


def test_a_file_of_more_than_64_kib_is_not_read(library: Library, write: Write, facts: Facts):
    assert library.render(write("x" * (64 * 1024)), facts).text
    with pytest.raises(AbmError, match="64 KiB"):
        library.render(write("x" * (64 * 1024 + 1)), facts)


def test_a_text_of_more_than_256_kib_does_not_leave(library: Library, write: Write, facts: Facts):
    facts["account"]["city"] = "ä" * 1024  # 2 KiB
    library.render(write("{{ account.city }}" * 128, "call/x"), facts)
    with pytest.raises(AbmError, match="256 KiB"):
        library.render(write("{{ account.city }}" * 129, "call/x"), facts)
    loop = "{% for a in ['1','2','3','4','5','6','7','8','9'] %}" + "y" * 60_000 + "{% endfor %}"
    with pytest.raises(AbmError, match="256 KiB"):
        library.render(write(loop, "call/x"), facts)


def test_an_html_part_of_more_than_512_kib_does_not_leave(
    library: Library, write: Write, facts: Facts
):
    facts["account"]["city"] = "<" * 2048  # 8 KiB once escaped
    own = "x\n--- html ---\n<p>{}</p>"
    library.render(write(own.format("{{ account.city }}" * 63), subject="x"), facts)
    with pytest.raises(AbmError, match="512 KiB"):
        library.render(write(own.format("{{ account.city }}" * 64), subject="x"), facts)
