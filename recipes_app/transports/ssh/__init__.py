"""Git and commands over OpenSSH: `authorized_keys` answers sshd's question about a key, `__main__` is the forced command.

docs/ssh.md says how sshd is set up. `authorized_keys` knows neither Django nor the rest of the portal: a key is to be checked
in less time than Django takes to start.
"""
