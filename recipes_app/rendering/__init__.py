"""Hostile text into safe HTML: invisible characters, Debian descriptions, Markdown, highlighted files, links to elsewhere.

Everything here returns a SafeString whose every part was escaped or cleaned here. May import Django's HTML helpers, `formats`
and `limits`; knows no model and no request.
"""
