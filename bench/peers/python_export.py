#!/usr/bin/env python3
"""The same export as a competent Python script: one process a core, ujson, zstandard, tarfile's headers, csv.

usage: python_export.py --dumps FOLDER --out FOLDER [--processes N] [--level 3]

Debian 12's packages python3-ujson, python3-zstandard and python3-xxhash. Each process takes shards in turn and appends
archives to a pack of its own; an archive is one zstd frame with size and checksum, as Outro's, and holds the same files
with the same columns, the same README and a manifest that says as much. Prints one JSON object: what was exported, by
kind, so that it can be held against the truth.

What it does not do, and what that saves it: README of bench/.
"""
import argparse
import csv
import functools
import io
import json
import multiprocessing
import os
import re
import sys
import tarfile
from datetime import datetime, timezone
from pathlib import Path

import ujson
import xxhash
import zstandard

BOM = "\ufeff"
README = (BOM + "您的音乐资料备份，完整无缺。\r\n*.csv：歌单、收藏、播放记录等，可用 Excel 打开。\r\n"
          "library.json：原始数据。还原：把 dump 里每个 {\"$t\":N} 换成 tracks 的第 N 项（从 0 数）。\r\n"
          "manifest.json：数量与校验值。\r\n\r\nYour music account, complete.\r\n"
          "*.csv: playlists, favourites, history; any spreadsheet opens them.\r\n"
          "library.json: the exact data. To restore, replace each {\"$t\":N} in dump by item N of tracks (from 0).\r\n"
          "manifest.json: counts and checksum.\r\n").encode()
FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
ENTRY = ["Track name", "Artist name", "Album", "Playlist name", "Type", "ISRC", "Duration ms", "Track id", "Added at",
         "Status"]
STATUS = {2: "delisted", 7: "delisted"}
SECRETS = ("password", "accessToken", "refreshToken")
TIMES = ("gmtCreate", "playedAt", "gmtBirthday")
RECIPE = xxhash.xxh3_128_hexdigest(f"{sys.version} {ujson.__version__} {zstandard.__version__}")
EMPTY_BLOCK = b"\0" * 512


def iso(ms):
    if not isinstance(ms, int):
        return ""
    whole, rest = divmod(ms, 1000)
    text = datetime.fromtimestamp(whole, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}Z" if rest else text + "Z"


def defuse(cell):
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class Archive:
    """A tar in memory; tarfile makes the headers, nothing else of it is in the way."""

    def __init__(self, folder, mtime):
        self.folder, self.mtime, self.parts = folder, mtime, []

    def add(self, name, content):
        member = tarfile.TarInfo(f"{self.folder}/{name}")
        member.size, member.mtime, member.mode = len(content), self.mtime, 0o644
        self.parts += (member.tobuf(tarfile.PAX_FORMAT), content, EMPTY_BLOCK[:-len(content) % 512])

    def add_csv(self, name, header, rows):
        text = io.StringIO(newline="")
        text.write(BOM)
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
        self.add(name, text.getvalue().encode("utf-8", "replace"))

    def bytes(self):
        return b"".join(self.parts) + EMPTY_BLOCK * 2


class Rows:
    """The distinct tracks of an account, in the order of first sight, and the cells of each."""

    def __init__(self):
        self.tracks, self.cells, self.by_id, self.references = [], [], {}, 0

    def factor(self, holder):
        """Replaces holder["song"] by its reference and returns the row."""
        song = holder.get("song")
        if not isinstance(song, dict):
            return None
        self.references += 1
        same_id = self.by_id.setdefault(song.get("songId"), [])
        for row in same_id:
            if self.tracks[row] == song:
                break
        else:
            row = len(self.tracks)
            same_id.append(row)
            self.tracks.append(song)
            artists = song.get("artistVOs")
            artist = (" / ".join(str(a.get("artistName", "")) for a in artists) if artists
                      else song.get("singers") or song.get("artistName"))
            self.cells.append((defuse(song.get("songName")), defuse(artist), defuse(song.get("albumName")),
                               song.get("isrc"), song.get("length"), song.get("songId"),
                               STATUS.get(song.get("songStatus"), "available")))
        holder["song"] = {"$t": row}
        return row


def entry_row(rows, entry, playlist, kind):
    row = rows.factor(entry)
    if row is None:
        return (None,) * len(ENTRY), None
    title, artist, album, isrc, length, number, status = rows.cells[row]
    return (title, artist, album, playlist, kind, isrc, length, number, iso(entry.get("gmtCreate")), status), row


