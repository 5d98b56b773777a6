#!/bin/sh
# Fuzzes a part of the daemon with libFuzzer and AddressSanitizer.
#
#     Tests/fuzz/run.sh parser|engine [seconds]
#
# Exits with 0 if nothing was found. What was found is left in .build/fuzz/<part>/, and
#     .build/fuzz/<part>/fuzz .build/fuzz/<part>/crash-…
# repeats it. The corpus grows in .build/fuzz/<part>/corpus.
set -eu
part=${1:-parser}
seconds=${2:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/Tests/fuzz
out=$root/.build/fuzz/$part
mkdir -p "$out/corpus"

compile() {
    swiftc -parse-as-library -package-name cached -swift-version 6 -O -g \
        -enable-experimental-feature Lifetimes -sanitize=fuzzer,address "$@" -o "$out/fuzz"
}

case $part in
parser)
    # The parsers and their fuzzers in one module.
    compile -module-name Protocol "$root"/Sources/Protocol/*.swift \
        "$here/ParserFuzz.swift" "$here/MetaFuzz.swift"
    set -- -dict="$here/parser.dict" -max_len=4096
    ;;
engine)
    # SwiftPM makes this map itself; the flag lets the header poison free memory.
    printf 'module CSystem {\n    header "%s"\n    export *\n}\n' \
        "$root/Sources/CSystem/include/CSystem.h" >"$out/module.modulemap"
    compile -module-name CacheEngine -suppress-warnings \
        -Xcc -fmodule-map-file="$out/module.modulemap" -Xcc -fsanitize=address \
        $(find "$root/Sources/CacheEngine" -name '*.swift') \
        "$root"/Tests/CacheEngineTests/Support/Invariants*.swift \
        "$here/EngineFuzz.swift" "$here/EngineMetaFuzz.swift"
    set -- -max_len=600
    ;;
*)
    echo "usage: $0 parser|engine [seconds]" >&2
    exit 64
    ;;
esac

cd "$out"
export SWIFT_BACKTRACE=enable=no
exec ./fuzz "$@" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 corpus "$here/$part-seeds"
