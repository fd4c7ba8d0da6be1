"""How each use case is called in the test of the role table, in a house where it has work to do.

`CALLS` has one entry a use case: given the house and an actor, it calls it once. `ROLES` narrows
the roles that an answer is expected for, where holding the permission is not all that is asked.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import polars as pl

from kept.batch.dealing import do_undo_dealing, do_withdraw_seat, run_dealing
from kept.batch.intake.control import Control
from kept.batch.intake.correcting import receive_corrections
from kept.batch.intake.receiving import FileToReceive, receive_and_run, receive_file
from kept.batch.nightly import run_group, run_night, run_nights
from kept.batch.printing import do_print_documents
from kept.batch.strategy_trials import do_start_strategy_trial
from kept.core.actors import Actor, Role, job
from kept.core.agreements.plan_policy import PlanPolicy
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.approvals import Band
from kept.core.calendar import instant_of
from kept.core.dealing_policy import DealingPolicy
from kept.core.documents.kinds import DocumentKind
from kept.core.ledger import EntryKind
from kept.core.reveals import RevealKind
from kept.packs.law_packs import load_law_packs
from kept.packs.strategy_texts import shipped_text
from kept.packs.waivers import default_text
from kept.store.models import (
    Account,
    Approval,
    Capacity,
    Case,
    Circumstance,
    Complaint,
    Consent,
    ContactPoint,
    Creditor,
    Debtor,
    Delegation,
    Dispute,
    Entry,
    Hardship,
    Hold,
    IntakeFile,
    Judgment,
    LegalEntity,
    NightGroup,
    NightGroupMember,
    Plan,
    PlanInstalment,
    Product,
    Representation,
    RoleGrant,
    RuleSwitch,
    Run,
    Seat,
    SeatAbsence,
    SeatConflict,
    StaffAccess,
    Stop,
    StrategyVersion,
    Task,
    TextStep,
    TextVersion,
    User,
    Vulnerability,
    Waiver,
    WaiverBudget,
    WaiverPolicy,
)
from kept.store.models import DealingPolicy as DealingPolicyRow
from kept.store.models import PlanPolicy as PlanPolicyRow
from kept.store.models import PromisePolicy as PromisePolicyRow
from kept.store.sealing import SealedContent, vault_folder
from kept.work.accesses import (
    do_close_ended_accesses,
    do_end_access,
    list_accesses,
    list_creditors_to_access,
)
from kept.work.accruals import do_record_judgment, do_withdraw_judgment, get_accrual
from kept.work.actors import do_make_user, do_save_user, do_set_language, do_set_password
from kept.work.announcements import (
    do_save_subscriber,
    do_set_subscriber_secret,
    list_subscribers,
)
from kept.work.api_keys import do_make_key, do_revoke_key, list_keys
from kept.work.approval_lists import Which, count_to_decide, get_approval, list_approvals
from kept.work.approval_policies import do_set_policy, list_policies
from kept.work.approvals import (
    NeedsApproval,
    do_decide_approval,
    do_expire_approvals,
    do_request_approval,
    do_withdraw_approval,
)
from kept.work.attempts import HISTORY_COLUMNS, do_take_attempt_history
from kept.work.audit import do_export_case, get_verification
from kept.work.capacities import do_set_capacity, list_capacities
from kept.work.case_lists import list_cases
from kept.work.case_moves import do_move_cases
from kept.work.case_piles import PileChoice, list_pile
from kept.work.cases import get_case
from kept.work.charge_offs import (
    do_buy_account_back,
    do_charge_account_off,
    do_sell_account,
)
from kept.work.consents import (
    do_record_consent,
    do_record_stop,
    do_revoke_consent,
    do_withdraw_stop,
)
from kept.work.contact_counts import get_contact_days, list_contacted
from kept.work.contact_reviews import do_review_contacts
from kept.work.creditors import (
    do_declare_no_history,
    do_save_creditor,
    do_save_engagement,
    do_save_legal_entity,
    do_set_cut_over,
    list_creditors,
    list_engaged_entities,
)
from kept.work.dealing_policies import do_set_dealing_policy, list_dealing_policies
from kept.work.dealings import get_dealing, list_dealings
from kept.work.delegations import do_delegate, do_end_delegation, list_delegations
from kept.work.disputes import (
    do_assign_complaint,
    do_assign_dispute,
    do_close_complaint,
    do_close_dispute,
    do_open_complaint,
    do_open_dispute,
)
from kept.work.document_papers import PaperRequest
from kept.work.documents import (
    do_print_document,
    do_withdraw_document,
    get_document,
    get_document_file,
    get_document_preview,
    list_documents,
)
from kept.work.erasures import (
    ErasureReason,
    do_destroy_due_records,
    do_erase_persons,
    get_erasability,
    list_due_persons,
)
from kept.work.escalations import do_escalate_tasks
from kept.work.events import list_events
from kept.work.follow_ups import do_write_follow_up
from kept.work.grants import do_grant_role, do_revoke_role
from kept.work.health import get_health, get_house_figures
from kept.work.histories import list_histories
from kept.work.holds import do_place_hold, do_release_hold, list_holds
from kept.work.households import do_record_household
from kept.work.intake import (
    Delivery,
    do_accept_profile,
    do_receive_file,
    do_set_aside_file,
    do_skip_sequence,
    find_creditor,
)
from kept.work.intake_files import (
    get_intake_file,
    list_intake_files,
    list_intake_rejects,
    list_known_maps,
)
from kept.work.intents import do_retry_intent, list_failed_intents
from kept.work.jobs import do_run_job_again, list_jobs
from kept.work.journals import get_journal
from kept.work.law_books import do_switch_rule, list_switches
from kept.work.law_diffs import get_pack_effects
from kept.work.law_rules import RuleFilter, list_rules
from kept.work.law_trials import PlainContact, get_plain_trial, get_trial
from kept.work.ledger import (
    Line,
    do_post_entry,
    do_reverse_entry,
    entry_command,
    get_bucket_history,
    get_position,
    list_entries,
)
from kept.work.lights import list_lights
from kept.work.limits import Limits
from kept.work.night_group_lists import list_group_nights, list_night_groups
from kept.work.night_groups import (
    do_end_night_group,
    do_save_night_group,
    do_set_group_capacity,
)
from kept.work.nights import get_night, list_last_nights, list_nights
from kept.work.payment_lists import (
    get_payment,
    list_case_payments,
    list_payments,
    list_suspense,
)
from kept.work.payment_moves import (
    Share,
    do_assign_payment,
    do_reverse_payment,
    do_send_payment_back,
    do_withdraw_payment,
)
from kept.work.payment_policies import do_give_reference, do_set_payment_policy
from kept.work.payments import PaymentGiven, do_record_payment, do_take_payment
from kept.work.permissions import ALLOWED, Permission
from kept.work.permit_ends import do_expire_permits, do_note_overdue_permits
from kept.work.permit_lists import (
    list_open_permits,
    list_overdue_permits,
    list_refusals,
    list_waiting_refusals,
)
from kept.work.permits import do_permit, do_release, do_settle, do_use
from kept.work.person_circumstances import (
    do_end_circumstance,
    do_end_hardship,
    do_end_representation,
    do_end_vulnerability,
    do_record_circumstance,
    do_record_hardship,
    do_record_language,
    do_record_representation,
    do_record_vulnerability,
)
from kept.work.person_records import Subject, do_read_vulnerabilities, list_records
from kept.work.plan_ends import do_judge_plans
from kept.work.plan_lists import get_plan_agreement, list_plans
from kept.work.plan_policies import do_set_plan_policy, list_plan_policies
from kept.work.plan_terms import PlanAsked, get_plan_terms
from kept.work.plans import (
    do_accept_plan,
    do_end_plan,
    do_give_holiday,
    do_offer_plan,
    do_re_age_plan,
    do_restructure_plan,
    get_settlement_figure,
)
from kept.work.presumptions import do_release_presumption
from kept.work.products import do_add_terms, do_save_product
from kept.work.promise_ends import do_judge_promises
from kept.work.promise_lists import (
    get_case_promises,
    get_promise_outcomes,
    list_due_promises,
    list_promises,
)
from kept.work.promise_measures import By, list_promise_rates
from kept.work.promise_policies import do_set_promise_policy, list_promise_policies
from kept.work.promises import (
    Asked,
    do_cancel_promise,
    do_confirm_promise,
    do_replace_promise,
    do_take_promise,
)
from kept.work.readiness import get_readiness
from kept.work.refusals import Refusal
from kept.work.reveals import do_reveal_value
from kept.work.searches import search
from kept.work.seat_conflicts import list_conflicts
from kept.work.seat_times import (
    do_block_seat,
    do_end_conflict,
    do_place_absence,
    do_place_conflict,
    do_remove_absence,
    do_set_extra_time,
    do_unblock_seat,
    get_seat,
    get_seat_days,
    list_seats,
)
from kept.work.seats import count_stranded, do_save_seat, do_save_team
from kept.work.situations import IntendedContact, get_situation, get_verdict
from kept.work.strategies import do_assign_strategy, list_strategy_uses
from kept.work.strategy_lists import get_strategy, list_strategies, list_strategy_steps
from kept.work.strategy_room import list_shortages
from kept.work.strategy_trials import get_strategy_trial, list_strategy_trials
from kept.work.strategy_versions import (
    do_approve_strategy,
    do_change_draft,
    do_draft_strategy,
    do_put_in_force,
    do_reject_strategy,
    do_retire_strategy,
    do_submit_strategy,
)
from kept.work.tasks import do_close_task, get_task
from kept.work.text_files import do_draft_texts, get_text_file
from kept.work.text_lists import get_text, list_text_steps, list_texts
from kept.work.text_versions import (
    do_approve_text,
    do_change_text,
    do_draft_text,
    do_put_text_in_force,
    do_reject_text,
    do_retire_text,
    do_submit_text,
)
from kept.work.timelines import list_timeline
from kept.work.timeliness import TimelinessBy, list_timeliness
from kept.work.turns import do_take_case
from kept.work.users import do_add_user, list_users
from kept.work.waiver_budgets import do_set_waiver_budget, list_waiver_budgets
from kept.work.waiver_ends import do_judge_waivers
from kept.work.waiver_lists import list_waivers
from kept.work.waiver_policies import do_set_waiver_policy, list_waiver_policies
from kept.work.waiver_terms import get_waiver_terms
from kept.work.waivers import (
    WaiverAsked,
    do_accept_waiver,
    do_request_waiver,
    do_withdraw_waiver,
)
from kept.work.worklists import (
    TaskFilters,
    get_worklist_choices,
    list_tasks,
    summarise_own_tasks,
)
from tests import factories as make
from tests.batch.intake.deliveries import MAP, csv_of, row
from tests.factories import NOW, TODAY

DAY = date(2026, 11, 20)
PASSWORD = "seven ordinary words"  # noqa: S105


@dataclass
class House:
    """A creditor with one of everything, and another one with nothing."""

    creditor: Creditor
    other: Creditor
    entity: LegalEntity
    product: Product
    account: Account
    case: Case
    task: Task
    seat: Seat
    another_seat: Seat
    dealing: Run
    night_group: NightGroup
    entry: Entry
    hold: Hold
    judgment: Judgment
    point: ContactPoint
    file: IntakeFile
    waiting: IntakeFile
    night: Run
    grant: RoleGrant
    key_id: int
    approval: Approval
    access: StaffAccess
    delegation: Delegation
    person: User
    another: User
    job_id: int
    intent_id: int
    subscriber_id: int
    records: dict[str, int]
    permit_id: int
    document_id: int
    promise_id: int
    strategies: dict[str, int]
    texts: dict[str, int]
    payments: dict[str, int]
    agreed: dict[str, int]

    @property
    def paper(self) -> PaperRequest:
        return PaperRequest(self.case.pk, DocumentKind.STATEMENT)

    @property
    def wanted(self) -> IntendedContact:
        return IntendedContact(
            case_id=self.case.pk, channel="call", minute=0, contact_point_id=self.point.pk
        )


def make_house() -> House:
    setup = job("setup")
    creditor = make.make_creditor(code="OWN", phone="010-5550 0100")
    other = make.make_creditor(code="ELSE")
    entity = make.make_legal_entity(type=LegalEntity.Type.THIRD_PARTY_AGENCY)
    make.make_engagement(creditor, legal_entity=entity)
    product = make.make_product(creditor, code="CARD")
    make.make_terms(
        product,
        balance_authority="kept",
        interest={
            "day_count": "ACT/365F",
            "interest": {"rates": {"yearly": "18%"}, "base": ["principal"]},
        },
    )
    debtor = make.make_debtor(creditor, name="张三丰")
    account = make.make_account(product, debtor, external_id="AC-1")
    entry = make.make_entry(account, {"principal": 50_000}, due_on=date(2026, 10, 5))
    seat = make.make_seat(team=make.make_team(legal_entity=entity), creditors=[creditor])
    case = make.make_case(debtor, account, seat=seat)
    make.make_event(case)
    night = make.make_run(creditor=creditor)
    file = make.make_intake_file(creditor, map_text=MAP)
    make.make_reject(file)
    waiting = make.make_intake_file(
        creditor,
        state=IntakeFile.State.PROFILED,
        run=make.make_run(kind="intake", creditor=creditor, state=Run.State.WAITING),
    )
    make.make_partitions()
    make.make_attempt(case)
    RuleSwitch.objects.create(
        rule_id="CN.CBA.hours", state="on", reason="counsel", switched_at=NOW, switched_by="x"
    )
    person = make.make_user("person", roles={Role.MANAGER: [creditor]})
    another = make.make_user("another")
    make.make_creditor(code="CLOSED", needs_access=True)
    approval = make.make_approval(
        kind="reversal",
        creditor=creditor,
        case=case,
        requested_by=person,
        requester=person.username,
        levels=[["approver", "manager"]],
    )
    make.make_refusal(case)
    Capacity.objects.create(creditor=creditor, resource="letters", amount=5, valid_from=TODAY)
    make.make_free("reversal", "manual_payment", "approval_policy", "administrator")
    make.make_free("promise_policy")
    return House(
        agreed=make_agreements(case, account, seat),
        creditor=creditor,
        other=other,
        entity=entity,
        product=product,
        account=account,
        case=case,
        task=make.make_task(case, seat=seat, run=night),
        seat=seat,
        another_seat=make_another_seat(case),
        night_group=make_night_group(creditor),
        dealing=make.make_run(kind="dealing", creditor=creditor, state=Run.State.DONE),
        entry=entry,
        hold=make.make_hold(debtor),
        judgment=make.make_judgment(make.make_account(product, debtor)),
        point=make.make_contact_point(debtor, "+8613800138000"),
        file=file,
        waiting=waiting,
        night=night,
        grant=RoleGrant.objects.get(user=person),
        key_id=do_make_key(
            actor=setup,
            name="feed",
            permissions=[Permission.CASE_READ],
            limits=Limits(creditor_id=creditor.pk),
            now=NOW,
        ).key_id,
        approval=approval,
        access=StaffAccess.objects.create(
            user=another,
            creditor=creditor,
            role=Role.AUDITOR,
            reason="looks",
            starts_at=NOW - timedelta(hours=1),
            ends_at=NOW + timedelta(hours=1),
        ),
        delegation=Delegation.objects.create(
            from_user=person,
            to_user=another,
            first_day=TODAY,
            last_day=TODAY,
            reason="away",
            made_at=NOW,
        ),
        person=person,
        another=another,
        job_id=make.make_failed_job(file),
        intent_id=make.make_failed_intent(creditor),
        subscriber_id=make.make_subscriber(creditor),
        records=make_records(debtor, entity),
        permit_id=make.make_permit(case).pk,
        document_id=do_print_document(
            actor=setup, request=PaperRequest(case.pk, DocumentKind.DEMAND_LETTER), now=NOW
        ).document_id,
        promise_id=make_promise(case),
        strategies=make_strategies(creditor),
        texts=make_texts(creditor),
        payments=make_payments(creditor, account),
    )


def make_payments(creditor: Creditor, account: Account) -> dict[str, int]:
    """One that paid the account and one that nobody knows."""
    found = {}
    for name, accounts in (("paid", (account.external_id,)), ("waiting", ())):
        given = PaymentGiven(creditor.pk, name, 100, "CNY", DAY, accounts=accounts)
        found[name] = do_take_payment(actor=job("setup"), given=given, now=NOW).payment_id
    return found


def paid(house: House, number: str) -> PaymentGiven:
    number_of = house.account.external_id
    return PaymentGiven(house.creditor.pk, number, 500, "CNY", DAY, accounts=(number_of,))


def make_texts(creditor: Creditor) -> dict[str, int]:
    """A text of the creditor in each of four states, which nobody here wrote."""
    found = {}
    for number, state in enumerate(("draft", "review", "approved", "in_force"), 1):
        row = TextVersion.objects.create(
            creditor=creditor,
            code="greeting",
            language="en",
            version=number,
            kind="script",
            channel="call",
            state=state,
            body="Good day, {debtor}. I am calling for {creditor}.",
            valid_from=TODAY if state == "in_force" else None,
        )
        TextStep.objects.create(text_version=row, kind="draft", recorded_at=NOW, actor="x")
        found[state] = row.pk
    return found


def make_promise(case: Case) -> int:
    """Due today; and a policy of the house's own."""
    before = TODAY - timedelta(days=1)
    PromisePolicyRow.objects.create(creditor_id=case.creditor_id, valid_from=before)
    asked = Asked(30_000, "CNY", TODAY)
    return do_take_promise(actor=job("setup"), case_id=case.pk, asked=asked, now=NOW).pk


