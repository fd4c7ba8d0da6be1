"""The rules of the source collection that no pack encodes, each with the reason."""

from __future__ import annotations

NOT_EXECUTABLE = {
    "US.F.scope.actor": "a gate of the pack US-RegF, not a rule of its own",
    "US.F.scope.debt": "a gate of the pack US-RegF, not a rule of its own",
    "US.F.6a.consumer_includes": "the group consumer_group of the pack US-RegF",
    "US.F.6b1.single_response": "the exception single_response of the pack US-RegF",
    "US.F.6b4.court_permission": "the exception court_permission of the pack US-RegF",
    "US.F.14b.rebut_violation": "reasons that a compliance officer may record for a release",
    "US.F.2j.limited_content_message": "what a message must hold is checked on templates; the"
    " contact itself obeys hours, media and counts",
    "US.CA.Rosenthal": "the source gives no conditions",
    "CN.CBA.contact_data_sources": "the source of a contact point is checked when it is taken in",
    "CN.know": "what must be told is to be confirmed; in issue only where the facts state it",
    "CN.CC.70.content": "the content of an agreement is checked when a plan is made",
    "CN.CC.68.reminder": "a duty of the issuer, never a bar to a contact",
    "CN.GB.training": "a duty about staff, checked on seats",
    "CN.GB.responsibility": "says whose acts count; agencies and lender are pooled in the counts",
    "DE.RDG.13a": "a pointer without conditions, to be confirmed",
    "EU.2021_2167.art10": "a pointer without conditions, to be confirmed",
    "SG.DCA": "a pointer without conditions, to be confirmed",
    "MX.CONDUSEF": "a pointer without conditions, to be confirmed",
    "BR.CDC": "a pointer without conditions, to be confirmed",
    "VN.18_2019": "a pointer without conditions, to be confirmed",
}
