"""What is agreed with a debtor and judged by the ledger: promises, plans, waivers, settlements.

Nobody types an outcome. Each is a function of what was agreed, of the payments, of the day that is
asked about and of what was known then; so a past day's outcome can always be said again.
"""
