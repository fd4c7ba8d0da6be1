"""Words for the codes that the tables and packs hold, in the language of the reader.

A code without words here is shown as it is, with spaces for its underscores: a new code may come
from a product, a map or a strategy of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _in

from kept.core.task_clocks import CALLBACK
from kept.desk.payment_words import (
    PAYMENT_ACTIONS,
    PAYMENT_APPROVALS,
    PAYMENT_TONES,
    PAYMENT_WORDS,
)
from kept.store.models import (
    Account,
    ContactPoint,
    Entry,
    Hold,
    IdentityKey,
    IntakeFile,
    IntakeReject,
    Person,
    Plan,
    RelatedPerson,
    Run,
    StrategyStep,
    StrategyVersion,
    Task,
    TextVersion,
    Waiver,
)
from kept.store.models import Promise as StoredPromise
from kept.store.models.documents import KIND_NAMES
from kept.work.permissions import ROLE_NAMES
from kept.work.strategies import known_treatment

__all__ = ["WORDS", "treatment_name", "word"]

Words = Mapping[str, str | Promise]

_STAGES: Words = {
    "pre_due": _("before the due date"),
    "remind": _("reminder"),
    "call": _("calls"),
    "firm": _("firmer calls"),
    "letter": _("letters"),
    "visit": _("visits"),
    "legal": _("legal"),
    "closed": _("closed"),
}
_CHANNELS: Words = {
    "desk": _("desk work"),
    "call": _("call"),
    "message": _("message"),
    "sms": _("text message"),
    "email": _("e-mail"),
    "letter": _("letter"),
    "visit": _("visit"),
    "field_visit": _("visit"),
    "ai_call": _("call by a voice robot"),
    "workplace_call": _("call at work"),
    "ringless_voicemail": _("voicemail without ringing"),
    "postcard": _("postcard"),
    "push": _("push message"),
    "social_dm": _("direct message"),
    "web_portal": _("web portal"),
    "court_filing": _("court filing"),
}
_COMPONENTS: Words = {
    "principal": _("principal"),
    "interest": _("interest"),
    "fee": _("fees"),
    "penalty": _("penalty"),
    "cost": _("costs"),
}
_ACCRUALS: Words = {
    "contract": _("by contract"),
    "promotional": _("promotional rate"),
    "overdue": _("overdue"),
    "judgment": _("by judgment"),
    "late_fee": _("late fee"),
    "stopped": _("stopped"),
    "yearly": _("a year"),
    "daily": _("a day"),
}
_REASONS: Words = {
    "recalled": _("recalled"),
    "closed": _("closed by the creditor"),
    "paid": _("paid"),
    "cure": _("cured"),
    "with_case": _("left with the case"),
}
_DEALING: Words = {
    "kept": _("The case stays with its seat."),
    "most_room": _("The seat with the most time left among those that can take it."),
    "moved_full": _("The seat it had is full; it went to the one with the most time left."),
    "moved_unfit": _("The seat it had cannot take it; it went to the one with the most time left."),
    "no_room": _("Every seat that could take it is full today."),
    "callback": _("The debtor asked to be called at this time."),
    "nobody": _("No seat has the skill, the language, the grade and the creditor."),
    "moved_away": _("The seat it had is away for longer; it went to another one."),
    "moved_idle": _("The seat it had did nothing on it for long; it went to another one."),
    "moved_no_progress": _("Many attempts never reached the debtor; another seat tries."),
    "moved_stage": _("It entered a stage that is dealt anew."),
    "moved_conflict": _("The seat it had must not work this debtor."),
    "moved_grade": _("The seat it had is not of the grade that the case has."),
    "no_other": _("It should have moved, and no other seat could take it."),
    "waits_for_seat": _("Its seat is away and back soon; it waits for it."),
    "seat_changed": _("Its seat cannot do this work any more; it waits to be dealt again."),
    "seat_withdrawn": _("Its seat was withdrawn; it waits to be dealt again."),
    "by_hand": _("Given to this seat by hand."),
    "undone": _("A dealing was undone; it is back where it was."),
}
_FOUND_BY: Words = {
    "case": _("case number"),
    "account": _("account number"),
    "debtor_number": _("debtor number"),
    "phone": _("telephone"),
    "email": _("e-mail"),
    "identity": _("identity number"),
    "name": _("name"),
}
_ROLES: Words = {role.value: name for role, name in ROLE_NAMES.items()}
_ACTIONS: Words = {
    "night.settle": _("Cases and buckets brought up to date"),
    "night.deal": _("Tonight's task decided and dealt"),
    "night.refuse": _("Tonight's contact refused by law"),
    "case.decide": _("Decided again by day"),
    "task.close": _("Task closed"),
    "task.escalate": _("Tasks that waited too long, told to the team lead"),
    "follow_up.write": _("Follow-up"),
    "document.print": _("Document printed"),
    "document.withdraw": _("Document withdrawn"),
    "intake.apply": _("Figures from the creditor's file"),
    "case.open": _("Case opened"),
    "case.close": _("Case closed"),
    "case.gather": _("Accounts joined the case"),
    "case.deal": _("Dealt to a seat"),
    "case.take": _("Taken up out of turn"),
    "account.enter": _("Account entered the case"),
    "account.leave": _("Account left the case"),
    "intake.account": _("Figures from the creditor's file"),
    "intake.miss": _("Missing from the creditor's file"),
    "hold.place": _("Hold placed"),
    "hold.release": _("Hold released"),
    "permit.issue": _("Contact permitted"),
    "permit.refuse": _("Contact refused"),
    "permit.use": _("Contact made"),
    "permit.release": _("Permit given back"),
    "permit.settle": _("Outcome of a contact"),
    "permit.expire": _("Permits expired unused"),
    "permit.miss_outcome": _("Contacts without an outcome"),
    "contacts.review": _("Contacts reviewed"),
    "presumption.release": _("Presumption of violation released"),
    "ledger.charge": _("Charge posted"),
    "ledger.payment": _("Payment posted"),
    "ledger.waiver": _("Waiver posted"),
    "ledger.reverse": _("Entry reversed"),
    "promise.take": _("Promise taken"),
    "promise.confirm": _("Promise confirmed"),
    "promise.cancel": _("Promise cancelled"),
    "promise.end": _("Promise ended"),
    "promise.judge": _("What became of promises"),
    "promise.load": _("Promises from an older system"),
    "task.propose": _("Next step decided"),
    "rule.switch": _("Rule of law switched"),
    "attempt.take_history": _("Earlier attempts taken in"),
    "person.take_records": _("Records of the creditor's file taken in"),
    "creditor.load_history": _("From when on all contacts are known"),
}
_RECORD_ACTIONS: Words = {
    "case.export": _("Case exported for a regulator"),
    "person.erase": _("Person erased"),
}
_APPROVAL_ACTIONS: Words = {
    "approval.request": _("Approval asked for"),
    "approval.accept": _("Approval: yes"),
    "approval.refuse": _("Approval: no"),
    "approval.carry_out": _("Approved and carried out"),
    "approval.withdraw": _("Request withdrawn"),
    "approval.expire": _("Request ran out"),
    "plan.offer": _("Plan offered"),
    "plan.accept": _("Plan accepted by the debtor"),
    "plan.change": _("Plan has a new schedule"),
    "plan.perform": _("Plan performed"),
    "plan.breach": _("Plan breached"),
    "plan.end": _("Plan ended"),
    "householdfigures.record": _("Figures of the household recorded"),
    "householdfigures.end": _("Figures of the household ended"),
    "hardship.record": _("Hardship or relief recorded"),
    "hardship.end": _("Hardship or relief ended"),
    "circumstance.record": _("Circumstance recorded"),
    "circumstance.end": _("Circumstance ended"),
    "representation.record": _("Somebody who speaks for the debtor recorded"),
    "representation.end": _("Nobody speaks for the debtor any more"),
    "vulnerability.record": _("Vulnerability recorded"),
    "vulnerability.end": _("Vulnerability ended"),
    "consent.record": _("Consent recorded"),
    "consent.end": _("Consent ended"),
    "stop.record": _("Wish not to be contacted recorded"),
    "stop.end": _("Wish not to be contacted ended"),
    "dispute.record": _("Dispute recorded"),
    "dispute.end": _("Dispute ended"),
    "complaint.record": _("Complaint recorded"),
    "complaint.end": _("Complaint ended"),
    "waiver.request": _("Waiver asked for"),
    "waiver.offer": _("Waiver approved"),
    "waiver.accept": _("Waiver accepted by the debtor"),
    "waiver.post": _("Waiver carried out"),
    "waiver.refuse": _("Waiver refused"),
    "waiver.withdraw": _("Waiver withdrawn"),
    "waiver.counter": _("Waiver replaced by a counter-offer"),
    "waiver.expire": _("Offer of a waiver expired"),
    "waiver.fail": _("Condition of a waiver missed"),
    "waiver.undo": _("Waiver undone: payments were taken back"),
    "number.reveal": _("A masked value was shown"),
    "access.use": _("Opened by timed access of staff"),
}
_APPROVAL_KINDS: Words = {
    "waiver": _("waiver by hand"),
    "waiver_offer": _("waiver"),
    "waiver_policy": _("waiver policy"),
    "plan_policy": _("plan policy"),
    "reversal": _("reversal of an entry"),
    "manual_payment": _("payment by hand"),
    "manual_charge": _("charge by hand"),
    "administrator": _("role of administrator"),
    "staff_access": _("timed access of staff"),
    "approval_policy": _("policy of approvals"),
    "erasure": _("erasure of a person"),
    "promise_policy": _("policy of promises"),
}
_APPROVAL_DETAILS: Words = {
    "account": _("account number"),
    "effective_on": _("for the day"),
    "reference": _("reference"),
    "reason": _("reason"),
    "user": _("user"),
    "role": _("role"),
    "hours": _("hours"),
    "waiver_kind": _("kind of waiver"),
    "balance": _("balance"),
    "share": _("share of the balance"),
    "components": _("of which"),
    "portfolio": _("portfolio"),
    "rule": _("rule of the policy"),
    "rules": _("rules of the policy"),
    "policy": _("policy"),
    "valid_from": _("valid from"),
    "pays": _("the debtor pays"),
    "pays_by": _("paid by"),
    "offer_until": _("offer stands until"),
    "kind": _("kind"),
    "received_on": _("received on"),
    "returned_on": _("returned on"),
    "code": _("reason code"),
}
_APPROVAL_STATES: Words = {
    "open": _("waiting"),
    "approved": _("approved"),
    "refused": _("refused"),
    "withdrawn": _("withdrawn"),
    "expired": _("ran out"),
}
_REVEAL_REASONS: Words = {
    "contact": _("to contact them"),
    "verify": _("to check who is speaking"),
    "correct": _("the value is said to be wrong"),
    "complaint": _("complaint"),
    "legal": _("legal matter"),
    "other": _("other, see note"),
}
_DAY_CAUSES: Words = {
    "outcome": _("after the outcome of a contact"),
    "task": _("after a task was closed"),
    "hold": _("after a hold was placed or released"),
    "record": _("after something was recorded about the person"),
    "payment": _("after an entry in the ledger"),
    "seat": _("after a seat's time or cases changed"),
    "capacity": _("after a capacity changed"),
    "promise": _("after a promise"),
}
_DAY_CLOSED: Words = {
    "day_held": _("a hold stops it"),
    "day_unlawful": _("the law does not allow it any more"),
    "day_contacted": _("this person has had today's contact"),
    "day_not_proposed": _("the strategy does not propose it any more"),
    "day_worth_nothing": _("it is worth nothing any more"),
    "day_no_room": _("no room is left at tonight's prices"),
    "day_better": _("something else is worth more now"),
}
_CASE_CHANGES: Words = {
    "opened": _("case opened"),
    "entered": _("entered the case"),
    "gathered": _("came along"),
    "left": _("left the case"),
    "closed": _("case closed"),
    "changed": _("changed"),
}
_OUTCOMES: Words = {
    "busy_signal": _("busy"),
    "not_in_service": _("not in service"),
    "network_failure": _("network failure"),
    "ring_no_answer": _("no answer"),
    "voicemail_left": _("voicemail left"),
    "voicemail_left_naming_debts": _("voicemail left that names debts"),
    "limited_content_message": _("message of limited content"),
    "voicemail_full_no_message": _("voicemail full"),
    "voicemail_no_ring": _("voicemail without ringing"),
    "answered_dropped": _("answered and dropped"),
    "declined": _("declined"),
    "machine_no_message": _("answering machine"),
    "conversation": _("conversation"),
    "conversation_in_progress": _("conversation under way"),
    "wrong_number_learned": _("wrong number"),
    "contact_refused": _("contact refused"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "received": _("received by them"),
    "STOP": _("asked to stop"),
    "undeliverable": _("undeliverable"),
    "mailed_validation_notice": _("validation notice mailed"),
    "furnished": _("furnished"),
    "session_ended": _("session ended"),
}
_USAGES: Words = {
    "mobile": _("mobile"),
    "home": _("home"),
    "work": _("work"),
    "registered": _("registered"),
    "postal": _("postal"),
    "other": _("other"),
}
_SOURCES: Words = {"creditor_file": _("creditor's file")}
_PROFILE_FIELDS: Words = {
    "account.as_of": _("figures as of"),
    "account.opened_on": _("opening day"),
    "account.original_amount": _("original amount"),
    "account.due_on": _("due date"),
    "account.next_due_on": _("next due date"),
    "account.overdue": _("overdue amount"),
    "debtor.external_id": _("debtor number"),
    "debtor.identity": _("identity number"),
    "contacts.phone": _("telephone"),
    "contacts.email": _("e-mail"),
    "contacts.address": _("address"),
    "contacts.handle": _("messaging handle"),
    "related": _("related persons"),
    "product": _("product"),
    "state": _("state"),
    "hold": _("holds"),
}
_INTAKE_STAGES: Words = {
    "staged": _("reading"),
    "checked": _("checking"),
    "profiled": _("profiling"),
    "applied": _("applying"),
    "missing": _("looking for missing accounts"),
    "acknowledged": _("acknowledging"),
}
_NIGHT_STEPS: Words = {
    "snapshot": _("snapshot"),
    "facts": _("facts"),
    "promises": _("promises"),
    "propose": _("propose"),
    "permit": _("permit"),
    "price": _("price"),
    "deal": _("deal"),
    "write": _("write"),
    "announce": _("announce"),
    "seal": _("seal"),
}
_NIGHT_STAGES: Words = {
    "prepared": _("snapshot"),
    "settled": _("facts"),
    "promised": _("promises"),
    "proposed": _("propose and permit"),
    "priced": _("price"),
    "dealt": _("deal and write"),
    "summed": _("announce"),
}
_JOBS: Words = {
    "case.decide": _("decide cases again"),
    "intake.work_off_file": _("take in a file"),
    "nightly.run": _("run the night"),
    "nightly.run_group": _("run the nights of a group"),
    "intents.carry_out": _("carry out effects"),
    "announcements.tell": _("tell subscribers"),
    "house.back_up": _("back up the book"),
    "strategy.try": _("try a strategy"),
    "house.forget_old": _("forget what is old"),
    "house.seal_chains": _("seal all chains of events"),
    "house.list_due": _("count what may be erased"),
    "house.make_months": _("make the months ahead"),
    "house.seal_log": _("archive the database's log"),
}
_EFFECTS: Words = {
    "intake.acknowledge": _("put an acknowledgement into the outbox"),
}
_EFFECT_REASONS: Words = {
    "": "–",
    "outbox_not_writable": _("the outbox cannot be written to"),
    "outbox_not_readable": _("the outbox cannot be read"),
    "no_connection": _("no connection"),
    "no_answer": _("no answer in time"),
    "address_form": _("the address is none"),
    "address_scheme": _("the address is not encrypted"),
    "address_name": _("the name of the address is not known"),
    "address_private": _("the address is a private one"),
}
_LAW_LACKS: Words = {
    "residence": _("Where this person lives is not recorded, so the law of every place binds."),
    "zone": _("Nothing says in which zone this person is."),
    "cut_over": _("Earlier contacts are not known, so every cap counts as full."),
}
_TONES_OF_STATE: Words = {
    "received": "info",
    "checked": "info",
    "profiled": "info",
    "applied": "info",
    "acknowledged": "good",
    "waiting": "warn",
    "quarantined": "bad",
    "skipped": "muted",
    "dry_run": "muted",
    "running": "info",
    "done": "good",
    "failed": "bad",
    "open": "info",
    "approved": "good",
    "refused": "bad",
    "withdrawn": "muted",
    "cancelled": "muted",
    "expired": "muted",
    "active": "good",
    "missing": "warn",
    "recalled": "muted",
    "closed": "muted",
    "draft": "muted",
    "review": "warn",
    "in_force": "good",
    "ending": "good",
    "coming": "info",
    "retired": "muted",
    "replaced": "muted",
    "performed": "good",
    "breached": "bad",
    "ended": "muted",
    "requested": "warn",
    "offered": "info",
    "accepted": "info",
    "posted": "good",
    "countered": "muted",
    "undone": "bad",
    "kept": "good",
    "partial": "warn",
    "broken": "bad",
}

WORDS: Final[Mapping[str, Words]] = {
    "stage": _STAGES,
    "channel": _CHANNELS,
    "component": _COMPONENTS,
    "reason": _REASONS,
    "dealing": _DEALING,
    "found_by": _FOUND_BY,
    "role": _ROLES,
    **PAYMENT_WORDS,
    "action": {**_ACTIONS, **PAYMENT_ACTIONS, **_RECORD_ACTIONS, **_APPROVAL_ACTIONS},
    "approval_kind": {**_APPROVAL_KINDS, **PAYMENT_APPROVALS},
    "approval_detail": _APPROVAL_DETAILS,
    "approval_state": _APPROVAL_STATES,
    "reveal_reason": _REVEAL_REASONS,
    "case_change": _CASE_CHANGES,
    "day_cause": _DAY_CAUSES,
    "day_closed": _DAY_CLOSED,
    "outcome": _OUTCOMES,
    "usage": _USAGES,
    "source": _SOURCES,
    "profile_field": _PROFILE_FIELDS,
    "intake_stage": _INTAKE_STAGES,
    "none": {},  # codes of the creditor's own, such as products
    "night_stage": _NIGHT_STAGES,
    "night_step": _NIGHT_STEPS,
    "job": _JOBS,
    "job_stage": {**_INTAKE_STAGES, **_NIGHT_STAGES},
    "effect_on_others": _EFFECTS,
    "effect_reason": _EFFECT_REASONS,
    "law_lack": _LAW_LACKS,
    "tone": {**_TONES_OF_STATE, **PAYMENT_TONES},
    "task_state": dict(Task.State.choices),
    "account_state": dict(Account.State.choices),
    "run_state": dict(Run.State.choices),
    "strategy_standing": {
        **dict(StrategyVersion.State.choices),
        "coming": _("to come"),
        "ending": _("in force, ending"),
        "replaced": _("replaced by the house's own"),
    },
    "plan_shape": dict(Plan.Shape.choices),
    "plan_state": dict(Plan.State.choices),
    "plan_end": dict(Plan.EndReason.choices),
    "waiver_kind": dict(Waiver.Kind.choices),
    "waiver_state": dict(Waiver.State.choices),
    "waiver_reason": dict(Waiver.Reason.choices),
    "strategy_step": dict(StrategyStep.Kind.choices),
    "text_kind": dict(TextVersion.Kind.choices),
    "job_state": {
        "todo": _("jobs waiting"),
        "doing": _("jobs running"),
        "failed": _("jobs failed"),
        "aborted": _("jobs ended by a person"),
    },
    "file_state": dict(IntakeFile.State.choices),
    "coverage": dict(IntakeFile.Coverage.choices),
    "file_type": {
        "accounts": _("accounts"),
        "attempts": _("earlier contacts"),
        "stops": _("stops"),
        "consents": _("consents"),
        "persons": _("facts about persons"),
        "promises": _("promises"),
        "plans": _("instalment plans"),
    },
    "promise_standing": {"due": _("promise due"), "broken": _("promise not kept")},
    "promise_state": dict(StoredPromise.State.choices),
    "promise_end": dict(StoredPromise.EndReason.choices),
    "promise_way": dict(StoredPromise.Way.choices),
    "promise_said_by": dict(StoredPromise.SaidBy.choices),
    "severity": dict(IntakeReject.Severity.choices),
    "hold": dict(Hold.Reason.choices),
    "effect": dict(Hold.Effect.choices),
    "kind": dict(Person.Kind.choices),
    "identity": dict(IdentityKey.Kind.choices),
    "contact": dict(ContactPoint.Kind.choices),
    "validity": dict(ContactPoint.Validity.choices),
    "consent": dict(ContactPoint.Consent.choices),
    "relation": dict(RelatedPerson.Relation.choices),
    "entry": dict(Entry.Kind.choices),
    "accrual": _ACCRUALS,
    "document": {kind.value: name for kind, name in KIND_NAMES.items()},
}

# Said of a bucket: "B2"; in Chinese usage "M2".
BUCKET = _in("bucket", "B%(n)s")


def word(code: str, vocabulary: str) -> str:
    """The words for a code of one vocabulary of `WORDS`."""
    found = WORDS[vocabulary].get(str(code))
    return str(code).replace("_", " ") if found is None else str(found)


def treatment_name(code: str, strategy: str = "") -> str:
    """A treatment's name out of its strategy (`code:version`), or of any that has it."""
    if code == CALLBACK:
        return gettext("Call back")
    found = known_treatment(code, strategy)
    if found is None:
        return code.replace("_", " ")
    return found.name_zh if (get_language() or "").startswith("zh") else found.name_en
