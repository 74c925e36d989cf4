#!/usr/bin/env bash
# Real dumps come back byte for byte, whatever the number of threads and the kind of input, and tools that are not
# ours agree on every archive.
#
# usage: real_dumps.sh OUTRO DATA_FOLDER     exits 77 (skipped) where the data is absent
set -euo pipefail
outro=$1
dump=$2/playlist-archive.ndjson.zst
here=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -f "$dump" ]; then
  echo "SKIPPED: $dump is not there"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

same_packs() { diff -r "$work/1/packs" "$work/$1/packs"; }

zstd -dqc "$dump" >"$work/plain.ndjson"
gzip -kc "$work/plain.ndjson" >"$work/dump.ndjson.gz"
export_to() { "$outro" export "$1" --out "$work/$2" --slice 4M --quiet "${@:3}" >"$work/$2.txt"; }
export_to "$dump" 1 --threads 1
for threads in 2 7; do
  export_to "$dump" "$threads" --threads "$threads"
  same_packs "$threads"
done
export_to "$dump" pool --io threads
same_packs pool
export_to "$work/plain.ndjson" plain
same_packs plain
export_to "$work/dump.ndjson.gz" gz
same_packs gz
export_to - stdin <"$work/plain.ndjson"
same_packs stdin
"$outro" export - --out "$work/pipe" --slice 4M --quiet < <(cat "$work/plain.ndjson") >"$work/pipe.txt"
same_packs pipe
grep -q '250 = 250 written + 0 unchanged + 0 dead letters' "$work/1.txt"

PYTHONPATH=$here python3 "$here/archive/foreign_tools_test.py" "$work/1" "$dump"
"$outro" verify "$work/1" --against "$dump" --quiet | tail -n 1 | grep -q '^SAFE TO ERASE SOURCE: yes'

lines=0
while IFS= read -r line; do
  account=$(printf '%s' "$line" | python3 -c 'import json, sys; print(json.load(sys.stdin)["userId"])')
  "$outro" extract "$work/1" --account "$account" --as dump --to - | cmp - <(printf '%s' "$line")
  lines=$((lines + 1))
done < <(head -n 40 "$work/plain.ndjson")
[ "$lines" -eq 40 ]

account=$(head -n 1 "$work/plain.ndjson" | python3 -c 'import json, sys; print(json.load(sys.stdin)["userId"])')
"$outro" extract "$work/1" --account "$account" --as zip --to "$work/a.zip"
TZ=Asia/Shanghai LC_ALL=C "$outro" extract "$work/1" --account "$account" --as zip --to "$work/b.zip"
cmp "$work/a.zip" "$work/b.zip"
python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None and len(z.namelist()) > 3' "$work/a.zip"
echo "packs identical at 1, 2 and 7 threads, with both io engines, from zst, plain, gz, standard input and a pipe"
