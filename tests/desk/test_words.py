"""Every code that the core and the tables know has words, and every event can be told."""

from __future__ import annotations

import pytest
from django.utils import translation

from kept.batch.intake.telling import sentence_of
from kept.core.attempts import Channel, Outcome
from kept.core.dealing import Why
from kept.core.intake import FileCode, RejectCode
from kept.core.intake.maps import COMPONENTS
from kept.core.intake.profiles import PROFILE_FIELDS
from kept.core.intake.quarantine import QuarantineCode
from kept.core.strategies import DESK, Stage
from kept.desk.events import tell
from kept.desk.words import WORDS, treatment_name, word
from kept.packs.strategies import load_strategies
from kept.work.searches import FoundBy
from kept.work.timelines import TimelineEntry, TimelinePage
from tests.factories import NOW


@pytest.mark.parametrize(
    ("vocabulary", "codes"),
    [
        ("stage", {stage.value for stage in Stage}),
        ("outcome", {outcome.value for outcome in Outcome}),
        ("dealing", {why.name.lower() for why in Why}),
        ("found_by", {found_by.value for found_by in FoundBy}),
        ("component", set(COMPONENTS)),
        ("profile_field", set(PROFILE_FIELDS)),
    ],
)
def test_every_code_of_a_closed_list_has_words(vocabulary: str, codes: set[str]) -> None:
    assert codes - set(WORDS[vocabulary]) == set()


def test_channels_of_the_shipped_strategies_have_words() -> None:
    used = {each.channel_code for strategy in load_strategies() for each in strategy.treatments}
    assert used | {DESK} <= set(WORDS["channel"])
    assert used <= {channel.value for channel in Channel} | {DESK}


@pytest.mark.django_db
def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert word("annual_tax", "component") == "annual tax"
    assert treatment_name("sing_a_song") == "sing a song"
    assert treatment_name("sing_a_song", "default:1") == "sing a song"


@pytest.mark.django_db
def test_treatments_have_the_names_of_their_strategy() -> None:
    with translation.override("zh-hans"):
        assert treatment_name("letter", "default:1") == "催收函"
    with translation.override("en"):
        assert treatment_name("letter", "default:1") == "Letter"


@pytest.mark.parametrize("code", [*RejectCode, *FileCode, *QuarantineCode])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_reason_is_a_sentence_with_and_without_its_values(code: str, language: str) -> None:
    with translation.override(language):
        said = sentence_of(code, {})
    assert said.endswith((".", "。", "…"))
    assert "{" not in said


def told(action: str, body: dict[str, object]) -> tuple[str, ...]:
    entry = TimelineEntry(NOW, "test", action, "case:1", None, body, {})
    with translation.override("en"):
        return tell(TimelinePage((entry,), None, {7: ("ACC-7", "CNY")}))[0].lines


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            {
                "accounts": [
                    {"account": 7, "balance_minor": 12_345, "change": "added", "state": "active"}
                ],
                "case": [{"change": "opened"}, {"change": "left", "account": 7, "reason": "cure"}],
                "holds": ["disputed"],
                "contact_points": 2,
            },
            (
                "case opened",
                "ACC-7: left the case (cured)",
                "ACC-7: new, balance CN¥123.45",
                "2 new contact points",
                "disputed",
            ),
        ),
        (
            {"buckets": [{"account": 7, "dpd": 31, "from": 1, "to": 2}]},
            ("ACC-7: B1 → B2, 31 days past due",),
        ),
        (
            {
                "task": {"treatment": "call", "due_at": "2026-11-21T20:00Z", "seat": None},
                "expired": ["letter"],
            },
            ("Call, due Nov 22, 2026", "Letter was not done in its time"),
        ),
        ({"treatment": "call", "state": "done"}, ("Call: done",)),
        (
            {"reason": "complaint", "effects": ["contact"], "until": None},
            ("complaint: no contact",),
        ),
        (
            {
                "account": 7,
                "kind": "payment",
                "postings": [["principal", "receivable", "cash", 500]],
            },
            ("principal -CN¥5.00",),
        ),
        ({"attempts": 3, "conversations": 1}, ("3 attempts", "1 conversation")),
        ({"something": {"new": [1, 2]}}, ()),
    ],
)
def test_what_an_event_tells(body: dict[str, object], lines: tuple[str, ...]) -> None:
    assert told("intake.apply", body) == lines


def test_a_long_event_is_cut_and_says_so() -> None:
    body = {"buckets": [{"account": n, "dpd": n, "from": 1, "to": 2} for n in range(30)]}
    entry = TimelineEntry(NOW, "test", "night.settle", "case:1", None, body, {})
    cut = tell(TimelinePage((entry,), None, {}))[0]
    assert (len(cut.lines), cut.more) == (8, 22)
