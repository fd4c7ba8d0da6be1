"""Tags and filters of the templates: words for codes, amounts, times, icons, the frame's parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.law.rule_words import rule_word
from kept.core.law.rules import Rule
from kept.desk import formats
from kept.desk.access import actor_of_request
from kept.desk.appearance import theme_of
from kept.desk.icons import icon as draw_icon
from kept.desk.jobs import job_sentence
from kept.desk.navigation import Link, links_of
from kept.desk.verdicts import law_language
from kept.desk.words import BUCKET, treatment_name
from kept.desk.words import word as find_word
from kept.work.jobs import JobView

register = template.Library()

register.filter("word", find_word)
register.filter("country_name", formats.country_name)
register.filter("language_name", formats.language_name)
register.filter("number", formats.number)
register.filter("size", formats.size)
register.filter("duration", formats.duration)
register.filter("day", formats.day)
register.filter("weekday", formats.weekday)
register.simple_tag(draw_icon, name="icon")

_SIGNS = {"green": "go", "amber": "go_after", "held": "hold", "red": "stop", "off": "hold"}
_NON_CHANNEL_ICONS = {"sms": "message", "email": "letter", "field_visit": "visit"}


@register.filter(name="rule_word")
def word_of_law(code: str, vocabulary: str) -> str:
    """A code of the law in the words of the packs."""
    return rule_word(code, vocabulary, law_language())


@register.filter
def rule_name(rule: Rule) -> str:
    return rule.called(law_language())


@register.simple_tag
def light_sign(tone: str, size: int) -> SafeString:
    """The symbol of a light: a tick, a tick with a duty, a pause, a bar; the words stand beside."""
    return draw_icon(_SIGNS[tone], size)


@register.simple_tag
def job_reason(job: JobView) -> str:
    """Why a job failed last, in a sentence."""
    return job_sentence(job.code, job.detail)


@register.filter
def money(amount_minor: int, code: str) -> str:
    return formats.money(amount_minor, code)


@register.filter
def treatment(code: str, strategy: str = "") -> str:
    return treatment_name(code, strategy)


@register.filter
def bucket(value: int) -> str:
    return str(BUCKET) % {"n": value}


@register.filter
def age_tone(bucket_no: int) -> str:
    """The colour of a bucket: five of them, whatever number of buckets a product has."""
    return f"age-{min(max(bucket_no, 0), 4)}"


@register.filter
def channel_icon(channel: str) -> SafeString:
    return draw_icon(_NON_CHANNEL_ICONS.get(channel, channel), 18)


@register.filter
def as_time(value: datetime) -> SafeString:
    """The instant in the reader's words, and exactly for machines."""
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(timespec="seconds"), formats.moment(value)
    )


@register.filter
def as_day(value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))


@register.filter
def as_due(due_at: datetime, now: datetime) -> SafeString:
    """How far away it is due; late ones are marked."""
    tone = "late" if due_at < now else "soon" if due_at < formats.day_end(now) else "far"
    return format_html(
        '<time class="due {}" datetime="{}" title="{}">{}</time>',
        tone,
        due_at.isoformat(timespec="seconds"),
        formats.moment(due_at),
        formats.until(due_at, now),
    )


@register.filter
def chip(code: str, vocabulary: str) -> SafeString:
    """A state in its words and its colour."""
    return format_html(
        '<span class="chip tone-{}">{}</span>',
        find_word(code, "tone"),
        find_word(code, vocabulary),
    )


@register.filter
def item(values: Mapping[str, Any], name: str) -> Any:
    return values.get(name)


@register.filter
def number_or_dash(value: Any) -> str:
    return formats.number(value) if isinstance(value, int) else "–"


@register.filter
def per_cent(value: int) -> str:
    return formats.per_cent(value)


@register.filter
def change(value: int) -> str:
    """Against the night before: `+12`, `−3`, or that nothing changed."""
    if not value:
        return _("as the night before")
    sign = "+" if value > 0 else "−"
    return _("%(change)s against the night before") % {"change": sign + formats.number(abs(value))}


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[Link]:
    """The navigation of whoever is signed in; empty for others."""
    request: Any = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    match = request.resolver_match
    return links_of(actor_of_request(request), match.view_name if match else "")


@register.simple_tag(takes_context=True)
def signed_in(context: template.Context) -> Actor | None:
    request: Any = context.get("request")
    if request is None or not request.user.is_authenticated:
        return None
    return actor_of_request(request)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    request: HttpRequest | None = context.get("request")
    return theme_of(request) if request is not None else ""


@register.simple_tag
def languages() -> list[dict[str, Any]]:
    """Each language by its own name, and whether the page is in it."""
    here = get_language()
    return [
        {"code": code, "name": get_language_info(code)["name_local"], "is_here": code == here}
        for code, _name in settings.LANGUAGES
    ]


@register.simple_tag
def language_tag() -> str:
    """The tag of the page's language as browsers and screen readers know it."""
    return "zh-Hans" if (get_language() or "").startswith("zh") else "en"


@register.filter
def yes_no(value: bool) -> str:
    return _("yes") if value else _("no")