def lists(of, key):
    found = of.get(key) if isinstance(of, dict) else None
    return found if isinstance(found, list) else []


def add_table(archive, sections, name, columns, items):
    if items:
        archive.add_csv(name, [title for title, _ in columns],
                        [[defuse(iso(item.get(key)) if key in TIMES else item.get(key))
                          for _, key in columns] for item in items])
        sections[name] = {"in": len(items), "out": len(items)}


def with_time(entries, key):
    """What an entry holds, and when it was added."""
    return [{**(e.get(key) or {}), "gmtCreate": e.get("gmtCreate")} for e in entries]


def export(line, compressor, counts):
    try:
        dump = ujson.loads(line)
    except ValueError:  # integers that ujson finds too long
        dump = json.loads(line)
    rows = Rows()
    account, exported = str(dump["userId"]), dump.get("exportedAt") or 0
    redacted = [key for key in SECRETS if key in (dump.get("profile") or {})]
    for key in redacted:
        dump["profile"][key] = "[redacted]"
    archive = Archive(f"xiami-{account}", exported // 1000)
    archive.add("README.txt", README)

    favourites = [entry_row(rows, e, "Favorites", "Favorite")[0] for e in lists(dump.get("favorites"), "songs")]
    playlists, playlist_files, entries = [], [], 0
    for number, playlist in enumerate(lists(dump, "collects"), 1):
        name, seen, cells = playlist.get("collectName") or "", {}, []
        for position, e in enumerate(lists(playlist, "songs"), 1):
            row, index = entry_row(rows, e, defuse(name[:256]), "Playlist")
            cells.append((*row, defuse(e.get("description")), seen.get(row[7], "")))
            if row[7] is not None:
                seen.setdefault(row[7], position)
        entries += len(cells)
        safe = FORBIDDEN.sub("_", name)[:60].rstrip(". ")
        playlist_files.append((f"playlists/{number:03d} {safe}.csv", cells))
        playlists.append((defuse(name), defuse(playlist.get("description")), " / ".join(playlist.get("tags") or ()),
                          playlist.get("isPublic"), iso(playlist.get("gmtCreate")), playlist.get("songCount"),
                          len(cells), len(cells) - len(seen)))
    listens = []
    for listen in lists(dump, "playLog"):
        row = rows.factor(listen)
        title, artist, album, isrc, length, number, status = rows.cells[row] if row is not None else (None,) * 7
        listens.append((title, artist, album, iso(listen.get("playedAt")), listen.get("msPlayed"), isrc, length, number,
                        status))
    purchased = [entry_row(rows, e, "Purchases", "Purchase")[0] for e in lists(dump.get("purchases"), "songs")]

    tracks = ",\n".join(ujson.dumps(t, ensure_ascii=False, escape_forward_slashes=False) for t in rows.tracks)
    body = ujson.dumps(dump, ensure_ascii=False, escape_forward_slashes=False)
    archive.add("library.json", f'{{"format":"outro-library/1","ref":"$t","tracks":[\n{tracks}\n],"dump":{body}}}'
                .encode("utf-8", "surrogatepass"))
    if playlists:
        archive.add_csv("playlists.csv", ["Name", "Description", "Tags", "Public", "Created", "Entries declared",
                                          "Entries found", "Repeated"], playlists)
    for name, cells in playlist_files:
        archive.add_csv(name, [*ENTRY, "Note", "Same recording as"], cells)
    if favourites:
        archive.add_csv("favorites.csv", ENTRY, favourites)
    if listens:
        archive.add_csv("history.csv", ["Track name", "Artist name", "Album", "Played at", "Ms played", "ISRC",
                                        "Duration ms", "Track id", "Status"], listens)
    if purchased:
        archive.add_csv("purchases.csv", ENTRY, purchased)
    sections = {"playlists": {"in": len(playlists), "out": len(playlists)},
                "playlist entries": {"in": entries, "out": entries},
                **{name: {"in": len(some), "out": len(some)} for name, some in
                   (("favorites.csv", favourites), ("history.csv", listens), ("purchases.csv", purchased)) if some}}
    favorites = dump.get("favorites")
    table = functools.partial(add_table, archive, sections)
    table("favorite-albums.csv", [("Album", "albumName"), ("Artist name", "artistName"), ("Album id", "albumId"),
                                  ("Added at", "gmtCreate")], with_time(lists(favorites, "albums"), "album"))
    table("favorite-artists.csv", [("Artist name", "artistName"), ("Artist id", "artistId"), ("Added at", "gmtCreate")],
          with_time(lists(favorites, "artists"), "artist"))
    table("favorite-collects.csv", [("Playlist name", "collectName"), ("Playlist id", "listId"),
                                    ("Entries declared", "songCount"), ("Added at", "gmtCreate")],
          with_time(lists(favorites, "collects"), "collect"))
    table("purchased-albums.csv", [("Album", "albumName"), ("Artist name", "artistName"), ("Album id", "albumId"),
                                   ("Purchased at", "gmtCreate")],
          with_time(lists(dump.get("purchases"), "albums"), "album"))
    table("comments.csv", [("Message", "message"), ("Written at", "gmtCreate"), ("About", "objectType"),
                           ("About id", "objectId"), ("Likes", "likes"), ("Comment id", "commentId")],
          lists(dump, "comments"))
    table("follows.csv", [("Nickname", "nickName"), ("User id", "userId")], lists(dump, "follows"))
    if dump.get("profile"):
        table("profile.csv", [("Nickname", "nickName"), ("Gender", "gender"), ("Birthday", "gmtBirthday"),
                              ("Province", "province"), ("City", "city"), ("Signature", "signature"),
                              ("Avatar", "avatar"), ("Member since", "gmtCreate"), ("Visits", "visits")],
              [dump["profile"]])
    counted = {"accounts": 1, "rows": len(rows.tracks), "references": rows.references, "playlists": len(playlists),
               "entries": entries, "listens": len(listens), "favourites": len(favourites)}
    repeated = sum(p[-1] for p in playlists)
    manifest = {"format": "outro-manifest/1", "recipe": RECIPE, "service": "xiami", "account": account,
                "exportedAt": exported, "dump": {"bytes": len(line), "xxh3_128": xxhash.xxh3_128_hexdigest(line)},
                "rows": len(rows.tracks), "references": rows.references, "recordings": len(rows.by_id),
                "repeated": repeated, "repeatedByRule": [repeated, 0, 0], "sections": sections, "redacted": redacted}
    archive.add("manifest.json", json.dumps(manifest, separators=(",", ":")).encode())
    tar = archive.bytes()
    counted |= {"jsonBytes": len(line), "tarBytes": len(tar)}
    for key, n in counted.items():
        counts[key] = counts.get(key, 0) + n
    return compressor.compress(tar)


def shards_in_turn(work):
    shards, next_shard, pack, level = work
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True, write_content_size=True)
    counts = {}
    with open(pack, "wb", buffering=1 << 20) as out:
        while True:
            with next_shard.get_lock():
                mine = next_shard.value
                next_shard.value += 1
            if mine >= len(shards):
                break
            with open(shards[mine], "rb") as file:
                source = file
                if shards[mine].endswith(".zst"):
                    source = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(
                        file, read_size=1 << 19, read_across_frames=True), 1 << 20)
                for line in source:
                    if len(line) > 1:
                        out.write(export(line.rstrip(b"\n"), compressor, counts))
        out.flush()
        os.fsync(out.fileno())
    return counts


def worker(shards, next_shard, pack, level, results):
    results.put(shards_in_turn((shards, next_shard, pack, level)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dumps", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--level", type=int, default=3)
    args = parser.parse_args()
    out = Path(args.out)
    out.mkdir(mode=0o700, parents=True)
    # The largest first: nobody is left alone with a long one at the end.
    shards = [str(p) for p in sorted(Path(args.dumps).iterdir(), key=lambda p: -p.stat().st_size)]
    next_shard, results = multiprocessing.Value("q", 0), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=worker, args=(shards, next_shard, str(out / f"pack-{i:03d}.tar.zst"),
                                                              args.level, results)) for i in range(args.processes)]
    for p in processes:
        p.start()
    total = {}
    for _ in processes:
        for key, n in results.get().items():
            total[key] = total.get(key, 0) + n
    for p in processes:
        p.join()
        if p.exitcode != 0:
            sys.exit("a process failed")
    total["outputBytes"] = sum(p.stat().st_size for p in out.iterdir())
    total["versions"] = {"python": sys.version.split()[0], "ujson": ujson.__version__,
                         "zstandard": zstandard.__version__}
    print(json.dumps(total))


if __name__ == "__main__":
    main()