def make_strategies(creditor: Creditor) -> dict[str, int]:
    """A version of the shipped strategy in each of three states, which nobody here wrote."""
    trial = make.make_run(
        kind="strategy_trial", creditor=creditor, parameters={"strategy": "default:1", "days": 1}
    )
    found = {"trial": trial.pk}
    for version, state in enumerate(("draft", "review", "approved"), 2):
        text = (shipped_text("default:1") or "").replace("version: 1", f"version: {version}")
        row = StrategyVersion.objects.create(
            code="default", version=version, state=state, text=text
        )
        row.steps.create(kind="draft", recorded_at=NOW, actor="somebody", text=text)
        found[state] = row.pk
    return found


def make_night_group(creditor: Creditor) -> NightGroup:
    group = NightGroup.objects.create(
        code="EVENING", name="Evening", zone="Asia/Shanghai", closes_at=time(22, 30)
    )
    NightGroupMember.objects.create(group=group, creditor=creditor)
    make.make_run(kind="night_group", key="EVENING 1", parameters={"group": "EVENING"})
    return group


_A_WAIVER = WaiverAsked(
    kind=WaiverKind.CONDITIONAL,
    reason="goodwill",
    amounts={"fee": 10},
    parts=[(TODAY, 100)],
)
_A_POLICY = default_text().replace("2026-01-01", "2026-12-01")


