"""A made-up book of two made-up lenders, for trying kept out and for tests.

`book.make_books` draws it from a seed, `files.deliver` writes it as the lenders' files, `measuring`
measures it against the public figures of `calibration`.
"""
