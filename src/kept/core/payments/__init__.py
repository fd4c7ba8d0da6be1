"""Payments as values: whose they are, how each cent is allocated, and by which policy.

Nothing here reads a file or a table. The set-based twin of allocating is
`store/sql/payments.sql`; a property test holds the two together.
"""
