"""What every service needs: errors, permissions, switches, locks, retries, messages to the broker. Imports no other service."""
