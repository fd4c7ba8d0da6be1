"""Every use case with what it asks of who calls it: the table that the docs print and a test walks.

The use cases themselves hold the rule; this says it a second time, and `tests/work/test_use_cases`
holds the two together with every role, and fails on a use case that has no row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kept.core.actors import Role
from kept.work.permissions import ALLOWED, Permission

__all__ = ["USE_CASES", "Rule", "permissions_page", "use_case_lines"]

P = Permission


@dataclass(frozen=True, slots=True)
class Rule:
    """`permission` None: no role is asked for, and `note` says what is.

    `of_house`: only by a grant without a limit. Otherwise rows beyond the reach are not there.
    """

    permission: Permission | None = None
    of_house: bool = False
    note: str = ""


def _house(permission: Permission) -> Rule:
    return Rule(permission, of_house=True)


_JOB: Final = Rule(note="jobs of kept only")
_OWN: Final = Rule(note="one's own only")
_OF_HOUSE: Final = "one of the whole house: by a grant without a limit"

USE_CASES: Final[Mapping[str, Rule]] = {
    # reading the book
    "list_tasks": Rule(P.WORKLIST_READ),
    "get_task": Rule(P.WORKLIST_READ),
    "get_worklist_choices": Rule(P.WORKLIST_READ),
    "summarise_own_tasks": Rule(P.WORKLIST_READ, note="of one's own seats"),
    "list_cases": Rule(P.CASE_READ),
    "get_case": Rule(P.CASE_READ),
    "list_timeline": Rule(P.CASE_READ),
    "search": Rule(P.CASE_READ),
    "list_holds": Rule(P.CASE_READ),
    "get_position": Rule(P.CASE_READ),
    "get_accrual": Rule(P.CASE_READ),
    "list_entries": Rule(P.CASE_READ),
    "get_bucket_history": Rule(P.CASE_READ),
    "do_reveal_value": Rule(P.NUMBER_REVEAL),
    # changing it
    "do_write_follow_up": Rule(P.TASK_CLOSE),
    "do_escalate_tasks": _JOB,
    "list_timeliness": Rule(P.WORKLIST_READ, note="of what one sees"),
    "do_close_task": Rule(P.TASK_CLOSE, note="in turn, or with case.pick"),
    "do_take_case": Rule(P.TASK_CLOSE, note="of persons"),
    "do_place_hold": Rule(P.HOLD_CHANGE),
    "do_release_hold": Rule(P.HOLD_CHANGE),
    "do_post_entry": Rule(P.LEDGER_POST, note="and an approval, by policy"),
    "do_reverse_entry": Rule(P.LEDGER_POST, note="and an approval, by policy"),
    "do_record_judgment": Rule(P.LEDGER_POST),
    "do_withdraw_judgment": Rule(P.LEDGER_POST),
    # promises
    "do_take_promise": Rule(P.PROMISE_TAKE, note="beyond the policy: a role that it names"),
    "do_confirm_promise": Rule(P.PROMISE_TAKE),
    "do_replace_promise": Rule(P.PROMISE_TAKE),
    "do_cancel_promise": Rule(P.PROMISE_CANCEL),
    "do_judge_promises": Rule(P.NIGHT_RUN),
    "list_due_promises": Rule(P.WORKLIST_READ, note="of the cases that one sees"),
    "list_promises": Rule(P.CASE_READ),
    "get_case_promises": Rule(P.CASE_READ),
    "get_promise_outcomes": Rule(P.PROMISE_MEASURE),
    "list_promise_rates": Rule(P.PROMISE_MEASURE),
    "do_set_promise_policy": Rule(P.PROMISE_CHANGE_POLICY, note="and an approval, by policy"),
    "list_promise_policies": Rule(P.CASE_READ),
    # what a person said or is
    "list_records": Rule(P.CASE_READ),
    "do_record_consent": Rule(P.PERSON_RECORD),
    "do_revoke_consent": Rule(P.PERSON_RECORD),
    "do_record_stop": Rule(P.PERSON_RECORD),
    "do_withdraw_stop": Rule(P.PERSON_RELEASE),
    "do_record_representation": Rule(P.PERSON_RECORD),
    "do_end_representation": Rule(P.PERSON_RELEASE),
    "do_record_circumstance": Rule(P.PERSON_RECORD),
    "do_end_circumstance": Rule(P.PERSON_RELEASE),
    "do_record_hardship": Rule(P.PERSON_RECORD),
    "do_end_hardship": Rule(P.PERSON_RELEASE),
    "do_record_vulnerability": Rule(P.PERSON_RECORD),
    "do_end_vulnerability": Rule(P.PERSON_RELEASE),
    "do_read_vulnerabilities": Rule(P.VULNERABILITY_READ),
    "do_record_language": Rule(P.PERSON_RECORD),
    "do_open_dispute": Rule(P.PERSON_RECORD),
    "do_assign_dispute": Rule(P.PERSON_RELEASE),
    "do_close_dispute": Rule(P.PERSON_RELEASE),
    "do_open_complaint": Rule(P.PERSON_RECORD),
    "do_assign_complaint": Rule(P.PERSON_RELEASE),
    "do_close_complaint": Rule(P.PERSON_RELEASE),
    # the law
    "do_set_cut_over": Rule(P.CREDITOR_CHANGE),
    "do_declare_no_history": Rule(P.HISTORY_DECLARE),
    "list_histories": Rule(P.CONTACT_COUNT),
    "get_situation": Rule(P.CASE_READ),
    "get_verdict": Rule(P.CASE_READ),
    "list_lights": Rule(P.CASE_READ),
    "list_rules": Rule(P.LAW_READ),
    "get_trial": Rule(P.CASE_READ),
    "get_plain_trial": Rule(P.LAW_READ),
    "get_pack_effects": Rule(P.CASE_READ),
    "list_contacted": Rule(P.CONTACT_COUNT),
    "get_contact_days": Rule(P.CONTACT_COUNT),
    "list_switches": Rule(P.LAW_READ),
    "do_switch_rule": _house(P.LAW_SWITCH),
    # contact: nothing leaves without a permit
    "do_permit": Rule(P.CONTACT_MAKE),
    "do_use": Rule(P.CONTACT_MAKE),
    "do_release": Rule(P.CONTACT_MAKE),
    "do_settle": Rule(P.CONTACT_MAKE),
    "do_review_contacts": Rule(P.PRESUMPTION_RELEASE),
    "do_release_presumption": Rule(P.PRESUMPTION_RELEASE),
    "do_expire_permits": _JOB,
    "do_note_overdue_permits": _JOB,
    "list_open_permits": Rule(P.PERMIT_READ),
    "list_overdue_permits": Rule(P.PERMIT_READ),
    "list_waiting_refusals": Rule(P.PERMIT_READ),
    "list_refusals": Rule(P.PERMIT_READ),
    # files and nights
    "find_creditor": Rule(P.INTAKE_RECEIVE),
    "list_payments": Rule(P.PAYMENT_READ),
    "list_suspense": Rule(P.PAYMENT_READ),
    "get_payment": Rule(P.PAYMENT_READ),
    "list_case_payments": Rule(P.CASE_READ),
    "do_record_payment": Rule(P.PAYMENT_RECORD, note="with a second person, as a rule"),
    "do_take_payment": Rule(P.PAYMENT_TAKE, note="of programs"),
    "do_assign_payment": Rule(P.PAYMENT_RECORD),
    "do_withdraw_payment": Rule(P.PAYMENT_RECORD, note="with a second person, as a rule"),
    "do_reverse_payment": Rule(P.PAYMENT_RECORD, note="with a second person, as a rule"),
    "do_send_payment_back": Rule(P.PAYMENT_RECORD, note="with a second person, as a rule"),
    "do_give_reference": Rule(P.PAYMENT_RECORD),
    "do_set_payment_policy": Rule(P.PAYMENT_CHANGE_POLICY, note="with a second person, as a rule"),
    "do_charge_account_off": Rule(P.LEDGER_POST, note="with a second person, as a rule"),
    "do_sell_account": Rule(P.LEDGER_POST, note="with a second person, as a rule"),
    "do_buy_account_back": Rule(P.LEDGER_POST, note="with a second person, as a rule"),
    "get_journal": Rule(P.MONEY_EXPORT),
    "do_receive_file": Rule(P.INTAKE_RECEIVE),
    "receive_file": Rule(P.INTAKE_RECEIVE),
    "receive_and_run": Rule(P.INTAKE_RECEIVE),
    "receive_corrections": Rule(P.INTAKE_RECEIVE),
    "do_accept_profile": Rule(P.INTAKE_RECEIVE),
    "do_set_aside_file": Rule(P.INTAKE_RECEIVE),
    "do_skip_sequence": Rule(P.INTAKE_RECEIVE),
    "do_take_attempt_history": Rule(P.INTAKE_RECEIVE),
    "list_known_maps": Rule(P.INTAKE_RECEIVE),
    "list_intake_files": Rule(P.INTAKE_READ),
    "get_intake_file": Rule(P.INTAKE_READ),
    "list_intake_rejects": Rule(P.INTAKE_READ),
    "list_nights": Rule(P.NIGHT_READ),
    "list_last_nights": Rule(P.NIGHT_READ),
    "get_night": Rule(P.NIGHT_READ),
    "run_night": Rule(P.NIGHT_RUN),
    "run_nights": Rule(P.NIGHT_RUN),
    "run_group": _house(P.NIGHT_RUN),
    "list_night_groups": Rule(P.NIGHT_READ),
    "list_group_nights": _house(P.NIGHT_READ),
    "do_save_night_group": _house(P.CREDITOR_CHANGE),
    "do_end_night_group": _house(P.CREDITOR_CHANGE),
    "do_set_group_capacity": _house(P.CAPACITY_CHANGE),
    # strategies
    "list_strategies": Rule(P.STRATEGY_READ),
    "get_strategy": Rule(P.STRATEGY_READ),
    "list_strategy_steps": Rule(P.STRATEGY_READ),
    "list_strategy_uses": Rule(P.STRATEGY_READ),
    "do_draft_strategy": _house(P.STRATEGY_WRITE),
    "do_change_draft": _house(P.STRATEGY_WRITE),
    "do_submit_strategy": _house(P.STRATEGY_WRITE),
    "do_approve_strategy": Rule(P.STRATEGY_APPROVE, True, "a person who wrote none of it"),
    "do_reject_strategy": _house(P.STRATEGY_APPROVE),
    "do_put_in_force": _house(P.STRATEGY_ENFORCE),
    "do_retire_strategy": _house(P.STRATEGY_ENFORCE),
    "do_assign_strategy": Rule(P.STRATEGY_ASSIGN),
    "do_start_strategy_trial": Rule(P.STRATEGY_READ),
    "list_strategy_trials": Rule(P.STRATEGY_READ),
    "list_shortages": Rule(P.STRATEGY_READ),
    "get_strategy_trial": Rule(P.STRATEGY_READ),
    # texts: those of a creditor within the reach, those of the house without a limit
    "list_texts": Rule(P.TEXT_READ),
    "get_text": Rule(P.TEXT_READ),
    "list_text_steps": Rule(P.TEXT_READ),
    "get_text_file": Rule(P.TEXT_READ),
    "do_draft_text": Rule(P.TEXT_WRITE, note=_OF_HOUSE),
    "do_draft_texts": Rule(P.TEXT_WRITE, note=_OF_HOUSE),
    "do_change_text": Rule(P.TEXT_WRITE, note=_OF_HOUSE),
    "do_submit_text": Rule(P.TEXT_WRITE, note=_OF_HOUSE),
    "do_approve_text": Rule(P.TEXT_APPROVE, note=f"a person who wrote none of it; {_OF_HOUSE}"),
    "do_reject_text": Rule(P.TEXT_APPROVE, note=_OF_HOUSE),
    "do_put_text_in_force": Rule(P.TEXT_ENFORCE, note=_OF_HOUSE),
    "do_retire_text": Rule(P.TEXT_ENFORCE, note=_OF_HOUSE),
    # documents
    "do_print_document": Rule(P.DOCUMENT_PRINT, note="a lawyer's letter: document.print_legal"),
    "do_print_documents": Rule(P.DOCUMENT_PRINT, note="a lawyer's letter: document.print_legal"),
    "do_withdraw_document": Rule(P.DOCUMENT_WITHDRAW),
    "get_document_preview": Rule(P.DOCUMENT_PRINT, note="a lawyer's letter: document.print_legal"),
    "get_document_file": Rule(P.DOCUMENT_READ),
    "get_document": Rule(P.CASE_READ),
    "list_documents": Rule(P.CASE_READ),
    # jobs, effects and subscribers
    "list_jobs": Rule(P.JOB_READ),
    "do_run_job_again": Rule(P.JOB_RUN),
    "list_failed_intents": Rule(P.JOB_READ),
    "do_retry_intent": Rule(P.JOB_RUN),
    "list_subscribers": Rule(P.JOB_READ),
    "do_save_subscriber": _house(P.SUBSCRIBER_CHANGE),
    "do_set_subscriber_secret": _house(P.SUBSCRIBER_CHANGE),
    # the house
    "do_save_creditor": Rule(P.CREDITOR_CHANGE, note="a new one: by a grant without a limit"),
    "do_save_engagement": Rule(P.CREDITOR_CHANGE),
    "do_save_legal_entity": _house(P.CREDITOR_CHANGE),
    "list_engaged_entities": Rule(P.CREDITOR_CHANGE),
    "list_creditors": Rule(P.CREDITOR_CHANGE, note="or the permission asked about"),
    "do_save_product": Rule(P.CREDITOR_CHANGE),
    "do_add_terms": Rule(P.CREDITOR_CHANGE),
    "get_readiness": Rule(P.CREDITOR_CHANGE),
    "list_seats": Rule(P.SEAT_READ),
    "get_seat": Rule(P.SEAT_READ),
    "get_seat_days": Rule(P.SEAT_READ),
    "count_stranded": _house(P.SEAT_CHANGE),
    "do_place_absence": _house(P.SEAT_CHANGE),
    "do_remove_absence": _house(P.SEAT_CHANGE),
    "do_set_extra_time": _house(P.SEAT_CHANGE),
    "list_conflicts": Rule(P.SEAT_READ),
    "do_block_seat": _house(P.SEAT_CHANGE),
    "do_unblock_seat": _house(P.SEAT_CHANGE),
    "do_place_conflict": _house(P.SEAT_CHANGE),
    "do_end_conflict": _house(P.SEAT_CHANGE),
    "do_withdraw_seat": _house(P.SEAT_CHANGE),
    # dealing outside the night
    "run_dealing": Rule(P.CASE_DEAL),
    "do_undo_dealing": Rule(P.CASE_DEAL),
    "do_move_cases": Rule(P.CASE_DEAL),
    "list_pile": Rule(P.CASE_DEAL),
    "list_dealings": Rule(P.CASE_DEAL),
    "get_dealing": Rule(P.CASE_DEAL),
    "do_set_dealing_policy": Rule(P.CAPACITY_CHANGE),
    "list_dealing_policies": Rule(P.NIGHT_READ),
    "do_set_capacity": Rule(P.CAPACITY_CHANGE),
    "list_capacities": Rule(P.NIGHT_READ),
    # plans
    "list_plans": Rule(P.CASE_READ),
    "get_plan_agreement": Rule(P.CASE_READ),
    "get_settlement_figure": Rule(P.CASE_READ),
    "get_plan_terms": Rule(P.PLAN_OFFER),
    "do_record_household": Rule(P.PERSON_RECORD),
    "do_offer_plan": Rule(P.PLAN_OFFER),
    "do_accept_plan": Rule(P.PLAN_OFFER, note="the debtor's answer to an offer"),
    "do_end_plan": Rule(P.PLAN_CHANGE),
    "do_re_age_plan": Rule(P.PLAN_CHANGE),
    "do_give_holiday": Rule(P.PLAN_CHANGE),
    "do_restructure_plan": Rule(P.PLAN_CHANGE),
    "do_judge_plans": _JOB,
    "list_plan_policies": Rule(P.NIGHT_READ),
    "do_set_plan_policy": Rule(P.WAIVER_CHANGE_POLICY, note="a second person approves"),
    # waivers
    "list_waivers": Rule(P.CASE_READ),
    "get_waiver_terms": Rule(P.WAIVER_REQUEST),
    "do_request_waiver": Rule(P.WAIVER_REQUEST, note="within the matrix; its levels approve"),
    "do_accept_waiver": Rule(P.WAIVER_REQUEST, note="the debtor's answer to an offer"),
    "do_withdraw_waiver": Rule(P.WAIVER_REQUEST),
    "do_judge_waivers": _JOB,
    "list_waiver_budgets": Rule(P.NIGHT_READ),
    "do_set_waiver_budget": Rule(P.WAIVER_CHANGE_BUDGET),
    "list_waiver_policies": Rule(P.NIGHT_READ),
    "do_set_waiver_policy": Rule(P.WAIVER_CHANGE_POLICY, note="a second person approves"),
    "do_save_team": _house(P.SEAT_CHANGE),
    "do_save_seat": _house(P.SEAT_CHANGE),
    "do_make_user": _house(P.USER_CHANGE),
    "do_add_user": _house(P.USER_CHANGE),
    "do_save_user": _house(P.USER_CHANGE),
    "do_set_password": _house(P.USER_CHANGE),
    "list_users": _house(P.USER_CHANGE),
    "do_grant_role": Rule(P.USER_CHANGE, note="an administrator: with an approval"),
    "do_revoke_role": Rule(P.USER_CHANGE),
    "do_set_language": _OWN,
    "list_events": _house(P.EVENT_READ),
    "get_health": _house(P.HEALTH_READ),
    "get_verification": _house(P.EVENT_VERIFY),
    "do_export_case": Rule(P.EVENT_EXPORT),
    "get_erasability": Rule(P.PERSON_ERASE),
    "do_erase_persons": Rule(P.PERSON_ERASE, note="with an approval"),
    "list_due_persons": Rule(P.PERSON_ERASE),
    "do_destroy_due_records": _house(P.PERSON_ERASE),
    "get_house_figures": _house(P.HEALTH_READ),
    # keys of other programs
    "do_make_key": Rule(P.KEY_CHANGE),
    "do_revoke_key": Rule(P.KEY_CHANGE),
    "list_keys": Rule(P.KEY_CHANGE),
    # approvals
    "do_request_approval": Rule(note="the permission of the command"),
    "do_decide_approval": Rule(P.APPROVAL_DECIDE, note="and a role of the level that is due"),
    "do_withdraw_approval": _OWN,
    "do_expire_approvals": _JOB,
    "list_approvals": Rule(note="one's own, those to decide, and with approval.read all"),
    "get_approval": Rule(note="one's own, those to decide, and with approval.read all"),
    "count_to_decide": _OWN,
    "do_set_policy": Rule(P.APPROVAL_CHANGE_POLICY, note="with an approval"),
    "list_policies": Rule(P.APPROVAL_CHANGE_POLICY),
    "do_delegate": Rule(P.APPROVAL_DECIDE, note="one's own"),
    "do_end_delegation": _OWN,
    "list_delegations": _OWN,
    # timed access of staff
    "list_creditors_to_access": _house(P.ACCESS_REQUEST),
    "list_accesses": Rule(P.ACCESS_READ, note="and one's own"),
    "do_end_access": Rule(note="one's own, or of the creditor's side"),
    "do_close_ended_accesses": _JOB,
}


def use_case_lines() -> list[str]:
    """The table for docs/permissions.md."""
    lines = ["| use case | permission | note |", "|---|---|---|"]
    for name, rule in USE_CASES.items():
        permission = f"`{rule.permission.value}`" if rule.permission else "none"
        notes = ["of the whole house"] if rule.of_house else []
        notes += [rule.note] if rule.note else []
        lines.append(f"| `{name}` | {permission} | {'; '.join(notes)} |")
    return lines


def permissions_page() -> str:
    """The text of `docs/permissions.md`."""
    lines = [
        "# Permissions",
        "",
        "What a role may do, wherever it asks: on a page, by a command, by an interface. A role is",
        "granted for all there is, or within limits: a creditor, a portfolio (a product of a",
        "creditor), a team, an agency; from an instant and until another. Collectors and field",
        "collectors see only the work dealt to their own seats. Limits are kept by permission:",
        "what a person sees when doing one thing are the rows of those grants whose role holds it,",
        "so a manager of one creditor who audits another changes nothing there. An API key holds",
        "single permissions, within the same limits, and never those that only persons have.",
        "",
        "This page is printed from `src/kept/work/permissions.py` and `use_cases.py`; a test fails",
        "when it is stale.",
        "",
        "| permission | roles |",
        "|---|---|",
    ]
    for permission, roles in ALLOWED.items():
        named = ", ".join(role.value for role in Role if role in roles)
        lines.append(f"| `{permission.value}` | {named} |")
    lines += [
        "",
        "## Use cases",
        "",
        "What each use case asks of who calls it. A test calls every one of them as every role, as",
        "nobody, with a grant that ran out, with one of another creditor and with a key that lacks",
        "the permission, and looks that a refusal changed nothing in the database.",
        "",
        *use_case_lines(),
    ]
    return "\n".join(lines) + "\n"
