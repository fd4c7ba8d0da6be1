-- Documents: their numbers, and what the ledger says of proofs today.

-- name: next_numbers
-- So many numbers of documents, before they are printed with them.
SELECT nextval(pg_get_serial_sequence('documents', 'id')) AS id
FROM generate_series(1, %(count)s);

-- name: doubtful_proofs
-- Proofs of settlement that were not true of their day, as known now: a payment of before that came back, a charge of an earlier day. What is owed since for something new does not touch them.
SELECT d.id AS document_id FROM documents d
WHERE d.id = ANY (%(document_ids)s) AND d.kind = 'proof_of_settlement' AND d.state = 'valid'
  AND (SELECT coalesce(sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor
                                ELSE -p.amount_minor END), 0)
       FROM postings p JOIN entries e ON e.id = p.entry_id
       LEFT JOIN entries undone ON undone.id = e.reverses_id
       WHERE p.account_id = d.account_id
         AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
         AND coalesce(undone.effective_on, e.effective_on) <= d.as_of) <> 0;
