"""From a push or an upload to a published revision: access to git, inspection, publication, review.

May import `builds` and below.
"""
