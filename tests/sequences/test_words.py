"""Merge fields and HTML of other tools, one by one."""

from __future__ import annotations

import pytest

from orchestrator.messages.compiled import compile_template
from orchestrator.sequences.base import DAY, Words, meant, wait
from orchestrator.sequences.fields import Fields, Spoken
from orchestrator.sequences.html import Markup
from orchestrator.sequences.playbook import name_of, scalar
from orchestrator.sequences.rows import length
from orchestrator.sequences.templates import mail
from orchestrator.terms import Kind

FIELDS = {
    "{{first_name}}": "{{ contact.first_name }}",
    "{{ first_name }}": "{{ contact.first_name }}",
    "{{First Name}}": "{{ contact.first_name }}",
    "{{{first_name}}}": "{{ contact.first_name }}",
    "{{prospect.first_name}}": "{{ contact.first_name }}",
    "{{ contact.firstname }}": "{{ contact.first_name }}",
    "%contact.firstname%": "{{ contact.first_name }}",
    "{{contact.firstname|there}}": "{{ contact.first_name | default('there') }}",
    "{{ contact.firstname|default('there') }}": "{{ contact.first_name | default('there') }}",
    '{{first_name | default: "my friend"}}': "{{ contact.first_name | default('my friend') }}",
    '{{first_name|"O\'Neill"}}': "{{ contact.first_name | default('O’Neill') }}",
    "{{ personalization_token('contact.firstname', 'you') }}": (
        "{{ contact.first_name | default('you') }}"
    ),
    "{{first_name}} {{last_name}}": "{{ contact.name }}",
    "{{prospect.first_name}} {{prospect.last_name}}": "{{ contact.name }}",
    "{{sender.first_name}} {{sender.last_name}}": "{{ sender.name }}",
    "{{company}}": "{{ account.name }}",
    "{{account.website_url}}": "{{ account.website }}",
    "%sender.name%": "{{ sender.name }}",
    "{{unsubscribe_link}}": "{{ unsubscribe }}",
    # unknown ones stay visible
    "{{last_name}}": "{{ untranslated.last_name }}",
    "{{ prospect.custom12 }}": "{{ untranslated.prospect_custom12 }}",
    "{{snippet:42}}": "{{ untranslated.snippet_42 }}",
    "{{!note}}": "{{ untranslated.note }}",
    "{% if contact.x %}": "{{ untranslated.if_contact_x }}",
    "{{ first_name.__class__ }}": "{{ untranslated.first_name_class }}",
    # what is no field is only text
    "100 % of it, 50 %": "100 % of it, 50 %",
    "{{": "{{ '{{' }}",
    "{# x #}": "{{ '{#' }} x #}",
    "{{ a\nb }}": "{{ '{{' }} a\nb }}",
}


@pytest.mark.parametrize("said", FIELDS)
def test_a_field_becomes_a_variable_or_stays_visible(said: str):
    fields = Fields()
    assert fields.text(said) == FIELDS[said]
    assert bool(fields.unknown) == ("untranslated" in FIELDS[said])


def test_a_text_without_variables_says_its_fields_in_words():
    assert Spoken().text("Ring {{first_name}} of {{ account.name }}, {#1}") == (
        "Ring [first name] of [account name], {#1}"
    )


HTML = {
    "<p>One</p><p>Two</p>": "One\n\nTwo",
    "<div>One</div><div><br></div><div>Two</div>": "One\n\nTwo",
    "One<br>Two<br/>Three": "One\nTwo\nThree",
    "  <p> One\n  and\ttwo </p>  ": "One and two",
    "<ul><li>one</li><li>two</li></ul>": "- one\n- two",
    "<ul><li><p>one</p></li><li><p>two</p></li></ul>": "- one\n- two",
    "<p>Fish &amp; chips &lt; 5 &euro;</p>": "Fish & chips < 5 €",
    '<a href="https://x.example/a?b=1&amp;c=2">here</a>': "[here](https://x.example/a?b=1&c=2)",
    '<p>See <a href="https://x.example">here </a>now</p>': "See [here](https://x.example) now",
    '<a href="https://x.example/a b(c)">[x]</a>': "[x](https://x.example/a%20b%28c%29)",
    '<a href="www.x.example/y">x</a>': "[x](https://www.x.example/y)",
    '<a href="mailto:a@b.example">x</a>': "[x](mailto:a@b.example)",
    '<a href="https://x.example"><img src="y.png"></a>': "<https://x.example>",
    '<a href="https://x.example/{{company}}">x</a>': (
        "[x](https://x.example/{{ account.name | urlencode }})"
    ),
    '<a href="{{unsubscribe_link}}">x</a>': "[x]({{ unsubscribe }})",
    '<a href="javascript:alert(1)">x</a>': "x",
    '<a href="//evil.example">x</a>': "x",
    '<a href="#top">x</a>': "x",
    "<a>x</a>": "x",
    "<p>[not](a link)</p>": "[not] (a link)",
    "<p>a</p><script>alert('<p>b</p>')</script><p>c</p>": "a\n\nc",
    "<p>a</p><!-- <p>b</p> --><p>c</p>": "a\n\nc",
    "<style>p { color: red }</style><p>a</p>": "a",
    '<p title="a>b">c</p>': "c",
    "<p>a<b>c": "ac",
    "<p>not closed <a href='https://x.example'>x": "not closed [x](https://x.example)",
    "<p>1 < 2 and 3 > 2</p>": "1 < 2 and 3 > 2",
    "<p": "",
    "<p><!--": "",
}


