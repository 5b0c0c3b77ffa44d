"""Names of programs by what they do to a machine: the one vocabulary of the checks of scripts."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """Return the words of `text` as a set."""
    return frozenset(text.split())


# Each brings something from the network whenever it runs.
FETCHERS = names(
    "curl wget wget2 aria2c axel lynx links elinks w3m lftp ftp ncftp ncftpget tftp rsync scp sftp fetch http https httpie "
    "xh youtube-dl yt-dlp gdown ipfs transmission-cli aws gsutil rclone huggingface-cli uscan zsync telnet ncat socat nc "
    "netcat nc.openbsd nc.traditional smbclient mosh ssh dig nslookup host drill openssl-s_client"
)
DECODERS = names(
    "base64 base32 basenc uudecode xxd od openssl gpg gpg2 gunzip zcat bunzip2 bzcat unxz xzcat zstdcat lz4cat rev tr "
    "uncompress hexdump age ccrypt mcrypt"
)
PYTHONS = ("python", "python2", "python3", "pypy", "pypy3")
INTERPRETERS = frozenset(
    {*PYTHONS, "perl", "ruby", "node", "nodejs", "php", "lua", "tclsh", "awk", "gawk", "mawk", "bun", "deno", "osascript"}
)
REMARKABLE = FETCHERS | DECODERS
