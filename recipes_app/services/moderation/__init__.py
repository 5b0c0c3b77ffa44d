"""What moderators and reports do: flags, quarantine, sanctions, requests, deletion, rename and merge.

May import `publishing` and below.
"""
