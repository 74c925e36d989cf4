"""Documents of one account whose archive, or what is noted of them, is many times their size."""

HEAD = '{"userId":1,"exportedAt":1600000000000,'

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


def document(shape, size):
    """About `size` bytes."""
    before, item, behind = SHAPES[shape]
    count = max(1, size // (len(item(1_000_000).encode()) + 1))
    return HEAD + before + ",".join(item(i) for i in range(count)) + behind + "}\n"


def write(path, shape, size):
    with open(path, "w", encoding="utf-8") as file:
        file.write(document(shape, size))
    return path.stat().st_size
