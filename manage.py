#!/usr/bin/env python3
"""Django's command line for the portal. `./dev` calls it; operators call it in production."""

import os
import sys


def main() -> None:
    """Run a management command with the embedded settings unless the environment names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
