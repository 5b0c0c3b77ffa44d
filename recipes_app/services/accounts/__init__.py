"""Accounts: sign-up, profiles, tokens, SSH keys, devices, recovery, deletion.

The highest room of the services: may import any other.
"""
