"""Celery tasks, an entrance: each calls one service and holds no rule.

A task may run twice, or late, or for rows that are done: the services see to it. May import `services` and what is below them.
"""
