"""Every address of the pages. Signing in is allauth's, settings are the operators' own site."""

from __future__ import annotations

from django.urls import include, path

from kept.desk.accesses import accesses, end_access, request_access
from kept.desk.appearance import set_language, set_theme
from kept.desk.approval_policies import approval_policies, set_policy
from kept.desk.approvals import (
    approval,
    approvals,
    decide_approval,
    delegate,
    end_delegation,
    withdraw_approval,
)
from kept.desk.cases import case, take_case, timeline
from kept.desk.conflicts import conflicts, end_conflict, place_conflict
from kept.desk.contact_counts import contact_counts, contact_days
from kept.desk.dealing_rules import (
    capacities,
    dealing_policies,
    set_capacity,
    set_dealing_policy,
)
from kept.desk.dealings import apply_dealing, dealing, dealings, undo_dealing
from kept.desk.document_checks import verify, verify_code
from kept.desk.documents import (
    document_file,
    documents,
    preview_document,
    print_document,
    withdraw_document,
)
from kept.desk.entries import entries, post_entry, reverse_entry
from kept.desk.follow_ups import write_follow_up
from kept.desk.health import health, health_live, health_ready, metrics
from kept.desk.histories import declare_no_history, histories, set_cut_over
from kept.desk.intake_files import intake_file, intake_files, intake_rejects
from kept.desk.jobs import carry_out_again, jobs, run_job_again
from kept.desk.law_rules import law_rules, switch_rule
from kept.desk.law_trials import law_trial
from kept.desk.night_groups import (
    end_night_group,
    night_groups,
    save_night_group,
    set_group_capacity,
)
from kept.desk.nights import night, nights
from kept.desk.payments import act_on_payment, payment, payments, record_payment, suspense
from kept.desk.permit_refusals import refusals, release_presumption, review_contacts
from kept.desk.piles import move_case, move_cases, pile
from kept.desk.plans import (
    change_plan,
    offer_plan,
    plans,
    preview_plan,
    record_household,
)
from kept.desk.promises import change_promise, promises, take_promise
from kept.desk.receiving import decide_file, hand_in
from kept.desk.reveals import reveal_value
from kept.desk.searches import search
from kept.desk.seats import change_seat_time, save_seat, seat, seats
from kept.desk.strategies import (
    assign_strategy,
    draft_strategy,
    step_strategy,
    strategies,
    strategy,
)
from kept.desk.strategy_editor import check_strategy, edit_strategy, save_strategy
from kept.desk.strategy_trials import start_trial, strategy_trial, try_strategy
from kept.desk.tasks import close_task
from kept.desk.text_editor import check_text_words, edit_text, save_text
from kept.desk.texts import (
    begin_text,
    begin_texts,
    export_texts,
    step_text,
    text,
    text_version,
    texts,
)
from kept.desk.timeliness import timeliness
from kept.desk.today import today
from kept.desk.waivers import (
    accept_waiver,
    ask_waiver,
    set_waiver_budget,
    waiver_budgets,
    waivers,
    withdraw_waiver,
)
from kept.desk.worklists import next_task, worklist

