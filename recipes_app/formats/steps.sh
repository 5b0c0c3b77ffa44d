# Functions for building a recipe at home: the lines of a recipe's page call them, in the folder of the recipe.
#
#   recipe/   the recipe, at the commit that the page shows      files/   what was downloaded and verified
#   build/    the source tree, the source package, the packages and their logs
#
# For sh and bash under `set -eu`. Each function does its work whole or not at all, and says in one line what is wrong.

say() { printf '%s\n' "recipe: $*" >&2; }

stop() {
    say "$*"
    exit 1
}

# Ask the user on the terminal; go on only after the word yes.
confirm() { # QUESTION
    printf '%s Type yes to go on: ' "$1" > /dev/tty
    read -r answer < /dev/tty || answer=
    [ "$answer" = yes ] || stop 'stopped, since the answer was not yes; nothing was changed'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

# Print the code name of this release of Debian.
release() {
    sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# Stop on a machine that the packages are not for. `any` and `all` are for every machine.
for_architectures() { # ARCHITECTURE...
    have=$(dpkg --print-architecture)
    for each; do
        case $each in any | all | "$have") return ;; esac
        if dpkg-architecture --host-arch "$have" --is "$each" 2> /dev/null; then return; fi
    done
    stop "this recipe is for $*, and this machine is $have"
}

for_suites() { # SUITE...
    have=$(release)
    for each; do
        if [ "$each" = "$have" ]; then return; fi
    done
    say "this recipe is meant for $*; this is ${have:-another system}, where it may not build"
}

# Let apt know components of Debian's archive besides main; `without_components` takes it back.
with_components() { # RECIPE COMPONENT...
    name=$1
    shift
    mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
    codename=$(release)
    printf '%s\n' 'Types: deb' "URIs: $mirror" "Suites: $codename $codename-updates" "Components: $*" \
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' |
        as_root tee "/etc/apt/sources.list.d/recipe-$name.sources" > /dev/null
    as_root apt-get --quiet update
}

without_components() { # RECIPE
    as_root rm -f "/etc/apt/sources.list.d/recipe-$1.sources"
    as_root apt-get --quiet update
}

# Stop unless packages of another recipe are installed.
needs_installed() { # RECIPE ADDRESS PACKAGE...
    recipe=$1 address=$2
    shift 2
    for each; do
        case $(dpkg-query --show --showformat='${db:Status-Status}' -- "$each" 2> /dev/null) in
            installed) ;;
            *) stop "$each is not installed: build and install the recipe $recipe first, $address" ;;
        esac
    done
}

# Stop unless another recipe was built in the folder beside this one.
needs_built() { # RECIPE ADDRESS
    for each in "../$1/build/"*.deb; do
        if [ -f "$each" ]; then return; fi
    done
    stop "the packages of $1 are not in ../$1/build: build that recipe first, beside this folder, $2"
}

# Get one commit of the recipe and nothing else; `git rev-parse` proves that it is the one.
clone() { # ADDRESS COMMIT
    rm -rf .recipe
    git init --quiet .recipe
    if ! git -C .recipe fetch --quiet --depth=1 --no-tags -- "$1" "$2"; then
        rm -rf .recipe
        stop "the commit $2 cannot be fetched from $1: reload the page, it may have been withdrawn"
    fi
    git -C .recipe -c core.symlinks=false -c advice.detachedHead=false checkout --quiet --detach "$2"
    [ "$(git -C .recipe rev-parse HEAD)" = "$2" ] || stop "$1 gave another commit than $2"
    rm -rf recipe
    mv .recipe recipe
    say "recipe/ is at commit $2"
}

# Show every file of the recipe: first what runs as root, then what decides about the build, then the rest.
review() {
    {
        printf '%s\n' 'Everything in this recipe. Leave with q.' ''
        printf '== As root, when the package is installed or removed: ==\n'
        show_files 'debian/*inst' 'debian/*rm' 'debian/*.config' 'debian/*.triggers' 'debian/*.service' 'debian/*.timer' \
            'debian/*.socket' 'debian/*.cron*' 'debian/*.udev' 'debian/*.init' 'debian/*.tmpfile' || printf 'no such file\n\n'
        printf '== As you, when it is built: ==\n'
        show_files debian/dur debian/control debian/rules 'debian/patches/*'
        printf '== The rest of debian/, which these may call: ==\n'
        show_files debian
    } > .review
    "${PAGER:-less}" .review < /dev/tty > /dev/tty
    rm -f .review .shown
    confirm 'A recipe is a program that runs as you. Do you trust this one?'
}