def make_agreements(case: Case, account: Account, seat: Seat) -> dict[str, int]:
    """Budgets, policies and what ended, for lists; a plan that runs and a waiver that is offered,
    in a case of their own; and in the case itself what an offer asks for."""
    creditor = case.creditor
    WaiverBudget.objects.create(
        creditor=creditor, month=date(2026, 12, 1), currency="CNY", amount_minor=100
    )
    WaiverPolicy.objects.create(
        creditor=creditor,
        valid_from=date(2027, 1, 1),
        text=default_text(),
        recorded_at=NOW,
        recorded_by="x",
    )
    PlanPolicyRow.objects.create(creditor=creditor, valid_from=date(2027, 1, 1), values={})
    make.make_entry(account, {"fee": 100}, due_on=date(2026, 10, 5), kind="charge")
    do_record_household(
        actor=job("setup"),
        debtor_id=case.debtor_id,
        currency="CNY",
        income_minor=500_000,
        now=NOW,
    )
    debtor = make.make_debtor(creditor, name="李世民")
    another = make.make_account(account.product, debtor)
    make.make_entry(another, {"principal": 50_000}, due_on=date(2026, 10, 5))
    agreed = make.make_case(debtor, another, seat=seat)
    _waiver(case, account, state="expired")
    return {
        "offer": _a_plan(case, account, "offered").pk,
        "plan": _a_plan(agreed, another, "active").pk,
        "waiver": _waiver(agreed, another, state="offered").pk,
    }


_A_PLAN = PlanAsked(shape="annuity", number=12, first_on=date(2026, 12, 10))


def _a_plan(case: Case, account: Account, state: str) -> Plan:
    began = date(2026, 10, 1)
    plan = Plan.objects.create(
        case=case,
        creditor=case.creditor,
        account_ids=[account.pk],
        currency="CNY",
        shape="annuity",
        state=state,
        owed_minor=50_000,
        offered_at=NOW,
        offered_by="x",
        offer_until=TODAY,
        began_on=None if state == "offered" else began,
        judged_on=began,
    )
    for number, day in ((1, date(2026, 11, 10)), (2, date(2026, 12, 10))):
        PlanInstalment.objects.create(plan=plan, number=number, due_on=day, principal_minor=25_000)
    return plan


def _waiver(case: Case, account: Account, state: str) -> Waiver:
    return Waiver.objects.create(
        case=case,
        creditor=case.creditor,
        kind="conditional",
        state=state,
        reason="goodwill",
        account_ids=[account.pk],
        rule="charges_for_payment",
        policy="default",
        currency="CNY",
        owed_minor=50_000,
        waived_minor=10,
        parts=[["2026-12-01", 100]],
        offer_until=TODAY,
        requested_at=NOW,
        requested_by="x",
    )


def _asks_second(call: Callable[[], object]) -> None:
    """Done, or given to a second person: both are an answer to who may ask."""
    with contextlib.suppress(NeedsApproval):
        call()


def make_another_seat(case: Case) -> Seat:
    """One with a conflict; and the case's own seat has an absence, its creditor a policy."""
    seat = make.make_seat()
    placed = {"placed_at": NOW, "placed_by": "x"}
    SeatConflict.objects.create(seat=seat, debtor_id=case.debtor_id, reason="related", **placed)
    assert case.seat is not None
    day = date(2026, 12, 24)
    SeatAbsence.objects.create(seat=case.seat, first_on=day, last_on=day, reason="leave", **placed)
    DealingPolicyRow.objects.create(creditor_id=case.creditor_id, valid_from=TODAY)
    return seat


def delivery() -> Delivery:
    return Delivery("OWN", "a.csv", "a.yaml", "", IntakeFile.Coverage.CHANGES, file_id="A1")


def handed_in() -> FileToReceive:
    file = io.BytesIO(csv_of([row(1)]))
    return FileToReceive("OWN", "a.csv", file, "a.yaml", MAP, Control(as_of=DAY))


def arrived(*_given: object) -> None:
    """A run that reports its first progress was let in; the rest is tested elsewhere."""
    raise Refusal("arrived")


def content() -> SealedContent:
    return SealedContent(bytes(range(32)), 1, vault_folder() / "a.sealed")


