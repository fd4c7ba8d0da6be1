"""A book with all kinds of facts that the law asks about, drawn from a seed; nothing is judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from kept.core.attempts import Channel, Outcome
from kept.core.calendar import instant_of, utc_datetime
from kept.store.models import (
    Case,
    Circumstance,
    Consent,
    ContactPoint,
    Creditor,
    Debtor,
    Dispute,
    Hardship,
    Hold,
    LegalEntity,
    Product,
    RelatedPerson,
    Representation,
    Stop,
    Vulnerability,
)
from tests import factories as make

#: A Monday, eleven at night in Shanghai, ten in the morning in New York.
ASKED = instant_of(datetime(2026, 11, 23, 15, tzinfo=UTC))
NOW = utc_datetime(ASKED)
HOMES: list[dict[str, Any]] = [
    {"country": "CN", "zones": ["Asia/Shanghai"]},
    {"country": "US", "zones": ["America/New_York"]},
    {"country": "US", "zones": []},
    {"country": "", "zones": []},
]
PHONES = ("+8613800138%03d", "+12125550%03d", "+14155550%03d", "+4479460180%02d")
PLACES = [
    {"country": "US", "region": "US-MA", "zone": "America/New_York"},
    {"country": "IN", "region": "", "zone": ""},
    {"country": "", "region": "", "zone": "Asia/Tokyo"},
    {"country": "", "region": "", "zone": "", "place": "work"},
]
WINDOWS = [[[31, 540, 720]], [[127, 1200, 1320], [96, 0, 1440]]]
CHANNELS = {
    "phone": ("call", "sms", "ai_call", "workplace_call"),
    "email": ("email",),
    "address": ("letter", "field_visit"),
    "handle": ("social_dm",),
}
OUTCOMES = [
    "",
    *(Outcome.CONVERSATION, Outcome.RING_NO_ANSWER, Outcome.RING_NO_ANSWER, Outcome.BUSY_SIGNAL),
    *(Outcome.CONTACT_REFUSED, Outcome.WRONG_NUMBER_LEARNED, Outcome.STOP, Outcome.RECEIVED),
    *(Outcome.UNDELIVERABLE, Outcome.MAILED_VALIDATION_NOTICE, Outcome.VOICEMAIL_LEFT),
]


class VariedBook:
    """One creditor's cases, beside another creditor who knows some of the persons."""

    def __init__(self, seed: int, debtors: int) -> None:
        self.draw = Random(seed)
        make.make_partitions()
        self.other = make.make_creditor()
        self.creditor = self._creditor()
        self.entities = [make.make_legal_entity(type=each) for each in self._types()]
        self._engage()
        self.products = [self._product(self.creditor) for _ in range(3)]
        self.seat = make.make_seat(team=make.make_team(legal_entity=self.entities[0]))
        self.cases = [self._case() for _ in range(debtors)]

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def some(self, *values: Any) -> Any:
        return self.draw.choice(values)

    def _creditor(self) -> Creditor:
        country = self.some("CN", "US")
        zone = {"CN": "Asia/Shanghai", "US": "America/Chicago"}[country]
        known = {} if self.chance(0.2) else {"cut_over_on": date(2026, 1, 1)}
        return make.make_creditor(country=country, zone=zone, **known)

    def _types(self) -> list[str]:
        types = LegalEntity.Type
        return [self.some(types.DEBT_COLLECTOR, types.THIRD_PARTY_AGENCY), types.ORIGINAL_CREDITOR]

    def _engage(self) -> None:
        for number, entity in enumerate(self.entities):
            make.make_engagement(self.creditor, legal_entity=entity, in_own_name=number == 1)
        make.make_engagement(self.other, legal_entity=self.entities[0])

    def _product(self, creditor: Creditor) -> Product:
        kinds = Product.DebtType
        kind = self.some(kinds.CREDIT_CARD, kinds.STUDENT_LOAN, kinds.BUSINESS, kinds.CONSUMER)
        return make.make_product(creditor, debt_type=kind)

    # --- one debtor ---

    def _case(self) -> Case:
        debtor = make.make_debtor(self.creditor, **self.some(*HOMES))
        accounts = [
            make.make_account(self.some(*self.products), debtor) for _ in range(self.some(1, 1, 3))
        ]
        seat = self.some(None, None, self.seat)
        case = make.make_case(debtor, *accounts, seat=seat)
        if self.chance(0.1):
            Case.objects.filter(pk=case.pk).update(closed_on=date(2026, 11, 1), close_reason="paid")
        self._points(debtor, None)
        for _ in range(self.some(0, 0, 1, 2)):
            self._related(debtor)
        for _ in range(self.some(0, 3, 9)):
            self._attempt(case)
        if self.chance(0.15):
            make.make_permit(
                case, expires_at=NOW + timedelta(minutes=9), account_ids=self._accounts(debtor)
            )
        if self.chance(0.3):
            self._elsewhere(debtor)
        if self.chance(0.7):
            self._records(case)
        return case

    def _points(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        for _ in range(self.some(1, 2)):
            value = self.some(*PHONES) % self.draw.randrange(100)
            validity = self.some("unknown", "valid", "invalid")
            usage, consent = self.some("mobile", "work"), self.some("unknown", "withdrawn", "given")
            if ContactPoint.objects.filter(debtor=debtor, masked=value[-16:]).exists():
                continue
            make.make_contact_point(
                debtor,
                value,
                related_person=related,
                usage=usage,
                validity=validity,
                consent=consent if consent in ContactPoint.Consent.values else "unknown",
                masked=value[-16:],
            )
        for kind in ("email", "address"):
            if self.chance(0.6):
                make.make_contact_point(
                    debtor,
                    f"{kind}{make.next_number()}@example.com",
                    kind=kind,
                    usage=self.some("home", "work"),
                    related_person=related,
                )

    def _related(self, debtor: Debtor) -> None:
        natural = self.some(None, None, make.make_person())
        related = make.make_related_person(
            debtor,
            relation=self.some(*RelatedPerson.Relation.values),
            person=natural,
            name=f"李{make.next_number()}",
        )
        if natural is not None and self.chance(0.5):  # a debtor of the same house too
            make.make_case(make.make_debtor(self.some(self.creditor, self.other), person=natural))
        self._points(debtor, related)

    def _elsewhere(self, debtor: Debtor) -> None:
        """The same person at another creditor, with contacts and a stop there."""
        twin = make.make_debtor(self.other, person=debtor.person)
        case = make.make_case(twin)
        for _ in range(3):
            self._attempt(case)
        if self.chance(0.5):
            self._stop(twin, None)

    def _attempt(self, case: Case) -> None:
        points = list(ContactPoint.objects.filter(debtor=case.debtor))
        point = self.some(None, *points)
        channel = self.some(*CHANNELS[point.kind if point else "phone"])
        accounts = self.some(None, self._accounts(case.debtor))
        make.make_attempt(
            case,
            started_at=NOW - timedelta(minutes=self.draw.randrange(20 * 1440)),
            channel=channel,
            outcome=self.some(*OUTCOMES),
            inbound=self.chance(0.15),
            contact_point=point,
            legal_entity=self.some(None, *self.entities),
            account_ids=accounts,
            talked_account_ids=accounts and self.some(None, accounts[:1], []),
        )

    def _accounts(self, debtor: Debtor) -> list[int]:
        return list(debtor.accounts.order_by("id").values_list("pk", flat=True))

    # --- what is recorded ---

    def _records(self, case: Case) -> None:
        debtor = case.debtor
        for _ in range(self.some(1, 2, 4)):
            related = self.some(None, None, *debtor.related_persons.all())
            self.some(
                self._stop,
                self._stop,
                self._circumstance,
                self._circumstance,
                self._consent,
                self._consent,
                self._representation,
                self._dispute,
                self._soft,
                self._hold,
            )(debtor, related)

    def _about(self, debtor: Debtor, related: RelatedPerson | None) -> dict[str, Any]:
        accounts = self.some(None, None, self._accounts(debtor)[:1])
        begun = NOW - timedelta(minutes=self.draw.randrange(30 * 1440))
        ended = {"ended_at": NOW, "ended_by": "test"} if self.chance(0.15) else {}
        return {
            "debtor": debtor,
            "related_person": related,
            "account_ids": accounts,
            "received_at": begun,
            "recorded_at": begun,
            "recorded_by": "test",
            **ended,
        }

    def _point(self, debtor: Debtor) -> ContactPoint | None:
        found: ContactPoint | None = self.some(
            None, *ContactPoint.objects.filter(debtor=debtor, kind="phone")
        )
        return found

    def _stop(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        kind = self.some(*Stop.Kind.values)
        given: dict[str, Any] = {}
        today = NOW.date()
        if kind in ("inconvenient_times", "reasonable_times"):
            given = {"windows": self.some(*WINDOWS)}
        elif kind == "inconvenient_place":
            given = {"place": self.some("home", "work")}
        elif kind == "breathing_space":
            given = {"from_on": today - timedelta(days=9), "until_on": today + timedelta(days=9)}
        elif kind == "cease_request":
            given = {"medium": self.some("letter", "email", "call"), "accepted": self.chance(0.5)}
        elif kind == "opt_out":
            given = {"channel": self.some("", *Channel), "contact_point": self._point(debtor)}
        elif kind == "sensitive_occasion":
            given = {"until_on": self.some(None, today, today - timedelta(days=5))}
        Stop.objects.create(kind=kind, **self._about(debtor, related), **given)

    def _circumstance(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        kind = self.some(*Circumstance.Kind.values)
        given: dict[str, Any] = {}
        if kind in ("residence", "present_place"):
            given = self.some(*PLACES)
        if kind == "present_place":
            given = {**given, "until_on": self.some(None, NOW.date(), date(2026, 11, 1))}
        if kind == "bankruptcy":
            given = {"status": self.some("pending", "discharged")}
        Circumstance.objects.create(kind=kind, **self._about(debtor, related), **given)

    def _consent(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        kind = self.some(*Consent.Kind.values)
        point = self._point(debtor)
        if kind == "address" and point is None:
            return
        Consent.objects.create(
            kind=kind,
            directly_to=self.some(*self.entities),
            contact_point=point if kind in ("address", "machine") else None,
            channel=self.some("", "sms", "email") if kind in ("address", "machine") else "",
            windows=self.some(*WINDOWS) if kind in ("agreed_times", "times") else [],
            only_on=[NOW.date()] if kind == "more_calls" and self.chance(0.3) else [],
            until_at=self.some(None, NOW + timedelta(days=2), NOW),
            **self._about(debtor, related),
        )

    def _representation(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        Representation.objects.create(
            kind=self.some(*Representation.Kind.values),
            is_certain=self.chance(0.6),
            is_reachable=self.chance(0.6),
            allows_contact=self.chance(0.3),
            is_unresponsive=self.chance(0.3),
            **self._about(debtor, related),
        )

    def _dispute(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        about = self._about(debtor, related)
        answer = {"answer": "verified"} if "ended_at" in about else {}
        Dispute.objects.create(
            category=self.some(*Dispute.Category.values),
            written=self.chance(0.6),
            due_at=NOW + timedelta(days=5),
            **about,
            **answer,
        )

    def _soft(self, debtor: Debtor, related: RelatedPerson | None) -> None:
        if self.chance(0.5):
            Vulnerability.objects.create(**self._about(debtor, related))
        else:
            Hardship.objects.create(
                kind="instalment",
                from_on=date(2026, 11, 1),
                until_on=self.some(None, date(2026, 11, 10), date(2026, 12, 24)),
                is_breached=self.chance(0.3),
                **self._about(debtor, related),
            )

    def _hold(self, debtor: Debtor, _related: RelatedPerson | None) -> None:
        reason = self.some(*Hold.Reason.values)
        if not Hold.objects.filter(debtor=debtor, reason=reason).exists():
            make.make_hold(debtor, reason=reason, placed_at=NOW)