# Print the files that match, but those that were printed before; fail where there is none. Control characters are made visible.
show_files() { # PATTERN...
    git -C recipe -c core.quotePath=true ls-files -- "$@" > .found
    found=1
    [ -e .shown ] || : > .shown
    while IFS= read -r each; do
        if grep --quiet --line-regexp --fixed-strings -e "$each" .shown; then continue; fi
        found=0
        printf '%s\n' "$each" >> .shown
        printf -- '---- %s\n' "$each"
        git -C recipe cat-file blob "HEAD:$each" | cat -v
        printf '\n'
    done < .found
    rm -f .found
    return "$found"
}

# Show a licence's text, whose checksum the recipe pins, and ask. TEXT is a file of the recipe or an https address.
accept_licence() { # FILE LICENCE SHA256 TEXT
    if grep --quiet --line-regexp --fixed-strings -e "licence $3 $1" accepted 2> /dev/null; then return; fi
    case $4 in
        https://*)
            curl --fail --silent --location --proto =https --max-time 120 -- "$4" < /dev/null | head --bytes=1048576 > .licence
            if [ ! -s .licence ]; then
                rm -f .licence
                stop "the licence of $1 cannot be downloaded from $4: try again later, or ask the recipe's maintainers"
            fi
            ;;
        *) cat -- "recipe/$4" > .licence ;;
    esac
    if ! printf '%s  .licence\n' "$3" | sha256sum --check --status --strict; then
        rm -f .licence
        stop "the licence of $1 at $4 is not the text that the recipe pins (SHA-256 $3): it has changed; ask the recipe's maintainers"
    fi
    cat -v .licence > .text
    "${PAGER:-less}" .text < /dev/tty > /dev/tty
    rm -f .text .licence
    confirm "$1 comes under $2, which you have just read. Do you accept it?"
    printf 'licence %s %s\n' "$3" "$1" >> accepted
}

# Show why nobody can rebuild a model, and ask.
accept_risk() { # MODEL CLASS FACT...
    model=$1 class=$2
    shift 2
    sum=$(printf '%s\n' "$model" "$class" "$@" | sha256sum | cut -d ' ' -f 1)
    if grep --quiet --line-regexp --fixed-strings -e "risk $sum $model" accepted 2> /dev/null; then return; fi
    printf '%s\n' "The model $model is of the class $class (Debian's ML-Policy):" > /dev/tty
    for each; do printf '  * %s\n' "$each" > /dev/tty; done
    confirm 'Nobody can check what such a model was taught. Do you take the risk?'
    printf 'risk %s %s\n' "$sum" "$model" >> accepted
}

# Download a file into files/ under its name, unless it is there and right.
get() { # NAME SIZE SHA256 ADDRESS
    mkdir -p files
    if [ -f "files/$1" ] && printf '%s  files/%s\n' "$3" "$1" | sha256sum --check --status --strict; then return; fi
    fault=''
    places=$(places_of "$4") || places=''
    for place in $places; do
        # One byte more than the file has: a server cannot fill the disk.
        curl --fail --silent --location --proto '=https,http' --proto-redir '=https,http' --connect-timeout 30 --speed-time 60 \
            --speed-limit 1000 -- "$place" 2> /dev/null < /dev/null | head --bytes=$(($2 + 1)) > "files/$1.part"
        size=$(wc --bytes < "files/$1.part")
        if [ "$size" = 0 ]; then
            # A place that has something wrong tells more than one that has nothing.
            fault=${fault:-"$place gives nothing"}
        elif [ "$size" -lt "$2" ]; then
            fault="$place gives $size bytes instead of $2"
        elif [ "$size" -gt "$2" ]; then
            fault="$place gives more than $2 bytes"
        elif ! printf '%s  files/%s.part\n' "$3" "$1" | sha256sum --check --status --strict; then
            fault="$place gives a file with another SHA-256 than $3"
        else
            mv -- "files/$1.part" "files/$1"
            say "files/$1 is downloaded and verified"
            return
        fi
    done
    rm -f "files/$1.part"
    stop "$1 cannot be downloaded: ${fault:-its index does not know $4, or does not answer}; try again, and if it stays so, tell the recipe's maintainers"
}

