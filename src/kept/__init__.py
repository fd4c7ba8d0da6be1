"""kept: a compliance-first debt-collection platform.

The floors are folders of this package; `docs/architecture.md` is their map.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
