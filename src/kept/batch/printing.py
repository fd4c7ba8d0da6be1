"""Many documents of one kind: papers read in turn, set side by side, recorded by the chunk.

Setting a page is the costly part and runs outside Python, so threads use every processor; each has
its own compiler. A case that is refused is data with its sentence and keeps no other from being
printed. A batch that was ended by force goes on where it stood: with `skip_printed` a case that has
a valid document of the kind, as of the day, is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Q

from kept.core.actors import Actor
from kept.store.models import Document
from kept.work.document_papers import PaperRequest
from kept.work.documents import Prepared, prepare, store_prepared
from kept.work.printing import printer
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["PrintedBatch", "do_print_documents"]

CHUNK: Final = 40


@dataclass(frozen=True, slots=True)
class PrintedBatch:
    """Ids of documents by case, and sentences of the cases that were refused."""

    printed: dict[int, int]
    refused: dict[int, str]


def do_print_documents(
    *,
    actor: Actor,
    case_ids: Sequence[int],
    request: PaperRequest,
    now: datetime,
    skip_printed: bool = True,
    workers: int = 2,
    progress: Callable[[int], None] = lambda done: None,
) -> PrintedBatch:
    """Print the document of `request` for each case; the case of the request itself is not used."""
    batch = PrintedBatch({}, {})
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for chunk in _chunks(dict.fromkeys(case_ids), CHUNK):
            with transaction.atomic():
                wanted = _unprinted(chunk, request, now) if skip_printed else chunk
                ready = list(_prepared(actor, wanted, request, now, batch))
                pdfs = pool.map(lambda each: _set(each, now), ready)
                for each, pdf in zip(ready, pdfs, strict=True):
                    if isinstance(pdf, Refusal):
                        batch.refused[each.paper.case.pk] = pdf.message
                    else:
                        case_id = each.paper.case.pk
                        batch.printed[case_id] = store_prepared(actor, each, pdf, now)
            progress(len(batch.printed) + len(batch.refused))
    return batch


def _prepared(
    actor: Actor, case_ids: Sequence[int], request: PaperRequest, now: datetime, batch: PrintedBatch
) -> Iterator[Prepared]:
    for case_id in case_ids:
        try:
            yield prepare(actor, [replace(request, case_id=case_id)], now)[0]
        except (NotAllowed, NotThere):
            raise  # who may not print, or names a case that is not theirs, prints nothing at all
        except Refusal as refusal:
            batch.refused[case_id] = refusal.message


def _unprinted(case_ids: Sequence[int], request: PaperRequest, now: datetime) -> list[int]:
    """Cases without a valid document of this kind of the same day of the paper."""
    same = Q(as_of=request.as_of) if request.as_of else Q(printed_at__date=now.date())
    known = Document.objects.filter(same, case_id__in=case_ids, kind=request.kind.value)
    valid = known.filter(state=Document.State.VALID).values_list("case_id", flat=True)
    done = set(valid)
    return [each for each in case_ids if each not in done]


def _set(prepared: Prepared, now: datetime) -> bytes | Refusal:
    try:
        return printer().pdf(prepared.sheet, now)
    except Refusal as refusal:
        return refusal


def _chunks(items: dict[int, None], size: int) -> Iterator[list[int]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