# Print where a file may be; pypi:, npm: and debian: follow PIP_INDEX_URL, NPM_CONFIG_REGISTRY and DEBIAN_MIRROR.
places_of() { # ADDRESS
    rest=${1#*:}
    case $1 in
        https:*) printf '%s\n' "$1" ;;
        pypi:*) pypi_place "${rest%%/*}" "${rest##*/}" ;;
        npm:*)
            # npm:@scope/name/version lies at @scope/name/-/name-version.tgz.
            name=${rest%/*} registry=${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}
            printf '%s/%s/-/%s-%s.tgz\n' "${registry%/}" "$name" "${name##*/}" "${rest##*/}"
            ;;
        debian:*) debian_places "${rest%%/*}" "${rest##*/}" ;;
    esac
}

# The simple index in JSON (PEP 691); the project's name in its normal form (PEP 503).
pypi_place() { # PROJECT FILE
    index=${PIP_INDEX_URL:-https://pypi.org/simple}
    page="${index%/}/$(printf %s "$1" | tr 'A-Z_.' 'a-z--' | tr --squeeze-repeats -)/"
    curl --fail --silent --location --max-time 60 --header 'Accept: application/vnd.pypi.simple.v1+json' -- "$page" < /dev/null |
        jq --raw-output --arg name "$2" --arg page "$page" \
            '.files[] | select(.filename == $name) | .url | if test("^https?:") then . else $page + . end' 2> /dev/null
}

# The archive's pool, and that of its security updates.
debian_places() { # SOURCE FILE
    case $1 in lib?*) prefix=$(printf %.4s "$1") ;; *) prefix=$(printf %.1s "$1") ;; esac
    mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
    for component in main contrib non-free-firmware non-free; do
        printf '%s/pool/%s/%s/%s/%s\n' "${mirror%/}" "$component" "$prefix" "$1" "$2"
    done
    printf '%s-security/pool/updates/main/%s/%s/%s\n' "${mirror%/}" "$prefix" "$1" "$2"
}

# Make a tarball of one commit of a git repository, without running anything of it.
get_git() { # NAME ADDRESS COMMIT
    mkdir -p files
    if [ -f "files/$1" ]; then return; fi
    rm -rf .git-source
    git init --quiet --bare .git-source
    if ! git -C .git-source -c protocol.allow=never -c protocol.https.allow=always \
        fetch --quiet --depth=1 --no-tags --no-recurse-submodules -- "$2" "$3"; then
        rm -rf .git-source
        stop "$1 cannot be fetched: $2 does not give the commit $3; if it stays so, tell the recipe's maintainers"
    fi
    case $1 in
        *.xz) pack='xz' ;;
        *.bz2) pack='bzip2' ;;
        *) pack='gzip --no-name' ;;
    esac
    git -C .git-source archive --format=tar --prefix=source/ "$3" | $pack > "files/$1.part"
    rm -rf .git-source
    mv -- "files/$1.part" "files/$1"
}

# Begin a source tree: build/.new is put in place by `source_package` only when it is whole.
new_tree() { # SOURCE
    source=$1
    rm -rf build/.new
    mkdir -p build/.new/tree
}

