"""The response cache: answers for visitors, made once and given again, as long as nothing that they show has changed.

What may be kept is one table (`policy`). `middleware` marks those answers, `wsgi` keeps and gives them before Django wakes up,
`changes` knows what has changed since: on PostgreSQL the database itself tells it, whoever wrote; on SQLite it is asked. Only
requests without cookie and token are served from here, so whoever writes sees his own writes by the ordinary way.
"""
