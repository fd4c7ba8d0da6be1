"""The interface for other programs: it parses, calls one use case, and renders JSON."""
