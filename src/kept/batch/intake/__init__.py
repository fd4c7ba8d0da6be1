"""Intake in two halves: reading turns a creditor's file into prepared rows, applying books them.

Reading (`reading`, `normalising`, `profiling`, `suggesting`) never looks at the database; applying
(`receiving`, `staging`, `applying`, `acknowledging`, `running`) never looks at the file's columns.
"""
