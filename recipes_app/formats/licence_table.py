"""What is known of licences: identifiers, other names for them, and whether Debian takes them for free.

Sources: the SPDX licence list 3.27.0 (identifiers and exceptions); the copyright format 1.0, section 7.1 (short names); Debian's
wiki page DFSGLicenses, the general resolutions 2004-003 and 2006-001 (GFDL), and what the archive carries in main and in
non-free (classes). An identifier that stands in no class is unknown: nobody has said, or people disagree.
"""

# ruff: noqa: SIM905 - a list of words reads better without quotation marks

DFSG_FREE = frozenset(
    """
    0BSD Adobe-2006 Adobe-Glyph AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.0 Apache-1.1 Apache-2.0 Artistic-1.0
    Artistic-1.0-cl8 Artistic-1.0-Perl Artistic-2.0 Beerware Bitstream-Vera blessing BlueOak-1.0.0 Boehm-GC BSD-1-Clause
    BSD-2-Clause BSD-2-Clause-Darwin BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause BSD-3-Clause-Attribution
    BSD-3-Clause-Clear BSD-3-Clause-flex BSD-3-Clause-LBNL BSD-3-Clause-Modification BSD-4-Clause BSD-4-Clause-UC
    BSD-Source-Code BSL-1.0 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1
    CDLA-Permissive-2.0 CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C ClArtistic CNRI-Python CNRI-Python-GPL-Compatible CPL-1.0 curl
    ECL-2.0 EFL-1.0 EFL-2.0 eGenix EPL-1.0 EPL-2.0 ErlPL-1.1 EUPL-1.1 EUPL-1.2 Fair FreeBSD-DOC FSFAP FSFUL FSFULLR FSFULLRWD
    FTL GD GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.2-no-invariants-only
    GFDL-1.2-no-invariants-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later Giftware GPL-1.0-only
    GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND HPND-sell-variant HTMLTIDY ICU IJG
    ImageMagick Imlib2 Info-ZIP Intel-ACPI IPA IPL-1.0 ISC JasPer-2.0 Latex2e Leptonica LGPL-2.0-only LGPL-2.0-or-later
    LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later Libpng libpng-2.0 libtiff Linux-man-pages-copyleft
    Linux-OpenIB LPPL-1.3a LPPL-1.3c MirOS MIT MIT-0 MIT-advertising MIT-CMU MIT-enna MIT-feh MIT-Modern-Variant
    MIT-open-group MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception mpich2 MS-PL MulanPSL-2.0 NAIST-2003 NCSA NetCDF Net-SNMP NTP
    OFL-1.0 OFL-1.1 OFL-1.1-no-RFN OFL-1.1-RFN OLDAP-2.8 OpenSSL PDDL-1.0 PHP-3.01 Plexus PostgreSQL PSF-2.0 Python-2.0
    Python-2.0.1 Qhull Ruby SGI-B-2.0 Sleepycat SMAIL-GPL SMLNJ Spencer-86 Spencer-94 Spencer-99 SSH-OpenSSH SSH-short
    StandardML-NJ TCL TCP-wrappers TMate Ubuntu-font-1.0 UCL-1.0 Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016 Unlicense
    UPL-1.0 Vim W3C W3C-19980720 W3C-20150513 WTFPL X11 X11-distribute-modifications-variant Xnet xpp Zlib
    zlib-acknowledgement ZPL-2.0 ZPL-2.1 LicenseRef-public-domain LicenseRef-Apache
    """.split()
)

