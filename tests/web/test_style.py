"""The design system: its page, its tags, and what every template has to keep to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse

from ringbook.web.templatetags import ui

from ..house import People

WEB = Path(ui.__file__).parent.parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
LETTERS = "mail.html"
"""Letters carry their own style: programs that show them fetch no stylesheet, and have no policy of ours."""
PARTS = {str(path.relative_to(WEB / "templates")): path.read_text(encoding="utf-8") for path in TEMPLATES}
CODE = [*WEB.rglob("*.py")]


def drawn(source: str, **values: object) -> str:
    """What a template with the design system's tags gives."""
    request = RequestFactory().get("/calls/?q=sales&sort=begun&cursor=abc")
    return Template("{% load ui %}" + source).render(Context({"request": request, **values}))


# --- the page and the theme ------------------------------------------------------------------------------------------


def test_the_style_page_shows_every_component(people: People, as_: Callable[..., Client]) -> None:
    answer = as_(people.owner).get("/style/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for component in (
        "button",
        "badge",
        "tag",
        "table",
        "stats",
        "timeline",
        "feed",
        "field",
        "callout",
        "empty",
    ):
        assert f'class="{component}' in page, component
    assert page.count("<h1>") >= 1
    assert page.count('id="content"') == 1


def test_the_style_page_is_for_those_who_build(people: People, as_: Callable[..., Client]) -> None:
    assert as_(people.agent).get("/style/").status_code == 403
    assert as_(people.auditor).get("/style/part/dialog/").status_code == 403
    assert Client().get("/style/").status_code == 302


def test_a_theme_is_kept_for_the_person_and_drawn_by_the_server(
    people: People, as_: Callable[..., Client]
) -> None:
    client = as_(people.owner)
    assert 'data-theme="dark"' not in client.get("/style/").content.decode()
    assert client.post(reverse("theme"), {"theme": "dark"}).status_code == 204
    people.owner.refresh_from_db()
    assert people.owner.theme == "dark"
    assert '<html lang="en" data-theme="dark">' in client.get("/style/").content.decode()
    assert client.post(reverse("theme"), {"theme": "system"}).status_code == 204
    assert '<html lang="en">' in client.get("/style/").content.decode()


def test_no_other_theme_is_kept(people: People, as_: Callable[..., Client]) -> None:
    assert as_(people.owner).post(reverse("theme"), {"theme": '"><script>'}).status_code == 400
    assert as_(people.owner).get(reverse("theme")).status_code == 405


def test_the_page_to_sign_in_is_drawn_in_the_theme_that_the_browser_keeps(people: People) -> None:
    client = Client()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/sign-in/").content.decode().split("<body")[0]


def test_a_page_says_nothing_inline_and_is_refused_nothing_by_its_policy(
    people: People, as_: Callable[..., Client]
) -> None:
    answer = as_(people.owner).get("/style/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script


# --- what every template keeps to ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARTS)
def test_no_template_holds_script_or_style(name: str) -> None:
    text = PARTS[name]
    if not name.endswith(LETTERS):
        assert not re.search(r"\sstyle=", text), "a style attribute: the policy forbids it, use a class"
    assert not re.search(r"\son[a-z]+=[\"']", text), (
        "an on… attribute: the policy forbids it, use a data- attribute"
    )
    assert "<style" not in text
    assert "hx-on" not in text, "htmx would have to evaluate it"
    assert "javascript:" not in text
    assert "js:" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("name", PARTS)
def test_every_icon_of_a_template_is_there(name: str) -> None:
    asked = re.findall(r"{%\s*icon\s+[\"']([^\"']+)[\"']", PARTS[name]) + re.findall(
        r"\bicon=[\"']([^\"'{]+)[\"']", PARTS[name]
    )
    assert set(asked) <= ui.icon_names()


def test_every_icon_of_the_scripts_and_tables_is_there() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in (WEB / "static" / "js").rglob("*.js")]
    asked = {name for text in scripts for name in re.findall(r"\bicon\(\"([a-z0-9-]+)\"", text)}
    assert asked <= {path.stem for path in ui.ICONS.glob("*.svg")}
    assert set(ui.TONE_ICONS.values()) <= ui.icon_names()
    assert set(ui.ALIASES.values()) <= {path.stem for path in ui.ICONS.glob("*.svg")}


def test_what_is_not_ours_stands_with_its_licence() -> None:
    for folder in (WEB / "static" / "vendor").iterdir():
        assert (folder / "LICENSE").read_text(encoding="utf-8").strip(), folder.name


def test_every_word_of_the_scripts_is_given_by_the_server() -> None:
    words = set(ui.script_words())
    for path in (WEB / "static" / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        if "./boot.js" not in text:
            continue
        for key in re.findall(r"\bsay\(\"([a-z-]+)\"", text):
            assert key in words, f"{path.name}: {key}"
        for key in re.findall(r"\bsayCount\(\"([a-z-]+)\"", text):
            assert {f"{key}-one", f"{key}-many"} <= words, f"{path.name}: {key}"


# --- the tags --------------------------------------------------------------------------------------------------------


def test_an_icon_is_silent_unless_it_is_labelled() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "phone-incoming" %}')
    labelled = drawn('{% icon "x" label="Close" size="s" %}')
    assert 'role="img" aria-label="Close"' in labelled
    assert "icon-s" in labelled
    assert 'href="#i-trash-2"' in drawn('{% icon "trash" %}')


