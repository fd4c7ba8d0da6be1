"""Whether a file looks like the files before it; where it does not, a person is asked.

What a profile is, and which bands there are, is `kept.core.intake.profiles`; chunks of it are made
while the file is staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from kept.batch.intake.profiling import ChunkProfile
from kept.core.intake import IntakeMap
from kept.core.intake.profiles import COMPARED_FILES, Breach, ProfileSummary, find_breaches
from kept.store.models import IntakeFile

__all__ = ["AsksPerson", "judge_profile", "sum_profiles"]


class AsksPerson(Exception):
    """The file's profile breaks a band of its map: a person decides whether it is applied."""

    def __init__(self, breaches: Iterable[Breach]) -> None:
        super().__init__(", ".join(breach.code.value for breach in breaches))


def sum_profiles(chunks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The profile of a file from those of its chunks, as JSON."""
    total = ChunkProfile()
    for chunk in chunks:
        total.merge(ChunkProfile.from_json(chunk))
    return total.summary().to_json()


def judge_profile(
    file: IntakeFile, intake_map: IntakeMap, staged: Mapping[str, Any], rejected: int
) -> None:
    """Keep the file's profile; raise `AsksPerson` when it breaks a band and nobody accepted it.

    `rejected` counts the rows that the checks refused as well. A dry run asks nobody.
    """
    summary = replace(ProfileSummary.from_json(staged["profile"]), rejected=rejected)
    earlier = _earlier(file)
    breaches = find_breaches(summary, earlier, intake_map.bands)
    accepted = {name: file.profile[name] for name in ("accepted",) if name in file.profile}
    file.profile = {
        **summary.to_json(),
        "compared_files": len(earlier),
        "breaches": [asdict(breach) for breach in breaches],
        **accepted,
    }
    file.save(update_fields=["profile"])
    if breaches and not accepted and file.state != IntakeFile.State.DRY_RUN:
        raise AsksPerson(breaches)


def _earlier(file: IntakeFile) -> list[ProfileSummary]:
    """Of the creditor's last files of this type and coverage that were taken, the oldest first."""
    rows = IntakeFile.objects.filter(
        creditor_id=file.creditor_id,
        file_type=file.file_type,
        coverage=file.coverage,
        state=IntakeFile.State.ACKNOWLEDGED,
    ).exclude(pk=file.pk)
    last = rows.order_by("-received_at", "-pk").values_list("profile", flat=True)[:COMPARED_FILES]
    return [ProfileSummary.from_json(profile) for profile in reversed(last) if "rows" in profile]