NONFREE = frozenset(
    """
    Aladdin BUSL-1.1 C-UDA-1.0 CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-NC-1.0 CC-BY-NC-2.0 CC-BY-NC-2.5 CC-BY-NC-3.0
    CC-BY-NC-3.0-DE CC-BY-NC-4.0 CC-BY-NC-ND-1.0 CC-BY-NC-ND-2.0 CC-BY-NC-ND-2.5 CC-BY-NC-ND-3.0 CC-BY-NC-ND-3.0-DE
    CC-BY-NC-ND-3.0-IGO CC-BY-NC-ND-4.0 CC-BY-NC-SA-1.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR
    CC-BY-NC-SA-2.0-UK CC-BY-NC-SA-2.5 CC-BY-NC-SA-3.0 CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO CC-BY-NC-SA-4.0 CC-BY-ND-1.0
    CC-BY-ND-2.0 CC-BY-ND-2.5 CC-BY-ND-3.0 CC-BY-ND-3.0-DE CC-BY-ND-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK
    CC-BY-SA-2.1-JP CC-BY-SA-2.5 CPOL-1.02 Elastic-2.0 FDK-AAC FSL-1.1-ALv2 FSL-1.1-MIT GFDL-1.1-invariants-only
    GFDL-1.1-invariants-or-later GFDL-1.2-invariants-only GFDL-1.2-invariants-or-later GFDL-1.3-invariants-only
    GFDL-1.3-invariants-or-later Hippocratic-2.1 JSON NASA-1.3 NPOSL-3.0 OPUBL-1.0 PolyForm-Noncommercial-1.0.0
    PolyForm-Small-Business-1.0.0 RPL-1.1 RPL-1.5 SSPL-1.0 SUL-1.0 Watcom-1.0
    """.split()
)

# No grant at all: then copyright itself forbids passing copies on.
NONFREE_NOREDIST = frozenset({"LicenseRef-proprietary", "LicenseRef-all-rights-reserved"})

# Parts of names without an identifier that give a use restriction away: model licences (OpenRAIL, Llama), non-commercial terms.
NONFREE_MARKS = (
    "openrail", "llama", "gemma", "noncommercial", "non-commercial", "no-derivatives", "research-only", "cc-by-nc", "cc-by-nd",
    "commons-clause", "noderivs",
)  # fmt: skip