def test_an_unknown_icon_is_a_mistake_of_ours() -> None:
    with pytest.raises(ui.UnknownIconError, match="no-such-icon"):
        drawn('{% icon "no-such-icon" %}')


@pytest.mark.parametrize("tone", list(ui.TONE_ICONS))
def test_a_state_has_a_shape_and_a_word(tone: str) -> None:
    badge = drawn("{% badge 'Word' tone=tone %}", tone=tone)
    assert f"#i-{ui.TONE_ICONS[tone]}" in badge
    assert ">Word<" in badge or "Word</span>" in badge


def test_the_tones_shapes_differ() -> None:
    assert len(set(ui.TONE_ICONS.values())) == len(ui.TONE_ICONS)


HOSTILE = "<script>alert(1)</script>\"'"


@pytest.mark.parametrize(
    "source",
    [
        "{% badge x title=x %}",
        "{% tag x href=x %}",
        "{% tag x remove=x target=x %}",
        "{% avatar x %}",
        "{% keys x %}",
        "{% count x %}",
        "{% icon 'x' label=x %}",
        "{% stat label=x value=x href=x delta=x formula=x note=x unit=x %}",
        "{% facet_row x x x active=True %}",
        "{% crumbs x x x %}",
        "{% tabs 'a' 'a' x x %}",
        "{% meter 1 2 label=x text=x %}",
        "{% sort_head x x current=x %}",
        "{% empty title=x %}{{ x }}{% endempty %}",
        "{% callout 'bad' title=x %}{{ x }}{% endcallout %}",
        "{% dialog 'd' title=x %}{{ x }}{% enddialog %}",
        "{% menu label=x text=x %}{{ x }}{% endmenu %}",
        "{% disclosure x %}{{ x }}{% enddisclosure %}",
        "{% codeblock label=x %}{{ x }}{% endcodeblock %}",
        "{% facet title=x %}{{ x }}{% endfacet %}",
        "{% section title=x id='s' %}{{ x }}{% endsection %}",
        "{% pages_more x columns=3 %}",
    ],
)
def test_no_tag_lets_markup_through(source: str) -> None:
    text = drawn(source, x=HOSTILE)
    assert "<script>" not in text
    assert not re.search(r"=\"[^\"]*<script", text)
    assert "\"'" not in re.sub(r"&quot;|&#x27;|&#39;", "", text).replace("=\"'", "")


def test_initials() -> None:
    assert ">AB<" in drawn("{% avatar 'Anna Berg' %}")
    assert ">AD<" in drawn("{% avatar 'anna.dahl' %}")
    assert ">B<" in drawn("{% avatar 'Bo' %}")
    assert ">?<" in drawn("{% avatar '' %}")


def test_a_head_sorts_and_turns_around_and_keeps_the_question() -> None:
    first = drawn("{% sort_head 'begun' 'When' current='-talk' %}")
    assert "aria-sort" not in first
    assert 'href="?q=sales&amp;sort=begun"' in first
    assert 'aria-sort="ascending"' in drawn("{% sort_head 'begun' 'When' current='begun' %}")
    turned = drawn("{% sort_head 'begun' 'When' current='begun' %}")
    assert "sort=-begun" in turned
    assert "cursor" not in turned


class Two(forms.Form):
    """A form with help and a mistake."""

    name = forms.CharField(label="Name", help_text="As colleagues know them.")
    agreed = forms.BooleanField(label="Agreed")
    days = forms.MultipleChoiceField(
        choices=[("mo", "Monday")], widget=forms.CheckboxSelectMultiple, required=False
    )


def test_a_field_is_tied_to_its_help_and_its_error() -> None:
    form = Two({"name": ""})
    form.is_valid()
    text = drawn("{% form form %}", form=form)
    assert '<label for="id_name">Name</label>' in text
    described = re.search(r'name="name"[^>]*aria-describedby="([^"]+)"', text)
    assert described
    for target in described.group(1).split():
        assert f'id="{target}"' in text, target
    assert 'aria-invalid="true"' in text
    assert "This field is required." in text
    assert "<fieldset" in text
    assert "<legend>Days" in text


def test_where_nobody_is_signed_in_nothing_may_be_done() -> None:
    assert drawn('{% may "ANNOTATE" as yes %}{{ yes }}') == "False"


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500", "503"])
def test_a_page_for_what_went_wrong_says_what_to_do_next(page: str) -> None:
    text = drawn(f'{{% include "errors/{page}.html" %}}')
    assert "<h1>" in text
    assert 'class="button primary"' in text


def test_the_layouts_take_no_name_from_the_pages() -> None:
    for layout in ("base.html", "entrance.html", "errors/base.html"):
        taken = re.findall(r"{%[^%]* as (\w+) %}", PARTS[layout])
        assert taken
        assert all(name.startswith("ui_") for name in taken), taken