def history() -> pl.DataFrame:
    return pl.DataFrame(
        {name: [] for name in HISTORY_COLUMNS},
        schema={
            **dict.fromkeys(HISTORY_COLUMNS, pl.String),
            "started_at": pl.Datetime("us", "UTC"),
        },
    )


def waiver(house: House) -> dict[str, Any]:
    return dict(
        entry_command(house.account.pk, EntryKind.PAYMENT, [Line("principal", 77)], DAY, "R77")
    )


def said(house: House, actor: Actor) -> dict[str, Any]:
    """What the recording of anything that a debtor said begins with."""
    about = Subject(house.case.debtor_id)
    return {"actor": actor, "about": about, "received_at": NOW, "now": NOW}


def make_records(debtor: Debtor, entity: LegalEntity) -> dict[str, int]:
    """One record of each noun that stands."""
    given: dict[str, Any] = {
        "debtor": debtor,
        "received_at": NOW,
        "recorded_at": NOW,
        "recorded_by": "x",
    }
    rows = {
        "consent": Consent(kind="machine", directly_to=entity, **given),
        "stop": Stop(kind="opt_out", channel="email", **given),
        "representation": Representation(kind="debt_adviser", **given),
        "circumstance": Circumstance(kind="household_debt", **given),
        "hardship": Hardship(kind="illness", from_on=TODAY, **given),
        "vulnerability": Vulnerability(**given),
        "dispute": Dispute(category="amount", due_at=NOW, **given),
        "complaint": Complaint(category="conduct", due_at=NOW, **given),
    }
    for record in rows.values():
        record.save()
    return {noun: record.pk for noun, record in rows.items()}


def wanted(house: House) -> IntendedContact:
    return IntendedContact(
        case_id=house.case.pk,
        channel="call",
        minute=instant_of(NOW),
        contact_point_id=house.point.pk,
    )


PLAIN = PlainContact(
    place="CN",
    zone="",
    actor_type="financial_institution",
    own_name=True,
    debt_type="consumer",
    channel="call",
    role="consumer",
    purpose="collect",
    minute=instant_of(NOW),
)
TERMS: dict[str, Any] = {
    "balance_authority": "creditor",
    "bucket_boundaries": [1, 31],
    "components": ["principal"],
    "allocation_order": ["principal"],
}
BANK = {
    "code": "NEW",
    "name": "New Bank",
    "country": "CN",
    "zone": "Asia/Shanghai",
    "currency": "CNY",
}
FIRM = {"code": "FIRM", "name": "Firm", "type": "third_party_agency", "country": "CN"}
CARD = {"code": "NEWCARD", "name": "Card", "debt_type": "credit_card", "currency": "CNY"}

Call = Callable[[House, Actor], object]

