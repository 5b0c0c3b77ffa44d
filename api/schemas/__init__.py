"""What goes in and out: request schemas (`requests`) and response schemas, a module for each subject.

Imports `framework` and services.
"""
