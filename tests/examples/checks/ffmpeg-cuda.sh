# Debian's ffmpeg is replaced, encodes and decodes; the variant for CUDA has what only CUDA brings.
set -eu

fail() {
    echo "ffmpeg-cuda: $*" >&2
    exit 1
}

cd "$(mktemp -d)"
ffmpeg -hide_banner -version | head --lines=1
ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=duration=1:size=64x64 -c:v libx264 out.mkv || fail "the program does not encode"
codec=$(ffprobe -v error -show_entries stream=codec_name -of default=nokey=1:noprint_wrappers=1 out.mkv)
echo "encoded: $codec"
[ "$codec" = h264 ] || fail "expected h264"
version=$(dpkg-query --show --showformat='${Version}' ffmpeg)
echo "version: $version"
case $version in
    *+cuda*+cdur1.plain) ;;
    *+cuda*)
        for name in scale_npp scale_cuda overlay_cuda; do
            ffmpeg -hide_banner -filters | grep -w "$name" || fail "the filter $name is missing"
        done
        ffmpeg -hide_banner -encoders | grep -w -e h264_nvenc -e libfdk_aac || fail "NVENC or FDK-AAC is missing"
        ;;
    *) fail "this is Debian's ffmpeg" ;;
esac