CALLS: dict[str, Call] = {
    "list_tasks": lambda h, a: list_tasks(a, TaskFilters(), now=NOW, on=TODAY).rows,
    "get_task": lambda h, a: get_task(a, h.task.pk),
    "get_worklist_choices": lambda h, a: [
        code for _id, code, _name in get_worklist_choices(a).creditors if code == "OWN"
    ],
    "summarise_own_tasks": lambda h, a: summarise_own_tasks(a, now=NOW, day_ends_at=NOW),
    "list_cases": lambda h, a: list_cases(a, creditor_code="OWN").cases,
    "get_case": lambda h, a: get_case(a, h.case.pk, now=NOW),
    "list_timeline": lambda h, a: list_timeline(a, h.case.pk, now=NOW),
    "search": lambda h, a: search(a, "AC-1"),
    "list_holds": lambda h, a: list_holds(actor=a, debtor_id=h.case.debtor_id, on=TODAY),
    "get_accrual": lambda h, a: get_accrual(actor=a, account_id=h.account.pk, as_of=DAY),
    "get_position": lambda h, a: get_position(
        actor=a, account_id=h.account.pk, as_of=TODAY, known_at=NOW
    ),
    "list_entries": lambda h, a: list_entries(actor=a, account_id=h.account.pk),
    "get_bucket_history": lambda h, a: (
        get_bucket_history(actor=a, account_id=h.account.pk, first=DAY, last=TODAY, known_at=NOW)
        or "none"
    ),
    "do_reveal_value": lambda h, a: do_reveal_value(
        actor=a,
        case_id=h.case.pk,
        kind=RevealKind.CONTACT_POINT,
        value_id=h.point.pk,
        reason="contact",
        now=NOW,
    ),
    "list_records": lambda h, a: list_records(actor=a, debtor_id=h.case.debtor_id),
    "do_record_consent": lambda h, a: do_record_consent(
        **said(h, a), kind="more_calls", directly_to_id=h.entity.pk
    ),
    "do_revoke_consent": lambda h, a: do_revoke_consent(
        actor=a, consent_id=h.records["consent"], reason="rang", now=NOW
    ),
    "do_record_stop": lambda h, a: do_record_stop(**said(h, a), kind="opt_out", channel="sms"),
    "do_withdraw_stop": lambda h, a: do_withdraw_stop(
        actor=a, stop_id=h.records["stop"], reason="rang", now=NOW
    ),
    "do_record_representation": lambda h, a: do_record_representation(
        **said(h, a), kind="attorney"
    ),
    "do_end_representation": lambda h, a: do_end_representation(
        actor=a, representation_id=h.records["representation"], reason="rang", now=NOW
    ),
    "do_record_circumstance": lambda h, a: do_record_circumstance(**said(h, a), kind="minor"),
    "do_end_circumstance": lambda h, a: do_end_circumstance(
        actor=a, circumstance_id=h.records["circumstance"], reason="rang", now=NOW
    ),
    "do_record_hardship": lambda h, a: do_record_hardship(
        **said(h, a), kind="income", from_on=TODAY
    ),
    "do_end_hardship": lambda h, a: do_end_hardship(
        actor=a, hardship_id=h.records["hardship"], reason="over", now=NOW
    ),
    "do_record_vulnerability": lambda h, a: do_record_vulnerability(**said(h, a), kind="health"),
    "do_end_vulnerability": lambda h, a: do_end_vulnerability(
        actor=a, vulnerability_id=h.records["vulnerability"], reason="over", now=NOW
    ),
    "do_read_vulnerabilities": lambda h, a: do_read_vulnerabilities(
        actor=a, debtor_id=h.case.debtor_id, reason="to help", now=NOW
    ),
    "do_record_language": lambda h, a: do_record_language(
        actor=a, about=Subject(h.case.debtor_id), language="en", now=NOW
    ),
    "do_open_dispute": lambda h, a: do_open_dispute(**said(h, a), category="paid"),
    "do_assign_dispute": lambda h, a: do_assign_dispute(
        actor=a, dispute_id=h.records["dispute"], owner_id=h.person.pk, now=NOW
    ),
    "do_close_dispute": lambda h, a: do_close_dispute(
        actor=a, dispute_id=h.records["dispute"], answer="verified", words="sent", now=NOW
    ),
    "do_open_complaint": lambda h, a: do_open_complaint(**said(h, a), category="times"),
    "do_assign_complaint": lambda h, a: do_assign_complaint(
        actor=a, complaint_id=h.records["complaint"], owner_id=h.person.pk, now=NOW
    ),
    "do_close_complaint": lambda h, a: do_close_complaint(
        actor=a, complaint_id=h.records["complaint"], answer="upheld", words="sorry", now=NOW
    ),
    "do_set_cut_over": lambda h, a: do_set_cut_over(
        actor=a, creditor_id=h.creditor.pk, cut_over_on=TODAY, now=NOW
    ),
    "do_declare_no_history": lambda h, a: do_declare_no_history(
        actor=a, creditor_id=h.creditor.pk, reason="new book", now=NOW
    ),
    "list_histories": lambda h, a: [
        each for each in list_histories(a) if each.code == h.creditor.code
    ],
    "get_situation": lambda h, a: get_situation(actor=a, wanted=wanted(h)),
    "get_verdict": lambda h, a: get_verdict(actor=a, wanted=wanted(h)),
    "list_lights": lambda h, a: list_lights(a, h.case.pk, now=NOW),
    "list_rules": lambda h, a: list_rules(actor=a, wanted=RuleFilter()),
    "get_trial": lambda h, a: get_trial(actor=a, wanted=wanted(h)),
    "get_plain_trial": lambda h, a: get_plain_trial(actor=a, contact=PLAIN),
    "get_pack_effects": lambda h, a: get_pack_effects(
        a,
        old=load_law_packs()[0],
        new=load_law_packs()[0],
        creditor_code="OWN",
        channel="call",
        minute=instant_of(NOW),
        most=10,
    ),
    "list_contacted": lambda h, a: list_contacted(a, days=7, now=NOW),
    "get_contact_days": lambda h, a: get_contact_days(a, h.case.pk, days=30, now=NOW),
    "list_switches": lambda h, a: list_switches(actor=a),
    "do_switch_rule": lambda h, a: do_switch_rule(
        actor=a, rule_id="CN.GB.hours", state="warn", reason="counsel", now=NOW
    ),
    "list_strategies": lambda h, a: list_strategies(a, TODAY),
    "get_strategy": lambda h, a: get_strategy(a, "default:2", TODAY),
    "list_strategy_steps": lambda h, a: list_strategy_steps(a, h.strategies["draft"]),
    "list_strategy_uses": lambda h, a: [
        use for use in list_strategy_uses(a, TODAY) if use.creditor_code == "OWN"
    ],
    "do_draft_strategy": lambda h, a: do_draft_strategy(actor=a, copied_from="default:1", now=NOW),
    "do_change_draft": lambda h, a: do_change_draft(
        actor=a, version_id=h.strategies["draft"], text="code: default", revision=1, now=NOW
    ),
    "do_submit_strategy": lambda h, a: do_submit_strategy(
        actor=a, version_id=h.strategies["draft"], now=NOW
    ),
    "do_approve_strategy": lambda h, a: do_approve_strategy(
        actor=a, version_id=h.strategies["review"], now=NOW
    ),
    "do_reject_strategy": lambda h, a: do_reject_strategy(
        actor=a, version_id=h.strategies["review"], reason="no", now=NOW
    ),
    "do_put_in_force": lambda h, a: do_put_in_force(
        actor=a, version_id=h.strategies["approved"], now=NOW
    ),
    "do_retire_strategy": lambda h, a: do_retire_strategy(
        actor=a, version_id=h.strategies["approved"], now=NOW
    ),
    "do_start_strategy_trial": lambda h, a: do_start_strategy_trial(
        actor=a, label="default:1", creditor_id=h.creditor.pk, on=None, days=1, now=NOW
    ),
    "list_strategy_trials": lambda h, a: list_strategy_trials(a, "default:1"),
    "list_shortages": lambda h, a: list_shortages(a, "default:1"),
    "get_strategy_trial": lambda h, a: get_strategy_trial(a, h.strategies["trial"]),
    "do_print_document": lambda h, a: do_print_document(
        actor=a, request=h.paper, key="a-key-of-the-test-of-roles", now=NOW
    ),
    "do_print_documents": lambda h, a: do_print_documents(
        actor=a, case_ids=[h.case.pk], request=h.paper, skip_printed=False, now=NOW
    ),
    "do_withdraw_document": lambda h, a: do_withdraw_document(
        actor=a, document_id=h.document_id, reason="wrong", now=NOW
    ),
    "get_document_preview": lambda h, a: get_document_preview(actor=a, request=h.paper, now=NOW),
    "get_document_file": lambda h, a: get_document_file(
        actor=a, document_id=h.document_id, now=NOW
    ),
    "get_document": lambda h, a: get_document(actor=a, document_id=h.document_id),
    "list_documents": lambda h, a: list_documents(actor=a, case_id=h.case.pk),
    "list_texts": lambda h, a: list_texts(a, TODAY, "greeting"),
    "get_text": lambda h, a: get_text(a, "greeting:en:1", TODAY),
    "list_text_steps": lambda h, a: list_text_steps(a, h.texts["draft"]),
    "get_text_file": lambda h, a: get_text_file(a, TODAY, "greeting", "OWN") or None,
    "do_draft_text": lambda h, a: do_draft_text(
        actor=a, code="greeting", language="zh", creditor_id=h.creditor.pk, now=NOW
    ),
    "do_draft_texts": lambda h, a: do_draft_texts(
        actor=a,
        content="- {code: greeting, kind: script, channel: call, zh: 您好}",
        creditor_id=h.creditor.pk,
        now=NOW,
    ),
    "do_change_text": lambda h, a: do_change_text(
        actor=a, version_id=h.texts["draft"], body="Hello", revision=1, now=NOW
    ),
    "do_submit_text": lambda h, a: do_submit_text(actor=a, version_id=h.texts["draft"], now=NOW),
    "do_approve_text": lambda h, a: do_approve_text(actor=a, version_id=h.texts["review"], now=NOW),
    "do_reject_text": lambda h, a: do_reject_text(
        actor=a, version_id=h.texts["review"], reason="no", now=NOW
    ),
    "do_put_text_in_force": lambda h, a: do_put_text_in_force(
        actor=a, version_id=h.texts["approved"], now=NOW
    ),
    "do_retire_text": lambda h, a: do_retire_text(actor=a, version_id=h.texts["in_force"], now=NOW),
    "do_assign_strategy": lambda h, a: do_assign_strategy(
        actor=a, creditor_id=h.creditor.pk, code="default", now=NOW
    ),
    "do_write_follow_up": lambda h, a: (
        do_write_follow_up(actor=a, case_id=h.case.pk, text="rang, nobody there", now=NOW).follow_up
    ),
    "do_escalate_tasks": lambda h, a: do_escalate_tasks(actor=a, now=NOW),
    "list_timeliness": lambda h, a: list_timeliness(
        a, first=TODAY, last=TODAY, by=TimelinessBy.SEAT, now=NOW
    ),
    "do_close_task": lambda h, a: do_close_task(actor=a, task_id=h.task.pk, state="done", now=NOW),
    "do_take_case": lambda h, a: do_take_case(
        actor=a, case_id=h.case.pk, reason="inbound", now=NOW
    ),
    "do_place_hold": lambda h, a: do_place_hold(
        actor=a,
        debtor_id=h.case.debtor_id,
        reason="disputed",
        effects=["contact"],
        note="",
        now=NOW,
    ),
    "do_release_hold": lambda h, a: do_release_hold(
        actor=a, hold_id=h.hold.pk, reason="over", now=NOW
    ),
    "list_payments": lambda h, a: list_payments(actor=a),
    "list_suspense": lambda h, a: list_suspense(actor=a),
    "get_payment": lambda h, a: get_payment(actor=a, payment_id=h.payments["paid"], now=NOW),
    "list_case_payments": lambda h, a: list_case_payments(actor=a, case_id=h.case.pk),
    "do_record_payment": lambda h, a: do_record_payment(actor=a, given=paid(h, "N1"), now=NOW),
    "do_take_payment": lambda h, a: do_take_payment(actor=a, given=paid(h, "N2"), now=NOW),
    "do_assign_payment": lambda h, a: do_assign_payment(
        actor=a,
        payment_id=h.payments["waiting"],
        shares=[Share(h.account.pk, 100)],
        reason="told so",
        now=NOW,
    ),
    "do_withdraw_payment": lambda h, a: do_withdraw_payment(
        actor=a, payment_id=h.payments["paid"], reason="wrong", now=NOW
    ),
    "do_reverse_payment": lambda h, a: do_reverse_payment(
        actor=a,
        payment_id=h.payments["paid"],
        kind="reversal",
        returned_on=DAY,
        code="",
        reason="bounced",
        now=NOW,
    ),
    "do_send_payment_back": lambda h, a: do_send_payment_back(
        actor=a, payment_id=h.payments["waiting"], reason="nobody's", now=NOW
    ),
    "do_give_reference": lambda h, a: do_give_reference(
        actor=a, account_id=h.account.pk, kind="reference", number="KP-7001", now=NOW
    ),
    "do_set_payment_policy": lambda h, a: do_set_payment_policy(
        actor=a, creditor_id=h.creditor.pk, body={}, valid_from=DAY, now=NOW
    ),
    "do_charge_account_off": lambda h, a: do_charge_account_off(
        actor=a, account_id=h.account.pk, effective_on=TODAY, reason="lost", now=NOW
    ),
    "do_sell_account": lambda h, a: do_sell_account(
        actor=a, account_id=h.account.pk, effective_on=TODAY, reason="sold", now=NOW
    ),
    "do_buy_account_back": lambda h, a: do_buy_account_back(
        actor=a, account_id=h.account.pk, effective_on=TODAY, reason="back", now=NOW
    ),
    "get_journal": lambda h, a: get_journal(actor=a, first=DAY, last=TODAY, creditor_code="OWN"),
    "do_post_entry": lambda h, a: do_post_entry(
        actor=a,
        account_id=h.account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", 100)],
        effective_on=DAY,
        reference="R1",
        now=NOW,
    ),
    "do_reverse_entry": lambda h, a: do_reverse_entry(
        actor=a, entry_id=h.entry.pk, effective_on=DAY, reason="wrong", now=NOW
    ),
    "do_record_judgment": lambda h, a: do_record_judgment(
        actor=a, account_id=h.account.pk, judged_on=DAY, reference="(2026) 1", now=NOW
    ),
    "do_withdraw_judgment": lambda h, a: do_withdraw_judgment(
        actor=a, judgment_id=h.judgment.pk, now=NOW
    ),
    "find_creditor": lambda h, a: find_creditor(a, "OWN"),
    "do_receive_file": lambda h, a: do_receive_file(
        actor=a, delivery=delivery(), content=content(), now=NOW
    ),
    "receive_file": lambda h, a: receive_file(actor=a, file=handed_in(), now=NOW),
    "receive_and_run": lambda h, a: receive_and_run(
        actor=a, file=handed_in(), now=NOW, progress=arrived
    ),
    "receive_corrections": lambda h, a: receive_corrections(
        actor=a, intake_file_id=h.file.pk, corrections=io.StringIO(""), now=NOW
    ),
    "do_accept_profile": lambda h, a: do_accept_profile(
        actor=a, intake_file_id=h.waiting.pk, reason="fine", now=NOW
    ),
    "do_set_aside_file": lambda h, a: do_set_aside_file(
        actor=a, intake_file_id=h.waiting.pk, reason="wrong", now=NOW
    ),
    "do_skip_sequence": lambda h, a: do_skip_sequence(
        actor=a,
        creditor_code="OWN",
        file_type="accounts",
        sequence=7,
        reason="lost",
        now=NOW,
    ),
    "do_take_attempt_history": lambda h, a: do_take_attempt_history(
        actor=a, creditor_id=h.creditor.pk, key="k", attempts=history(), now=NOW
    ),
    "do_permit": lambda h, a: do_permit(actor=a, wanted=h.wanted, now=NOW),
    "do_use": lambda h, a: do_use(actor=a, permit_id=h.permit_id, leaving=h.wanted, now=NOW),
    "do_release": lambda h, a: do_release(actor=a, permit_id=h.permit_id, now=NOW) or "released",
    "do_settle": lambda h, a: do_settle(
        actor=a, permit_id=h.permit_id, outcome="busy_signal", now=NOW
    ),
    "do_review_contacts": lambda h, a: do_review_contacts(
        actor=a,
        case_id=h.case.pk,
        duty="human_review_cumulative_effect",
        note="one more letter",
        now=NOW,
    ),
    "do_release_presumption": lambda h, a: do_release_presumption(
        actor=a,
        case_id=h.case.pk,
        channel="call",
        rule_ids=["US.F.14b.cooldown"],
        reason="dropped_call",
        note="cut off",
        now=NOW,
    ),
    "do_expire_permits": lambda h, a: do_expire_permits(actor=a, now=NOW),
    "do_note_overdue_permits": lambda h, a: do_note_overdue_permits(actor=a, now=NOW),
    "list_open_permits": lambda h, a: list_open_permits(a, case_id=h.case.pk, now=NOW),
    "list_overdue_permits": lambda h, a: list_overdue_permits(a),
    "list_waiting_refusals": lambda h, a: list_waiting_refusals(a),
    "list_refusals": lambda h, a: list_refusals(a),
    "list_known_maps": lambda h, a: list_known_maps(a),
    "list_intake_files": lambda h, a: list_intake_files(a).files,
    "get_intake_file": lambda h, a: get_intake_file(a, h.file.pk),
    "list_intake_rejects": lambda h, a: list_intake_rejects(a, h.file.pk).rejects,
    "list_nights": lambda h, a: list_nights(a).nights,
    "list_last_nights": lambda h, a: list_last_nights(a),
    "get_night": lambda h, a: get_night(a, h.night.pk),
    "run_night": lambda h, a: run_night(actor=a, creditor=h.creditor, now=NOW, progress=arrived),
    "run_nights": lambda h, a: run_nights(
        actor=a, now=NOW, creditor_codes=["OWN"], progress=arrived
    ),
    "run_group": lambda h, a: run_group(actor=a, group=h.night_group, now=NOW, progress=arrived),
    "list_night_groups": lambda h, a: list_night_groups(actor=a, on=TODAY),
    "list_group_nights": lambda h, a: list_group_nights(actor=a, group_code="EVENING"),
    "do_save_night_group": lambda h, a: do_save_night_group(
        actor=a,
        code="LATE",
        name="Late",
        zone="Asia/Shanghai",
        closes_at=time(23),
        creditor_ids=[h.creditor.pk],
        now=NOW,
    ),
    "do_end_night_group": lambda h, a: do_end_night_group(
        actor=a, group_id=h.night_group.pk, now=NOW
    ),
    "do_set_group_capacity": lambda h, a: do_set_group_capacity(
        actor=a, group_id=h.night_group.pk, resource="visits", amount=7, valid_from=TODAY, now=NOW
    ),
    "list_jobs": lambda h, a: list_jobs(a, known=lambda name: True).failed,
    "do_run_job_again": lambda h, a: do_run_job_again(
        actor=a, job_id=h.job_id, known=lambda name: True, now=NOW
    ),
    "list_failed_intents": lambda h, a: list_failed_intents(a),
    "do_retry_intent": lambda h, a: do_retry_intent(actor=a, intent_id=h.intent_id, now=NOW),
    "list_subscribers": lambda h, a: list_subscribers(a),
    "do_save_subscriber": lambda h, a: do_save_subscriber(
        actor=a, name="new", url="https://example.com/", secret="s" * 32, now=NOW
    ),
    "do_set_subscriber_secret": lambda h, a: do_set_subscriber_secret(
        actor=a, subscriber_id=h.subscriber_id, secret="s" * 32, now=NOW
    ),
    "do_save_creditor": lambda h, a: do_save_creditor(
        actor=a, creditor_id=h.creditor.pk, now=NOW, **{**BANK, "code": "OWN"}
    ),
    "do_save_engagement": lambda h, a: do_save_engagement(
        actor=a,
        creditor_id=h.creditor.pk,
        legal_entity_id=h.entity.pk,
        product_id=h.product.pk,
        valid_from=TODAY,
        now=NOW,
    ),
    "do_save_legal_entity": lambda h, a: do_save_legal_entity(actor=a, now=NOW, **FIRM),
    "list_engaged_entities": lambda h, a: list(list_engaged_entities(a)),
    "list_creditors": lambda h, a: [
        code
        for _id, code, _name in list_creditors(actor=a, permission=Permission.CREDITOR_CHANGE)
        if code == "OWN"
    ],
    "do_save_product": lambda h, a: do_save_product(
        actor=a, creditor_id=h.creditor.pk, now=NOW, **CARD
    ),
    "do_add_terms": lambda h, a: do_add_terms(
        actor=a, product_id=h.product.pk, valid_from=date(2027, 1, 1), now=NOW, **TERMS
    ),
    "get_readiness": lambda h, a: get_readiness(a).terms or None,
    "list_seats": lambda h, a: [
        each for each in list_seats(actor=a, on=TODAY) if each.seat.pk == h.seat.pk
    ],
    "get_seat": lambda h, a: get_seat(actor=a, seat_id=h.seat.pk, on=TODAY),
    "get_seat_days": lambda h, a: get_seat_days(actor=a, seat_id=h.seat.pk, first=TODAY),
    "count_stranded": lambda h, a: count_stranded(actor=a, seat_id=h.seat.pk, skills=None),
    "do_place_absence": lambda h, a: do_place_absence(
        actor=a, seat_id=h.seat.pk, first_on=TODAY, last_on=TODAY, reason="ill", now=NOW
    ),
    "do_remove_absence": lambda h, a: do_remove_absence(
        actor=a, absence_id=h.seat.absences.get().pk, now=NOW
    ),
    "do_set_extra_time": lambda h, a: do_set_extra_time(
        actor=a, seat_id=h.seat.pk, on=TODAY, minutes=60, reason="end of month", now=NOW
    ),
    "do_block_seat": lambda h, a: do_block_seat(
        actor=a, seat_id=h.seat.pk, reason="training", now=NOW
    ),
    "do_unblock_seat": lambda h, a: do_unblock_seat(actor=a, seat_id=h.seat.pk, now=NOW),
    "do_place_conflict": lambda h, a: do_place_conflict(
        actor=a, seat_id=h.another_seat.pk, case_id=h.case.pk, reason="related", now=NOW
    ),
    "do_end_conflict": lambda h, a: do_end_conflict(
        actor=a, conflict_id=h.another_seat.conflicts.get().pk, now=NOW
    ),
    "do_withdraw_seat": lambda h, a: do_withdraw_seat(actor=a, seat_id=h.another_seat.pk, now=NOW),
    "run_dealing": lambda h, a: run_dealing(actor=a, creditor=h.creditor, now=NOW),
    "do_undo_dealing": lambda h, a: do_undo_dealing(actor=a, run_id=h.dealing.pk, now=NOW),
    "do_move_cases": lambda h, a: do_move_cases(
        actor=a, case_ids=[h.case.pk], seat_id=h.seat.pk, reason="knows them", now=NOW
    ),
    "list_pile": lambda h, a: list_pile(a, PileChoice(h.creditor.code)).cases,
    "list_conflicts": lambda h, a: list_conflicts(actor=a),
    "list_dealings": lambda h, a: list_dealings(actor=a),
    "get_dealing": lambda h, a: get_dealing(actor=a, run_id=h.dealing.pk),
    "do_take_promise": lambda h, a: do_take_promise(
        actor=a, case_id=h.case.pk, asked=Asked(50_000, "CNY", TODAY), now=NOW
    ),
    "do_confirm_promise": lambda h, a: do_confirm_promise(
        actor=a, promise_id=h.promise_id, now=NOW
    ),
    "do_replace_promise": lambda h, a: do_replace_promise(
        actor=a, promise_id=h.promise_id, asked=Asked(40_000, "CNY", TODAY), now=NOW
    ),
    "do_cancel_promise": lambda h, a: do_cancel_promise(
        actor=a, promise_id=h.promise_id, reason="typed for another", now=NOW
    ),
    "do_judge_promises": lambda h, a: do_judge_promises(
        actor=a, creditor_id=h.creditor.pk, now=NOW
    ),
    "list_due_promises": lambda h, a: list_due_promises(actor=a, on=TODAY),
    "list_promises": lambda h, a: list_promises(actor=a, case_id=h.case.pk, now=NOW),
    "get_case_promises": lambda h, a: get_case_promises(actor=a, case_id=h.case.pk, now=NOW),
    "get_promise_outcomes": lambda h, a: get_promise_outcomes(
        actor=a, first=TODAY, last=TODAY, as_of=TODAY, known_at=NOW
    ),
    "list_promise_rates": lambda h, a: list_promise_rates(
        actor=a, by=By.CREDITOR, first=TODAY, last=TODAY, as_of=TODAY, known_at=NOW
    ),
    "do_set_promise_policy": lambda h, a: do_set_promise_policy(
        actor=a,
        creditor_id=h.creditor.pk,
        values={"open_most": 2},
        valid_from=TODAY,
        now=NOW,
    ),
    "list_promise_policies": lambda h, a: list_promise_policies(actor=a),
    "do_set_dealing_policy": lambda h, a: do_set_dealing_policy(
        actor=a,
        creditor_id=h.creditor.pk,
        policy=DealingPolicy(idle_days=5),
        valid_from=TODAY,
        now=NOW,
    ),
    "list_dealing_policies": lambda h, a: list_dealing_policies(actor=a),
    "do_set_capacity": lambda h, a: do_set_capacity(
        actor=a, creditor_id=h.creditor.pk, resource="visits", amount=7, valid_from=TODAY, now=NOW
    ),
    "list_capacities": lambda h, a: list_capacities(actor=a, on=TODAY),
    "list_plans": lambda h, a: list_plans(actor=a, case_id=h.case.pk),
    "get_plan_agreement": lambda h, a: get_plan_agreement(actor=a, plan_id=h.agreed["plan"]),
    "get_settlement_figure": lambda h, a: get_settlement_figure(
        actor=a, plan_id=h.agreed["plan"], now=NOW
    ),
    "get_plan_terms": lambda h, a: get_plan_terms(actor=a, case_id=h.case.pk, now=NOW),
    "do_record_household": lambda h, a: do_record_household(
        actor=a, debtor_id=h.case.debtor_id, currency="CNY", income_minor=500_000, now=NOW
    ),
    "do_offer_plan": lambda h, a: do_offer_plan(actor=a, case_id=h.case.pk, asked=_A_PLAN, now=NOW),
    "do_accept_plan": lambda h, a: do_accept_plan(actor=a, plan_id=h.agreed["offer"], now=NOW),
    "do_end_plan": lambda h, a: do_end_plan(
        actor=a, plan_id=h.agreed["plan"], reason="cancelled", now=NOW
    ),
    "do_re_age_plan": lambda h, a: do_re_age_plan(actor=a, plan_id=h.agreed["plan"], now=NOW),
    "do_give_holiday": lambda h, a: do_give_holiday(
        actor=a, plan_id=h.agreed["plan"], first_on=TODAY, months=1, now=NOW
    ),
    "do_restructure_plan": lambda h, a: do_restructure_plan(
        actor=a, plan_id=h.agreed["plan"], number=2, first_on=date(2026, 12, 10), now=NOW
    ),
    "do_judge_plans": lambda h, a: do_judge_plans(actor=a, now=NOW),
    "list_plan_policies": lambda h, a: list_plan_policies(actor=a),
    "do_set_plan_policy": lambda h, a: _asks_second(
        lambda: do_set_plan_policy(
            actor=a,
            creditor_id=h.creditor.pk,
            policy=PlanPolicy(),
            valid_from=date(2027, 2, 1),
            now=NOW,
        )
    ),
    "list_waivers": lambda h, a: list_waivers(actor=a, case_id=h.case.pk),
    "get_waiver_terms": lambda h, a: get_waiver_terms(actor=a, case_id=h.case.pk, now=NOW),
    "do_request_waiver": lambda h, a: do_request_waiver(
        actor=a, case_id=h.case.pk, asked=_A_WAIVER, now=NOW
    ),
    "do_accept_waiver": lambda h, a: do_accept_waiver(
        actor=a, waiver_id=h.agreed["waiver"], now=NOW
    ),
    "do_withdraw_waiver": lambda h, a: do_withdraw_waiver(
        actor=a, waiver_id=h.agreed["waiver"], now=NOW
    ),
    "do_judge_waivers": lambda h, a: do_judge_waivers(actor=a, now=NOW),
    "list_waiver_budgets": lambda h, a: list_waiver_budgets(actor=a),
    "do_set_waiver_budget": lambda h, a: do_set_waiver_budget(
        actor=a, creditor_id=h.creditor.pk, month=TODAY, amount_minor=100, now=NOW
    ),
    "list_waiver_policies": lambda h, a: list_waiver_policies(actor=a),
    "do_set_waiver_policy": lambda h, a: _asks_second(
        lambda: do_set_waiver_policy(actor=a, creditor_id=h.creditor.pk, text=_A_POLICY, now=NOW)
    ),
    "do_save_team": lambda h, a: do_save_team(actor=a, code="T", name="T", now=NOW),
    "do_save_seat": lambda h, a: do_save_seat(
        actor=a, code="NEW", team_id=h.seat.team_id, skills=["call"], now=NOW
    ),
    "do_make_user": lambda h, a: do_make_user(actor=a, username="new", now=NOW),
    "do_add_user": lambda h, a: do_add_user(
        actor=a, username="new", password=PASSWORD, roles=[Role.COLLECTOR], now=NOW
    ),
    "do_save_user": lambda h, a: do_save_user(
        actor=a, user_id=h.another.pk, username="another", is_active=False, now=NOW
    ),
    "do_set_password": lambda h, a: do_set_password(
        actor=a, user_id=h.another.pk, password=PASSWORD, now=NOW
    ),
    "list_users": lambda h, a: list_users(a),
    "do_grant_role": lambda h, a: do_grant_role(
        actor=a,
        user_id=h.another.pk,
        role=Role.COLLECTOR,
        creditor_id=h.creditor.pk,
        now=NOW,
    ),
    "do_revoke_role": lambda h, a: do_revoke_role(actor=a, grant_id=h.grant.pk, now=NOW),
    "do_set_language": lambda h, a: do_set_language(actor=a, language="en", now=NOW),
    "list_events": lambda h, a: list_events(a).events,
    "get_health": lambda h, a: get_health(a, now=NOW),
    "get_verification": lambda h, a: get_verification(a),
    "do_export_case": lambda h, a: do_export_case(
        actor=a, case_id=h.case.pk, with_personal_values=True, now=NOW
    ),
    "get_erasability": lambda h, a: get_erasability(
        actor=a, person_id=h.case.debtor.person_id, creditor_id=h.creditor.pk, now=NOW
    ),
    "do_erase_persons": lambda h, a: do_erase_persons(
        actor=a,
        creditor_id=h.creditor.pk,
        person_ids=[h.case.debtor.person_id],
        reason=ErasureReason.ASKED,
        now=NOW,
    ),
    "list_due_persons": lambda h, a: list_due_persons(actor=a, now=NOW),
    "do_destroy_due_records": lambda h, a: do_destroy_due_records(actor=a, now=NOW),
    "get_house_figures": lambda h, a: get_house_figures(a, now=NOW),
    "do_make_key": lambda h, a: do_make_key(
        actor=a,
        name="other",
        permissions=[Permission.CASE_READ],
        limits=Limits(creditor_id=h.creditor.pk),
        now=NOW,
    ),
    "do_revoke_key": lambda h, a: do_revoke_key(actor=a, key_id=h.key_id, reason="lost", now=NOW),
    "list_keys": lambda h, a: list_keys(actor=a),
    "do_request_approval": lambda h, a: do_request_approval(
        actor=a, kind="manual_payment", command=waiver(h), reason="cash", now=NOW
    ),
    "do_decide_approval": lambda h, a: do_decide_approval(
        actor=a, approval_id=h.approval.pk, answer=False, reason="no", now=NOW
    ),
    "do_withdraw_approval": lambda h, a: do_withdraw_approval(
        actor=a, approval_id=h.approval.pk, now=NOW
    ),
    "do_expire_approvals": lambda h, a: do_expire_approvals(actor=a, now=NOW),
    "list_approvals": lambda h, a: list_approvals(actor=a, which=Which.ALL, now=NOW).approvals,
    "get_approval": lambda h, a: get_approval(actor=a, approval_id=h.approval.pk, now=NOW),
    "count_to_decide": lambda h, a: count_to_decide(actor=a, now=NOW),
    "do_set_policy": lambda h, a: do_set_policy(
        actor=a, kind="reversal", bands=[Band(())], creditor_id=h.creditor.pk, now=NOW
    ),
    "list_policies": lambda h, a: list_policies(actor=a),
    "do_delegate": lambda h, a: do_delegate(
        actor=a,
        to_username="another",
        first_day=TODAY,
        last_day=TODAY,
        reason="away",
        now=NOW,
    ),
    "do_end_delegation": lambda h, a: do_end_delegation(
        actor=a, delegation_id=h.delegation.pk, now=NOW
    ),
    "list_delegations": lambda h, a: list_delegations(actor=a, on=TODAY),
    "list_creditors_to_access": lambda h, a: list_creditors_to_access(actor=a),
    "list_accesses": lambda h, a: list_accesses(actor=a, now=NOW),
    "do_end_access": lambda h, a: do_end_access(actor=a, access_id=h.access.pk, now=NOW),
    "do_close_ended_accesses": lambda h, a: do_close_ended_accesses(actor=a, now=NOW),
}