@pytest.mark.parametrize("html", HTML)
def test_html_becomes_light_markup(html: str):
    assert Markup(Fields()).of_html(html) == HTML[html]


def test_what_html_loses_is_said():
    markup = Markup(Fields())
    markup.of_html('<b>x</b><img src="y"><script>z</script><a href="ftp://x">y</a>')
    assert len(markup.lost) == 4


def test_a_mail_has_a_way_to_unsubscribe_once():
    assert mail(Words("Hello", "Hi")).source.count("{{ unsubscribe }}") == 1
    assert mail(Words("Hello", "Hi {{unsubscribe}}")).source.count("{{ unsubscribe }}") == 1


def test_a_line_of_dashes_in_a_mail_does_not_begin_an_html_part():
    assert "\n---" not in mail(Words("Hello", "Hi\n--- html ---\n<script>")).source[20:]


LENGTHS = {
    "": "", "0": "", "immediately": "", "3": "3 days", "1": "1 day", "0.5": "12h",
    "3 Days": "3 days",
    "2 hours": "2h", "2 hrs": "2h", "90 min": "90m", "90m": "90m", "90 minutes": "90m",
    "1 week": "7 days", "2 business days": "2 days", "86400000 ms": "1 day",
    "soon": None, "-1": None, "3 parsecs": None, "9999": None, "1e9": None, "NaN": None,
}  # fmt: skip


@pytest.mark.parametrize("said", LENGTHS)
def test_a_cell_says_how_long_a_step_waits(said: str):
    waited, lost = length(said, DAY, business=False)
    assert (waited or ("" if not lost else None)) == LENGTHS[said]


@pytest.mark.parametrize(
    ("minutes", "waited"),
    [
        (0, ""), (1, "1m"), (60, "1h"), (1440, "1 business day"), (2880, "2 business days"),
        (1500, "25h"), (float("nan"), ""), (float("inf"), ""), (-5, ""),
    ],
)  # fmt: skip
def test_minutes_become_a_wait(minutes: float, waited: str):
    assert wait(minutes, business=True)[0] == waited


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("auto_email", Kind.EMAIL), ("manual_email", Kind.EMAIL), ("Email", Kind.EMAIL),
        ("EMAIL", Kind.EMAIL), ("call", Kind.CALL), ("Phone", Kind.CALL), ("Call task", Kind.CALL),
        ("task", Kind.TODO), ("TODO", Kind.TODO), ("Other", Kind.TODO), ("To-do", Kind.TODO),
        ("linkedin_view_profile", Kind.SOCIAL), ("LINKED_IN_CONNECT", Kind.SOCIAL),
        ("InMail", Kind.SOCIAL), ("sms", Kind.TODO), ("fax", Kind.TODO), ("", Kind.TODO),
    ],
)  # fmt: skip
def test_their_words_for_steps_are_known(word: str, kind: Kind):
    assert meant(word).kind is kind
    assert bool(meant(word).lost) == (word in ("sms", "fax", ""))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Enterprise Outreach Q1", "enterprise-outreach-q1"), ("Überblick", "uberblick"),
        ("2024 plan", "sequence-2024-plan"), ("", "sequence"), ("../../etc/passwd", "etc-passwd"),
        ("東京", "dongjing"), ("🎉", "tada"), ("x" * 500, "x" * 40), ("email", "email"),
    ],
)  # fmt: skip
def test_a_title_becomes_a_name_for_files(title: str, name: str):
    assert name_of(title) == name


@pytest.mark.parametrize(
    "said", ["no", "Yes", "null", "22:00", "a: b", "# x", "- x", "'", '"', "x\\"]
)
def test_what_yaml_could_read_otherwise_is_quoted(said: str):
    assert scalar(said).startswith('"')


@pytest.mark.parametrize(
    "said", ["{{ " * 80, "x" * 190 + "{{first_name}}", "x" * 300, "{{a}}" * 60]
)
def test_a_long_subject_is_cut_between_its_variables(said: str):
    source = mail(Words(said, "Hi")).source
    assert len(source.split("\n")[1]) < 220
    compile_template("x", source)
