"""Settings, the embedded database and the processes of an installation.

It stands beside the floors: it knows nothing of debtors and tables, only the faces and the tests
use it, and it imports no floor.
"""
