"""How debian/copyright states the commonest licences: by a reference into /usr/share/common-licenses, or by their whole text.

Source: Debian Policy 12.5 (which licences a package refers to) and the copyright format 1.0, 7.1 (short names).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_COMMON = "/usr/share/common-licenses/"
_GNU = (
    "This program is free software: you can redistribute it and/or modify it under the terms of the GNU {kind} as published by "
    "the Free Software Foundation, {which}.\n\n"
    "This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty "
    "of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU {kind} for more details.\n\n"
    'On Debian systems, the complete text of the GNU {kind} version {version} can be found in "' + _COMMON + '{file}".'
)
_DISCLAIMER = (
    'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, '
    "INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE "
    "DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, "
    "SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR "
    "SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, "
    "WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE "
    "OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE."
)
_BSD = (
    "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following "
    "conditions are met:\n\n"
    "1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following "
    "disclaimer.\n\n"
    "2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following "
    "disclaimer in the documentation and/or other materials provided with the distribution."
)
_EXPAT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation "
    'files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, '
    "modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the "
    "Software is furnished to do so, subject to the following conditions:\n\n"
    "The above copyright notice and this permission notice shall be included in all copies or substantial portions of the "
    "Software.\n\n"
    'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE '
    "WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR "
    "COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, "
    "ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."
)
_ISC = (
    "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, "
    "provided that the above copyright notice and this permission notice appear in all copies.\n\n"
    'THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED '
    "WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR "
    "CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF "
    "CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE."
)


class LicenceText(NamedTuple):
    """A licence: its short name in debian/copyright and what stands below it there, paragraphs with an empty line between."""

    short_name: str
    text: str


def _gnu(short: str, kind: str, version: str) -> LicenceText:
    later = short.endswith("+")
    which = f"either version {version} of the License, or (at your option) any later version" if later else f"version {version}"
    return LicenceText(short, _GNU.format(kind=kind, which=which, version=version, file=short.removesuffix("+")))


def _referred(short: str, name: str) -> LicenceText:
    said = f"This is under the {name}.\n\nOn Debian systems, its complete text can be found in"
    return LicenceText(short, f'{said} "{_COMMON}{short}".')


_GPL, _LGPL = "General Public License", "Lesser General Public License"
# By SPDX identifier.
LICENCE_TEXTS: Mapping[str, LicenceText] = {
    "MIT": LicenceText("Expat", _EXPAT),
    "Apache-2.0": _referred("Apache-2.0", "Apache License, version 2.0"),
    "BSD-2-Clause": LicenceText("BSD-2-clause", f"{_BSD}\n\n{_DISCLAIMER}"),
    "BSD-3-Clause": LicenceText(
        "BSD-3-clause",
        f"{_BSD}\n\n3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or "
        f"promote products derived from this software without specific prior written permission.\n\n{_DISCLAIMER}",
    ),
    "ISC": LicenceText("ISC", _ISC),
    "MPL-2.0": _referred("MPL-2.0", "Mozilla Public License, version 2.0"),
    "GPL-2.0-only": _gnu("GPL-2", _GPL, "2"),
    "GPL-2.0-or-later": _gnu("GPL-2+", _GPL, "2"),
    "GPL-3.0-only": _gnu("GPL-3", _GPL, "3"),
    "GPL-3.0-or-later": _gnu("GPL-3+", _GPL, "3"),
    "LGPL-2.1-only": _gnu("LGPL-2.1", _LGPL, "2.1"),
    "LGPL-2.1-or-later": _gnu("LGPL-2.1+", _LGPL, "2.1"),
    "LGPL-3.0-only": _gnu("LGPL-3", _LGPL, "3"),
    "LGPL-3.0-or-later": _gnu("LGPL-3+", _LGPL, "3"),
    "CC0-1.0": _referred("CC0-1.0", "Creative Commons CC0 1.0 Universal dedication to the public domain"),
}
