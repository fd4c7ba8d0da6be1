"""What the worker knows how to do: importing this registers every job of the queue."""

from kept.batch.intake.jobs import work_off_file

__all__ = ["work_off_file"]