#: Who is let in where more than the permission is asked: a role of the level, the maker of a key.
ROLES: dict[str, frozenset[Role]] = {
    "do_decide_approval": frozenset({Role.APPROVER, Role.MANAGER}),
    "do_take_payment": frozenset(),
    "do_request_approval": frozenset({Role.CASHIER, Role.ADMINISTRATOR}),
    "list_approvals": frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.AUDITOR}),
    "get_approval": frozenset(Role) & ALLOWED[Permission.APPROVAL_DECIDE] | {Role.AUDITOR},
}
#: What anybody may ask for, since it is only ever about themselves: empty for these persons.
ABOUT_ONESELF = {
    "do_set_language",
    "count_to_decide",
    "list_delegations",
}
#: What none of these persons may do: it is another person's own, or a job's.
NOBODYS = {
    "do_withdraw_approval",
    "do_end_delegation",
    "do_end_access",
    "do_expire_approvals",
    "do_close_ended_accesses",
    "do_expire_permits",
    "do_note_overdue_permits",
    "do_escalate_tasks",
}
#: What a key never does, whatever it holds.
NEVER_BY_KEY = {"do_decide_approval", "do_delegate", "do_take_case"}
#: What a key with all permissions does where no one permission is asked for.
BY_KEY = {"do_request_approval", "list_approvals", "get_approval"}
#: What is about the actor alone, or about the law, so that it matters nothing for which creditor
#: they hold a role.
ANYWHERE = {
    "do_delegate",
    "list_switches",
    "list_rules",
    "get_plain_trial",
    "get_pack_effects",
    "list_strategies",
    "get_strategy",
    "list_strategy_steps",
}
#: Of one's own seats: somebody without a seat is let in and finds nothing there.
#: And nobody is due for erasing in a house of today, nor lacks an outcome.
EMPTY_IS_FINE = {
    "get_accrual",
    "list_shortages",
    "summarise_own_tasks",
    "list_due_persons",
    "list_overdue_permits",
    "list_waiting_refusals",
    "list_timeliness",
}
#: Part of another use case, which asks; they look at what it let through.
PARTS = {"find_conflict"}