urlpatterns = [
    path("", today, name="today"),
    path("worklist/", worklist, name="worklist"),
    path("worklist/next/", next_task, name="next_task"),
    path("cases/<int:case_id>/", case, name="case"),
    path("cases/<int:case_id>/timeline/", timeline, name="timeline"),
    path("cases/<int:case_id>/follow-up/", write_follow_up, name="write_follow_up"),
    path("cases/<int:case_id>/move/", move_case, name="move_case"),
    path("cases/<int:case_id>/promises/", take_promise, name="take_promise"),
    path("cases/<int:case_id>/promises/<int:promise_id>/", change_promise, name="change_promise"),
    path("promises/", promises, name="promises"),
    path("cases/<int:case_id>/take/", take_case, name="take_case"),
    path("tasks/<int:task_id>/close/", close_task, name="close_task"),
    path("timeliness/", timeliness, name="timeliness"),
    path(
        "cases/<int:case_id>/reveal/<str:kind>/<int:value_id>/", reveal_value, name="reveal_value"
    ),
    path("cases/<int:case_id>/accounts/<int:account_id>/", entries, name="entries"),
    path("cases/<int:case_id>/accounts/<int:account_id>/post/", post_entry, name="post_entry"),
    path(
        "cases/<int:case_id>/accounts/<int:account_id>/entries/<int:entry_id>/reverse/",
        reverse_entry,
        name="reverse_entry",
    ),
    path("cases/<int:case_id>/documents/", documents, name="documents"),
    path("cases/<int:case_id>/documents/preview/", preview_document, name="preview_document"),
    path("cases/<int:case_id>/documents/print/", print_document, name="print_document"),
    path(
        "cases/<int:case_id>/documents/<int:document_id>/withdraw/",
        withdraw_document,
        name="withdraw_document",
    ),
    path("documents/<int:document_id>/", document_file, name="document_file"),
    path("verify/", verify, name="verify"),
    path("verify/<str:code>/", verify_code, name="verify_code"),
    path("payments/", payments, name="payments"),
    path("payments/suspense/", suspense, name="suspense"),
    path("payments/<int:payment_id>/", payment, name="payment"),
    path("payments/<int:payment_id>/act/", act_on_payment, name="act_on_payment"),
    path("cases/<int:case_id>/payments/record/", record_payment, name="record_payment"),
    path("cases/<int:case_id>/waivers/", waivers, name="waivers"),
    path("cases/<int:case_id>/waivers/ask/", ask_waiver, name="ask_waiver"),
    path(
        "cases/<int:case_id>/waivers/<int:waiver_id>/accept/", accept_waiver, name="accept_waiver"
    ),
    path(
        "cases/<int:case_id>/waivers/<int:waiver_id>/withdraw/",
        withdraw_waiver,
        name="withdraw_waiver",
    ),
    path("waivers/budgets/", waiver_budgets, name="waiver_budgets"),
    path("waivers/budgets/set/", set_waiver_budget, name="set_waiver_budget"),
    path("cases/<int:case_id>/plans/", plans, name="plans"),
    path("cases/<int:case_id>/plans/preview/", preview_plan, name="preview_plan"),
    path("cases/<int:case_id>/plans/offer/", offer_plan, name="offer_plan"),
    path("cases/<int:case_id>/plans/household/", record_household, name="record_household"),
    path("cases/<int:case_id>/plans/<int:plan_id>/change/", change_plan, name="change_plan"),
    path("approvals/", approvals, name="approvals"),
    path("approvals/policies/", approval_policies, name="approval_policies"),
    path("approvals/policies/set/", set_policy, name="set_policy"),
    path("approvals/<int:approval_id>/", approval, name="approval"),
    path("approvals/<int:approval_id>/decide/", decide_approval, name="decide_approval"),
    path("approvals/<int:approval_id>/withdraw/", withdraw_approval, name="withdraw_approval"),
    path("approvals/delegate/", delegate, name="delegate"),
    path("approvals/delegations/<int:delegation_id>/end/", end_delegation, name="end_delegation"),
    path("accesses/", accesses, name="accesses"),
    path("accesses/request/", request_access, name="request_access"),
    path("accesses/<int:access_id>/end/", end_access, name="end_access"),
    path("search/", search, name="search"),
    path("intake/", intake_files, name="intake_files"),
    path("intake/<int:intake_file_id>/", intake_file, name="intake_file"),
    path("intake/<int:intake_file_id>/rejects/", intake_rejects, name="intake_rejects"),
    path("intake/hand-in/", hand_in, name="receive_file"),
    path("intake/<int:intake_file_id>/decide/", decide_file, name="decide_file"),
    path("nights/", nights, name="nights"),
    path("nights/groups/", night_groups, name="night_groups"),
    path("nights/groups/save/", save_night_group, name="save_night_group"),
    path("nights/groups/<int:group_id>/end/", end_night_group, name="end_night_group"),
    path("nights/groups/<int:group_id>/capacity/", set_group_capacity, name="set_group_capacity"),
    path("nights/<int:run_id>/", night, name="night"),
    path("strategies/", strategies, name="strategies"),
    path("strategies/draft/", draft_strategy, name="draft_strategy"),
    path("strategies/assign/", assign_strategy, name="assign_strategy"),
    path("strategies/trials/<int:run_id>/", strategy_trial, name="strategy_trial"),
    path("strategies/<str:label>/", strategy, name="strategy"),
    path("strategies/<str:label>/try/", try_strategy, name="try_strategy"),
    path("strategies/<str:label>/try/start/", start_trial, name="start_trial"),
    path("strategies/<str:label>/step/", step_strategy, name="step_strategy"),
    path("strategies/<str:label>/edit/", edit_strategy, name="edit_strategy"),
    path("strategies/<str:label>/edit/check/", check_strategy, name="check_strategy"),
    path("strategies/<str:label>/edit/save/", save_strategy, name="save_strategy"),
    path("texts/", texts, name="texts"),
    path("texts/begin/one/", begin_text, name="begin_text"),
    path("texts/begin/file/", begin_texts, name="begin_texts"),
    path("texts/export/file/", export_texts, name="export_texts"),
    path("texts/<slug:code>/", text, name="text"),
    path("texts/<str:label>/", text_version, name="text_version"),
    path("texts/<str:label>/step/", step_text, name="step_text"),
    path("texts/<str:label>/edit/", edit_text, name="edit_text"),
    path("texts/<str:label>/edit/check/", check_text_words, name="check_text"),
    path("texts/<str:label>/edit/save/", save_text, name="save_text"),
    path("seats/", seats, name="seats"),
    path("seats/save/", save_seat, name="save_seat"),
    path("seats/<int:seat_id>/", seat, name="seat"),
    path("seats/<int:seat_id>/time/", change_seat_time, name="change_seat_time"),
    path("dealing/", dealings, name="dealings"),
    path("dealing/cases/", pile, name="pile"),
    path("dealing/cases/move/", move_cases, name="move_cases"),
    path("dealing/policy/", dealing_policies, name="dealing_policies"),
    path("dealing/policy/set/", set_dealing_policy, name="set_dealing_policy"),
    path("dealing/capacities/", capacities, name="capacities"),
    path("dealing/capacities/set/", set_capacity, name="set_capacity"),
    path("dealing/conflicts/", conflicts, name="conflicts"),
    path("dealing/conflicts/place/", place_conflict, name="place_conflict"),
    path("dealing/conflicts/<int:conflict_id>/end/", end_conflict, name="end_conflict"),
    path("dealing/apply/", apply_dealing, name="apply_dealing"),
    path("dealing/<int:run_id>/", dealing, name="dealing"),
    path("dealing/<int:run_id>/undo/", undo_dealing, name="undo_dealing"),
    path("health/", health, name="health"),
    path("health/live/", health_live, name="health_live"),
    path("health/ready/", health_ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
    path("law/", law_rules, name="law_rules"),
    path("law/rules/<str:rule_id>/switch/", switch_rule, name="switch_rule"),
    path("law/try/", law_trial, name="law_trial"),
    path("law/refusals/", refusals, name="refusals"),
    path("law/refusals/<int:case_id>/release/", release_presumption, name="release_presumption"),
    path("law/refusals/<int:case_id>/review/", review_contacts, name="review_contacts"),
    path("law/contacts/", contact_counts, name="contact_counts"),
    path("law/contacts/<int:case_id>/", contact_days, name="contact_days"),
    path("law/history/", histories, name="histories"),
    path("law/history/<int:creditor_id>/declare/", declare_no_history, name="declare_no_history"),
    path("law/history/<int:creditor_id>/cut-over/", set_cut_over, name="set_cut_over"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<int:job_id>/again/", run_job_again, name="run_job_again"),
    path("jobs/effects/<int:intent_id>/again/", carry_out_again, name="carry_out_again"),
    path("language/", set_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
    path("accounts/", include("kept.desk.accounts")),
    # By name, not by import: the faces know each other's addresses only.
    path("api/", include("kept.api.urls")),
    path("operators/", include(("kept.admin.urls", "admin"), namespace="operators")),
]
handler400 = "kept.desk.errors.bad_request"
handler403 = "kept.desk.errors.forbidden"
handler404 = "kept.desk.errors.not_found"
handler500 = "kept.desk.errors.server_error"
