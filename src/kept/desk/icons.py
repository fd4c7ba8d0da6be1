"""The icons, drawn for kept: outlines in a square of 24, in the colour of the text around them."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

__all__ = ["ICONS", "icon"]

ICONS: Final = {
    "today": '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7'
    'M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4"/>',
    "worklist": '<path d="M4 6.5l1.5 1.5L8 5.5M4 12.5 5.5 14 8 11.5M4 18.5 5.5 20 8 17.5"/>'
    '<path d="M12 7h8M12 13h8M12 19h8"/>',
    "intake": '<path d="M12 3v10M8 9l4 4 4-4"/><path d="M4 14v4a2 2 0 0 0 2 2h12a2 2 0 0 0'
    ' 2-2v-4"/>',
    "money": '<rect x="3" y="6" width="18" height="12" rx="2"/><circle cx="12" cy="12" r="2.5"/>'
    '<path d="M6.5 12h.01M17.5 12h.01"/>',
    "night": '<path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z"/>',
    "jobs": '<path d="M5 7.5A8 8 0 0 1 20 11M19 16.5A8 8 0 0 1 4 13"/>'
    '<path d="M5 3v4.5h4.5M19 21v-4.5h-4.5"/>',
    "strategy": '<path d="M3.5 19h5v-5h5V9h5V4.5"/><path d="M15 4.5h5.5M3.5 9.5V4M3.5 4l5 0"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/>'
    '<circle cx="9" cy="17" r="2"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.5-4.5"/>',
    "person": '<circle cx="12" cy="8" r="3.5"/><path d="M5 20c.8-3.6 3.6-5.5 7-5.5s6.2 1.9'
    ' 7 5.5"/>',
    "company": '<path d="M5 20V5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v15M15 9h3a1 1 0 0 1 1 1v10M3'
    ' 20h18"/>'
    '<path d="M8 8h1M11 8h1M8 12h1M11 12h1M8 16h1M11 16h1"/>',
    "call": '<path d="M6.5 4h2.6l1.5 4-2 1.5a11 11 0 0 0 5.9 5.9l1.5-2 4 1.5v2.6'
    'A2 2 0 0 1 18 19.5 14.5 14.5 0 0 1 4.5 6a2 2 0 0 1 2-2z"/>',
    "message": '<path d="M4 6a1.5 1.5 0 0 1 1.5-1.5h13A1.5 1.5 0 0 1 20 6v9a1.5 1.5 0 0'
    " 1-1.5 1.5H10"
    'L5.5 20v-3.5A1.5 1.5 0 0 1 4 15z"/>',
    "letter": '<rect x="3.5" y="5.5" width="17" height="13" rx="1.5"/><path d="M4 7l8 6 8-6"/>',
    "visit": '<path d="M12 21c4-4.5 6.5-7.7 6.5-11a6.5 6.5 0 1 0-13 0c0 3.3 2.5 6.5 6.5 11z"/>'
    '<circle cx="12" cy="10" r="2.2"/>',
    "legal": '<path d="M12 4v16M8 20h8M5 7h14M5 7l-2.5 6h5zM19 7l-2.5 6h5z"/>',
    "desk": '<rect x="4" y="4.5" width="16" height="15" rx="1.5"/><path d="M8 9h8M8 13h8M8 17h4"/>',
    "hold": '<circle cx="12" cy="12" r="8"/><path d="M9.5 9v6M14.5 9v6"/>',
    "go": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12.3l2.8 2.8L16 9.5"/>',
    "go_after": '<circle cx="12" cy="12" r="8.5" stroke-dasharray="3.2 2.4"/>'
    '<path d="M8 12.3l2.8 2.8L16 9.5"/>',
    "stop": '<circle cx="12" cy="12" r="8.5"/><path d="M7.5 12h9" stroke-width="2.6"/>',
    "warning": '<path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.2"/>',
    "check": '<path d="M5 12.5 10 17.5 19.5 7"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "upload": '<path d="M12 16V5M8 9l4-4 4 4"/><path d="M4 16v2.5A1.5 1.5 0 0 0 5.5 20h13'
    'a1.5 1.5 0 0 0 1.5-1.5V16"/>',
    "theme": '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>',
    "leave": '<path d="M14 4h4.5A1.5 1.5 0 0 1 20 5.5v13a1.5 1.5 0 0 1-1.5 1.5H14M4'
    ' 12h11M11 8l4 4-4 4"/>',
    "keys": '<rect x="3" y="6" width="18" height="12" rx="2"/><path d="M7 10h.1M11 10h.1M15 10h.1'
    'M17 14h.1M7 14h7"/>',
    "health": '<path d="M3 12h4l2.5-6 4 12 2.5-6h5"/>',
    "approval": '<path d="M12 3.5 5 6v5.5c0 4.2 2.9 7.4 7 9 4.1-1.6 7-4.8 7-9V6z"/>'
    '<path d="M8.8 12.2l2.2 2.3 4.3-4.6"/>',
    "eye": '<path d="M2.5 12c2.2-4 5.4-6 9.5-6s7.3 2 9.5 6c-2.2 4-5.4 6-9.5 6s-7.3-2-9.5-6z"/>'
    '<circle cx="12" cy="12" r="2.6"/>',
    "clock": '<circle cx="12" cy="12" r="8"/><path d="M12 7.5V12l3 2"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
}


def icon(name: str, size: int = 20) -> SafeString:
    """An icon beside words that say the same, so it is hidden from screen readers."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" aria-hidden="true"'
        ' focusable="false">{1}</svg>',
        size,
        mark_safe(ICONS.get(name, ICONS["desk"])),  # drawn above, nothing of a user's
    )