# Identifiers known for their spelling only; nobody vouches for a class.
UNCLASSED = frozenset(
    """
    3D-Slicer-1.0 AAL Abstyles AdaCore-doc Adobe-Display-PostScript Adobe-Utopia ADSL AFL-1.1 AFL-1.2 AFL-2.0 Afmparse
    AGPL-1.0-only AGPL-1.0-or-later AMD-newlib AMDPLPA AML AML-glslang AMPAS ANTLR-PD ANTLR-PD-fallback any-OSI
    any-OSI-perl-modules APAFML APL-1.0 App-s2p APSL-1.0 APSL-1.1 APSL-1.2 APSL-2.0 Arphic-1999 Artistic-dist Aspell-RU
    ASWF-Digital-Assets-1.0 ASWF-Digital-Assets-1.1 Baekmuk Bahyph Barr bcrypt-Solar-Designer Bitstream-Charter BitTorrent-1.0
    BitTorrent-1.1 Boehm-GC-without-fee Borceux Brian-Gladman-2-Clause Brian-Gladman-3-Clause BSD-2-Clause-first-lines
    BSD-2-Clause-pkgconf-disclaimer BSD-3-Clause-acpica BSD-3-Clause-HP BSD-3-Clause-No-Military-License
    BSD-3-Clause-No-Nuclear-License BSD-3-Clause-No-Nuclear-License-2014 BSD-3-Clause-No-Nuclear-Warranty
    BSD-3-Clause-Open-MPI BSD-3-Clause-Sun BSD-4-Clause-Shortened BSD-4.3RENO BSD-4.3TAHOE BSD-Advertising-Acknowledgement
    BSD-Attribution-HPND-disclaimer BSD-Inferno-Nettverk BSD-Protection BSD-Source-beginning-file BSD-Systemics
    BSD-Systemics-W3Works CAL-1.0 CAL-1.0-Combined-Work-Exception Caldera Caldera-no-preamble Catharon CATOSL-1.1 CC-BY-2.5-AU
    CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US CC-BY-SA-3.0-AT CC-BY-SA-3.0-DE
    CC-BY-SA-3.0-IGO CC-PDDC CC-PDM-1.0 CC-SA-1.0 CDL-1.0 CDLA-Permissive-1.0 CDLA-Sharing-1.0 CECILL-1.0 CECILL-1.1
    CERN-OHL-1.1 CERN-OHL-1.2 CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 CFITSIO check-cvs checkmk Clips CMU-Mach
    CMU-Mach-nodoc CNRI-Jython COIL-1.0 Community-Spec-1.0 Condor-1.1 copyleft-next-0.3.0 copyleft-next-0.3.1
    Cornell-Lossless-JPEG CPAL-1.0 Cronyx Crossword CryptoSwift CrystalStacker CUA-OPL-1.0 Cube cve-tou D-FSL-1.0 DEC-3-Clause
    diffmark DL-DE-BY-2.0 DL-DE-ZERO-2.0 DOC DocBook-DTD DocBook-Schema DocBook-Stylesheet DocBook-XML Dotseqn DRL-1.0 DRL-1.1
    DSDP dtoa dvipdfm ECL-1.0 Entessa EPICS etalab-2.0 EUDatagrid EUPL-1.0 Eurosym FBM Ferguson-Twofish Frameworx-1.0
    FreeImage FSFAP-no-warranty-disclaimer FSFULLRSD Furuseth fwlw Game-Programming-Gems GCR-docs generic-xts GFDL-1.1-only
    GFDL-1.1-or-later GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GL2PS Glide Glulxe GLWTPL gnuplot
    Graphics-Gems gSOAP-1.3b gtkbook Gutmann HaskellReport HDF5 hdparm HIDAPI HP-1986 HP-1989 HPND-DEC HPND-doc HPND-doc-sell
    HPND-export-US HPND-export-US-acknowledgement HPND-export-US-modify HPND-export2-US HPND-Fenneberg-Livingston
    HPND-INRIA-IMAG HPND-Intel HPND-Kevlin-Henney HPND-Markus-Kuhn HPND-merchantability-variant HPND-MIT-disclaimer
    HPND-Netrek HPND-Pbmplus HPND-sell-MIT-disclaimer-xserver HPND-sell-regexpr HPND-sell-variant-MIT-disclaimer
    HPND-sell-variant-MIT-disclaimer-rev HPND-UC HPND-UC-export-US IBM-pibs IEC-Code-Components-EULA IJG-short iMatix
    Inner-Net-2.0 InnoSetup Intel Interbase-1.0 ISC-Veillard Jam jove JPL-image JPNIC Kastrup Kazlib Knuth-CTAN LAL-1.2
    LAL-1.3 Latex2e-translated-notice LGPLLR libpng-1.6.35 libselinux-1.0 libutil-David-Nugent LiLiQ-P-1.1 LiLiQ-R-1.1
    LiLiQ-Rplus-1.1 Linux-man-pages-1-para Linux-man-pages-copyleft-2-para Linux-man-pages-copyleft-var LOOP LPD-document
    LPL-1.0 LPL-1.02 LPPL-1.0 LPPL-1.1 LPPL-1.2 lsof Lucida-Bitmap-Fonts LZMA-SDK-9.11-to-9.20 LZMA-SDK-9.22
    Mackerras-3-Clause Mackerras-3-Clause-acknowledgment magaz mailprio MakeIndex man2html Martin-Birgmeier McPhee-slideshow
    metamail Minpack MIPS MIT-Click MIT-Festival MIT-Khronos-old MIT-testregex MIT-Wu MITNFA MMIXware Motosoto MPEG-SSG
    mpi-permissive MPL-1.0 mplus MS-LPL MS-RL MTLL MulanPSL-1.0 Multics Mup Naumen NBPL-1.0 NCBI-PD NCGL-UK-2.0 NCL Newsletr
    NGPL ngrep NICTA-1.0 NIST-PD NIST-PD-fallback NIST-Software NLOD-1.0 NLOD-2.0 NLPL Nokia NOSL Noweb NPL-1.0 NPL-1.1 NRL
    NTIA-PD NTP-0 O-UDA-1.0 OAR OCCT-PL OCLC-2.0 ODbL-1.0 ODC-By-1.0 OFFIS OFL-1.0-no-RFN OFL-1.0-RFN OGC-1.0 OGDL-Taiwan-1.0
    OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OGTSL OLDAP-1.1 OLDAP-1.2 OLDAP-1.3 OLDAP-1.4 OLDAP-2.0 OLDAP-2.0.1
    OLDAP-2.1 OLDAP-2.2 OLDAP-2.2.1 OLDAP-2.2.2 OLDAP-2.3 OLDAP-2.4 OLDAP-2.5 OLDAP-2.6 OLDAP-2.7 OLFL-1.3 OML OpenPBS-2.3
    OpenSSL-standalone OpenVision OPL-1.0 OPL-UK-3.0 OSET-PL-2.1 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 PADL Parity-6.0.0
    Parity-7.0.0 PHP-3.0 Pixar pkgconf pnmstitch PPL psfrag psutils python-ldap QPL-1.0 QPL-1.0-INRIA-2004 radvd Rdisc
    RHeCos-1.1 RPSL-1.0 RSA-MD RSCPL Ruby-pty SAX-PD SAX-PD-2.0 Saxpath SCEA SchemeReport Sendmail Sendmail-8.23
    Sendmail-Open-Source-1.1 SGI-B-1.0 SGI-B-1.1 SGI-OpenGL SGP4 SHL-0.5 SHL-0.51 SimPL-2.0 SISSL SISSL-1.2 SL SMPPL SNIA
    snprintf SOFA softSurfer Soundex SPL-1.0 ssh-keyscan SSLeay-standalone SugarCRM-1.1.3 Sun-PPP Sun-PPP-2000 SunPro SWL
    swrule Symlinks TAPR-OHL-1.0 TermReadKey TGPPL-1.0 ThirdEye threeparttable TORQUE-1.1 TOSL TPDL TPL-1.0 TrustedQSL TTWL
    TTYP0 TU-Berlin-1.0 TU-Berlin-2.0 UCAR ulem UMich-Merit Unicode-TOU UnixCrypt Unlicense-libtelnet Unlicense-libwhirlpool
    URT-RLE VOSTROM VSL-1.0 w3m Widget-Workshop Wsuipa wwl X11-swapped Xdebug-1.03 Xerox Xfig XFree86-1.1 xinetd
    xkeyboard-config-Zinoviev xlock XSkat xzoom YPL-1.0 YPL-1.1 Zed Zeeff Zend-2.0 Zimbra-1.3 Zimbra-1.4 ZPL-1.1
    """.split()
)