# Lay down the original tarball: a downloaded one, or an empty one where the recipe brings components alone.
orig() { # TARBALL [FILE]
    if [ $# = 2 ]; then
        ln -f -- "files/$2" "build/.new/$1"
        unpack "$1" tree
    else
        mkdir build/.new/empty
        pack "$1" empty
    fi
}

# Lay down a component: a downloaded tarball.
component() { # FOLDER TARBALL FILE
    ln -f -- "files/$3" "build/.new/$2"
    unpack "$2" "tree/$1"
}

# Lay down a component that is made of bare files, each at its path in the component's folder.
wrapped() { # FOLDER TARBALL PATH FILE [PATH FILE]...
    folder=$1 tarball=$2
    shift 2
    while [ $# -gt 0 ]; do
        mkdir -p -- "build/.new/tree/$folder/$(dirname -- "$1")"
        cp -- "files/$2" "build/.new/tree/$folder/$1"
        shift 2
    done
    pack "$tarball" "tree/$folder"
}

# Lay a file beside the source tree, where debian/rules finds it as ../FILE.
extra() { # FILE
    ln -f -- "files/$1" "build/.new/$1"
}

# Make a tarball whose bytes depend on its contents alone.
pack() { # TARBALL FOLDER
    chmod -R u=rwX,go=rX -- "build/.new/$2"
    tar --create --format=gnu --sort=name --mtime=@1600000000 --owner=0 --group=0 --numeric-owner \
        --directory "build/.new/$(dirname -- "$2")" -- "$(basename -- "$2")" | gzip --no-name --fast > "build/.new/$1"
}

# Unpack a tarball into a folder as dpkg-source does; one that names a place outside of itself is refused.
unpack() { # TARBALL FOLDER
    here=$(pwd -P)/build/.new
    rm -rf "$here/unpacked"
    mkdir "$here/unpacked"
    outside=$(tar --list --quoting-style=escape --file "$here/$1" 2> /dev/null | grep --max-count=1 -E '^/|(^|/)\.\.(/|$)') || :
    [ -z "$outside" ] || refuse_tarball "$1" "names $outside"
    tar --extract --no-same-owner --no-same-permissions --file "$here/$1" --directory "$here/unpacked" 2> /dev/null ||
        refuse_tarball "$1" 'cannot be unpacked'
    # dpkg-source(1): a single folder at the top is the tree itself.
    top="$here/unpacked"
    if [ "$(find "$top" -mindepth 1 -maxdepth 1 | wc --lines)" = 1 ]; then
        only=$(find "$top" -mindepth 1 -maxdepth 1 -type d)
        [ -z "$only" ] || top=$only
    fi
    odd=$(cd "$top" && find . ! -type f ! -type d ! -type l | cat -v | head --lines=1)
    [ -z "$odd" ] || refuse_tarball "$1" "holds $odd, which is neither a file nor a folder nor a link"
    # Seen from the tree's top: what is beside it there is another place once the tree is laid down.
    outside=$(cd "$top" && find . -type l -exec sh -c 'for each; do case $(readlink --canonicalize-missing -- "$each") in
        "$0" | "$0"/*) ;; *) printf "%s\n" "$each" | cat -v; break ;; esac; done' "$top" {} + | head --lines=1)
    [ -z "$outside" ] || refuse_tarball "$1" "holds a link that leads outside, $outside"
    rm -rf "${here:?}/$2"
    mv -- "$top" "$here/$2"
    rm -rf "$here/unpacked"
}

refuse_tarball() { # TARBALL FAULT
    rm -rf build/.new
    stop "the tarball $1 $2, so nothing of it is laid down: tell the recipe's maintainers"
}

# Lay debian/ into the tree, with an entry on top of the changelog that gives the version of what is built at home.
packaging() { # VERSION NOTE
    version=$1
    tree=build/.new/tree
    rm -rf "$tree/debian"
    cp -R recipe/debian "$tree/debian"
    chmod +x "$tree/debian/rules"
    said() { dpkg-parsechangelog --file recipe/debian/changelog --show-field "$1"; }
    {
        printf '%s (%s) %s; urgency=medium\n\n' "$source" "$version" "$(said Distribution)"
        # The person of the recipe's newest entry, one second later: two builds give the same bytes, and the dates go up.
        printf '  * %s\n\n -- %s  %s\n\n' "$2" "$(said Maintainer)" \
            "$(LC_ALL=C date --utc --rfc-email --date="@$(($(said Timestamp) + 1))")"
        cat recipe/debian/changelog
    } > "$tree/debian/changelog"
}

# Write a field into the stanza of each binary package (deb-src-control(5), user-defined fields).
field() { # NAME VALUE
    # shellcheck disable=SC2016 # $0 is awk's
    edit_control "XB-$1" "$2" 'FNR == NR { next }
        tolower($0) ~ /^package[ \t]*:/ { print ENVIRON["NAME"] ": " ENVIRON["VALUE"] }
        { print }'
}

# Put a relation first into Build-Depends.
build_needs() { # RELATION
    # shellcheck disable=SC2016 # $0 is awk's
    edit_control Build-Depends "$1" 'FNR == NR { if (tolower($0) ~ /^build-depends[ \t]*:/) there = 1; next }
        tolower($0) ~ /^build-depends[ \t]*:/ {
            print ENVIRON["NAME"] ": " ENVIRON["VALUE"] ","
            sub(/^[^:]*:[ \t]*/, " ")
            if ($0 == " ") next
        }
        !there && tolower($0) ~ /^source[ \t]*:/ { print ENVIRON["NAME"] ": " ENVIRON["VALUE"] }
        { print }'
}

# Let an awk program, which reads the file twice, rewrite debian/control of the new tree.
edit_control() { # NAME VALUE PROGRAM
    control=build/.new/tree/debian/control
    NAME=$1 VALUE=$2 awk "$3" "$control" "$control" > "$control.new"
    mv "$control.new" "$control"
}

# Put the tree in its place as build/SOURCE-VERSION, and make the source package of it.
source_package() {
    upstream=${version#*:}
    rm -rf "build/$source-$upstream"
    mv build/.new/tree "build/$source-$upstream"
    for each in build/.new/*; do
        if [ -f "$each" ]; then
            # A build before has left the same file here, and mv(1) moves no file onto itself.
            rm -f "build/${each##*/}"
            mv -- "$each" build/
        fi
    done
    rm -rf build/.new
    (cd build && dpkg-source --build "$source-$upstream")
}

# Install what a build needs through one package, SOURCE-build-deps, so that it can be removed with all that came for it.
install_build_depends() { # TREE PROFILES
    as='sudo'
    if [ "$(id -u)" = 0 ]; then as='env'; fi
    # mk-build-deps leaves files of its package behind, and none of them belongs to the build.
    rm -rf build/.depends
    mkdir build/.depends
    (cd build/.depends && DEB_BUILD_PROFILES=$2 mk-build-deps --install --remove --root-cmd "$as" \
        --tool 'apt-get --yes --no-install-recommends' "../$1/debian/control") ||
        stop "what the build needs cannot be installed: see apt's words above"
    rm -rf build/.depends
}

# Write down what the compiler made of the flags on this machine, and what its processor can do: beside the .buildinfo.
record_machine() { # FILE FLAGS
    {
        printf '%s\n' "flags: $2"
        # shellcheck disable=SC2086 # the flags are words
        gcc $2 -Q --help=target 2> /dev/null | sed -n 's/^ *-m\(arch\|tune\)=[ \t]*\([^ \t]\)/gcc -m\1: \2/p'
        # shellcheck disable=SC2086
        printf 'gcc enables:%s\n' "$(gcc $2 -Q --help=target 2> /dev/null | awk '$2 == "[enabled]" { printf " %s", $1 }')"
        sed -n '/^model name\|^flags\|^Features/p' /proc/cpuinfo | sort -u
        for loader in /lib64/ld-linux-*.so.? /lib/ld-linux-*.so.?; do
            if [ -x "$loader" ]; then "$loader" --help 2> /dev/null; break; fi
        done | sed -n 's/^ *\(x86-64-v[0-9]\).*supported.*/the loader takes: \1/p'
    } > "build/$1"
}

# Make the root that sbuild builds in, once for each release and choice of components; it needs no rights.
clean_root() { # COMPONENT...
    codename=$(release)
    root="${XDG_CACHE_HOME:-$HOME/.cache}/sbuild/$(IFS=- && printf %s "$codename-$*").tar.zst"
    if [ -f "$root" ]; then return; fi
    mkdir -p "$(dirname "$root")"
    mmdebstrap --mode=unshare --variant=buildd --components="$(IFS=, && printf %s "$*")" --include=ca-certificates,debhelper \
        --skip=cleanup/apt/lists "$codename" "$root.part.tar.zst" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
    mv "$root.part.tar.zst" "$root"
}

# Install the packages of this version that were built; -dbgsym packages and those of other variants stay where they are.
install_packages() { # VERSION PACKAGE...
    wanted=$1
    shift
    set -- "$@" ''
    while [ -n "$1" ]; do
        for each in "build/$1_${wanted}"_*.deb; do
            if [ -f "$each" ]; then set -- "$@" "./$each"; fi
        done
        shift
    done
    shift
    [ $# -gt 0 ] || stop "build/ holds no package of version $wanted: build it first"
    as_root apt-get install "$@"
}

# Remove those of the packages that are installed, and what came for them alone.
remove_packages() { # PACKAGE...
    for each; do
        shift
        case $(dpkg-query --show --showformat='${db:Status-Status}' -- "$each" 2> /dev/null) in
            installed | config-files) set -- "$@" "$each" ;;
        esac
    done
    if [ $# -gt 0 ]; then as_root apt-get purge --autoremove "$@"; fi
}
