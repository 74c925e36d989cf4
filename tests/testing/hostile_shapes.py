"""Documents of one account whose archive, or what is noted of them, is many times their size."""
import struct
import subprocess

HEAD = '{"userId":%d,"exportedAt":1600000000000,'

# Before the items, one of them, behind them.
SHAPES = {
    "playlists of one entry": ('"collects":[', lambda i: '{"songs":[0]}', "]"),
    "playlists with long names": ('"collects":[', lambda i: '{"collectName":"%s","songs":[0]}' % ("歌" * 100), "]"),
    "empty playlists": ('"collects":[', lambda i: "0", "]"),
    "suspect playlists": ('"collects":[', lambda i: '{"songCount":9}', "]"),
    "favourites of one digit": ('"favorites":{"songs":[', lambda i: "0", "]}"),
    "entries of one digit": ('"collects":[{"collectName":"n","songs":[', lambda i: "0", "]}]"),
    "follows of one digit": ('"follows":[', lambda i: "0", "]"),
    "the shortest tracks, all different": ('"playLog":[', lambda i: '{"song":{"a":%d}}' % i, "]"),
    "favourites that are an id": ('"favorites":{"songs":[', lambda i: '{"song":{"songId":%d}}' % (10_000_000 + i), "]}"),
    "tracks of one id": ('"favorites":{"songs":[', lambda i: '{"song":{"songId":1,"a":%d}}' % i, "]}"),
    "one empty track again and again": ('"playLog":[', lambda i: '{"song":{}}', "]"),
    "names of references": ('"playLog":[', lambda i: '{"song":{}},{"$t%d":1}' % i, "]"),
    "brackets": ('"x":[', lambda i: "[]", "]"),
    "one cell of many values": ('"comments":[{"message":[', lambda i: "1", "]}]"),
    "cells of quotes": ('"comments":[', lambda i: '{"message":[{"":""}]}', "]"),
}


def document(shape, size, account=1):
    """About `size` bytes."""
    before, item, behind = SHAPES[shape]
    count = max(1, size // (len(item(1_000_000).encode()) + 1))
    return HEAD % account + before + ",".join(item(i) for i in range(count)) + behind + "}\n"


def write(path, shape, size):
    with open(path, "w", encoding="utf-8") as file:
        file.write(document(shape, size))
    return path.stat().st_size


def write_many(folder, shapes, count, size):
    """`count` documents in a file each, of one shape after another. Returns the size of the largest."""
    folder.mkdir()
    for i in range(count):
        (folder / f"{i:03}.ndjson").write_text(document(shapes[i % len(shapes)], size, i + 1), encoding="utf-8")
    return max(p.stat().st_size for p in folder.iterdir())


def write_tiny(folder, shards, lines):
    """Shards of documents of two bytes. A frame that says nothing makes each large enough to be a unit of its own."""
    folder.mkdir()
    for i in range(shards):
        subprocess.run(["zstd", "-q", "-1", "-o", folder / f"{i}.ndjson.zst"], input=b"{}\n" * lines, check=True)
        with open(folder / f"{i}.ndjson.zst", "ab") as file:
            file.write(struct.pack("<II", 0x184D2A50, 16 << 20))
            file.truncate(file.tell() + (16 << 20))