# Short names of the copyright format, and what Debian's copyright files often write, in lower case.
ALIASES = {
    "expat": "MIT", "mit/x11": "MIT", "mit-x11": "MIT", "mit-style": "LicenseRef-MIT-style", "bsd": "BSD-3-Clause",
    "bsd-new": "BSD-3-Clause", "artistic": "Artistic-1.0-Perl", "artistic-1": "Artistic-1.0-Perl", "boost": "BSL-1.0",
    "boost-1.0": "BSL-1.0", "bsl": "BSL-1.0", "cc0": "CC0-1.0", "apache": "LicenseRef-Apache", "asl-2.0": "Apache-2.0",
    "psf": "PSF-2.0", "psf-2": "PSF-2.0", "python": "Python-2.0", "w3c-software": "W3C", "wtfpl-2": "WTFPL",
    "wtfpl-2.0": "WTFPL", "zope-2.0": "ZPL-2.0", "zope-2.1": "ZPL-2.1", "lppl-1.3": "LPPL-1.3c", "lppl-1.3c+": "LPPL-1.3c",
    "lppl-1.3+": "LPPL-1.3c", "edl-1.0": "BSD-3-Clause", "edl-1": "BSD-3-Clause", "eclipse-1.0": "EPL-1.0",
    "bitstream-vera": "Bitstream-Vera", "ofl": "OFL-1.1", "sil-1.1": "OFL-1.1", "mpl": "MPL-1.1",
    "unicode": "Unicode-DFS-2016", "public domain": "LicenseRef-public-domain", "pd": "LicenseRef-public-domain",
    "libpng": "Libpng", "freetype": "FTL", "ijg": "IJG", "tcl/tk": "TCL", "php-3": "PHP-3.01", "postgres": "PostgreSQL",
    "openldap-2.8": "OLDAP-2.8", "all rights reserved": "LicenseRef-all-rights-reserved",
}  # fmt: skip

# What stands between "with" and "exception" in the copyright format, in lower case.
EXCEPTIONS = {
    "autoconf": "Autoconf-exception-generic", "autoconf-data": "Autoconf-exception-generic", "bison": "Bison-exception-2.2",
    "bootloader": "Bootloader-exception", "classpath": "Classpath-exception-2.0", "font": "Font-exception-2.0",
    "gcc": "GCC-exception-3.1", "gcc-runtime": "GCC-exception-3.1", "libtool": "Libtool-exception", "llvm": "LLVM-exception",
    "linux-syscall-note": "Linux-syscall-note", "ocaml": "OCaml-LGPL-linking-exception", "texinfo": "Texinfo-exception",
    "wxwindows": "WxWindows-exception-3.1", "u-boot": "u-boot-exception-2.0", "swift": "Swift-exception",
}  # fmt: skip
