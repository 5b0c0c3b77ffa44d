"""The web pages, a package for each subject; `shared` is what several of them need.

A view fetches with the access check, calls a service, and renders; it holds no rule. May import forms, services and below.
"""
