"""Not losing it: backups that were restored once before they count, and bringing one back."""

from kept.batch.backup.manifest import BackupRefused, Manifest
from kept.batch.backup.opening import list_backups, newest_backup, open_backup
from kept.batch.backup.restoring import restore_backup
from kept.batch.backup.taking import Tools, take_backup

__all__ = [
    "BackupRefused",
    "Manifest",
    "Tools",
    "list_backups",
    "newest_backup",
    "open_backup",
    "restore_backup",
    "take_backup",
]
