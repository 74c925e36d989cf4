"""Input that is made to cost more than its size. Each shape writes itself with `n` items, and says which commands work on it."""
import gzip
from dataclasses import dataclass
from typing import Callable

from testing.compressed import zstd

HEAD = '{"userId":1,"exportedAt":1600000000000,'
DATE = 1_600_000_000_000


@dataclass
class Shape:
    """`write(folder, n)` makes the files, and returns what the command line names."""
    write: Callable
    items: int  # at n; chosen so that a run of 4n counts about half a thousand million instructions
    export: tuple = ()  # options
    dead: bool = False  # the documents are dead letters
    then: tuple = ("verify",)
    often: bool = True  # counted by each run of the tests, not in the long form alone


def lines(*made):
    """A file of these lines, in UTF-8 where they are text."""
    def write(folder, n):
        with open(folder / "in.ndjson", "wb") as file:
            for part in made:
                for line in part(n):
                    file.write(line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line)
                    file.write(b"\n")
        return [folder / "in.ndjson"]
    return write


def document(before, item, behind="", joint=","):
    """One account: `item(i)` n times between two texts."""
    return lines(lambda n: [HEAD + before + joint.join(item(i) for i in range(n)) + behind + "}"])


def each(line):
    return lines(lambda n: (line(i) for i in range(n)))


def track(i, title="A", artists="B", length=200_000, more=""):
    return f'{{"song":{{"songId":{i + 1},"songName":"{title}","singers":"{artists}","length":{length}{more}}}}}'


def isrc(i):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f'USA{letters[i // 100_000 % 26]}{letters[i // 2_600_000 % 26]}20{i % 100_000:05}'


def favourites(item):
    return document('"favorites":{"songs":[', item, "]}")


def listens(item):
    return document('"playLog":[', item, "]")


def playlists(item):
    return document('"collects":[', item, "]")


def account(i, rest, date=DATE):
    return f'{{"userId":{i},"exportedAt":{date}{"," if rest else ""}{rest}}}'


def shards(folder, n):
    made = folder / "in"
    made.mkdir()
    for i in range(n):
        (made / f"{i}.ndjson").write_text(account(i, "") + "\n")
    return [made]


def members(pack, name):
    """One compressed member for each line."""
    def write(folder, n):
        (folder / name).write_bytes(b"".join(pack(f"{account(i, '')}\n".encode()) for i in range(n)))
        return [folder / name]
    return write


def two_runs(first, second):
    """A first run over one file, and then a second run over another."""
    def write(folder, n):
        for name, line in (("first", first), ("second", second)):
            (folder / f"{name}.ndjson").write_text("".join(line(i) + "\n" for i in range(n)))
        return [folder / "first.ndjson", folder / "second.ndjson"]
    return write


def table(line):
    def write(folder, n):
        (folder / "in.tsv").write_text("track_id\ttitle\tartists\talbum\tduration_ms\talbum_id\tdisc\ttrack_number\n"
                                       + "".join(line(i) + "\n" for i in range(n)))
        return [folder / "in.tsv"]
    return write


PLAIN = ("--no-catalogue",)
ALL = ("verify", "list", "extract", "rebuild")

SHAPES = {
    "equal titles, each with its own ISRC": Shape(favourites(lambda i: track(i, more=f',"isrc":"{isrc(i)}"')), 500),
    "equal titles and lengths": Shape(favourites(track), 700),
    "equal titles, lengths in a chain": Shape(favourites(lambda i: track(i, length=100_000 + 700 * i)), 700),
    "equal titles, every number of one album": Shape(
        favourites(lambda i: track(i, more=f',"albumId":7,"albumName":"C","track":{i + 1}')), 500),
    "equal titles, each on its own album": Shape(
        favourites(lambda i: track(i, more=f',"albumId":{i + 1},"albumName":"C{i}","track":1')), 700),
    "track ids whose hashes without a key lie side by side": Shape(None, 800),
    "equal ids, other titles": Shape(favourites(lambda i: track(0, title=f"A{i}")), 1000),
    "redacted keys beside rows": Shape(
        lines(lambda n: [HEAD + '"settings":[' + ",".join(['{"password":1}'] * n) + '],"follows":['
                         + ",".join(['{"userId":1,"nickName":"a"}'] * n) + "]}"]), 3000),
    "volatile values": Shape(listens(lambda i: f'{{"song":{{"songId":{i},"playCount":{i}}}}}'), 1500),
    "volatile values of one key": Shape(document("", lambda i: f'"profile":{{"visits":{i}}}'), 4000),
    "volatile values that changed": Shape(
        two_runs(lambda i: account(i, '"profile":{"visits":1}'), lambda i: account(i, '"profile":{"visits":2}')), 60, PLAIN),
    "deep nesting": Shape(document('"x":[', lambda i: "[" * 500 + "]" * 500, "]"), 150),
    "brackets": Shape(document('"x":[', lambda i: "[]", "]"), 40_000),
    "a huge string": Shape(document('"x":"', lambda i: "abcdefgh" * 16, '"', ""), 8000),
    "a huge title": Shape(lambda folder, n: favourites(lambda i: track(i, title="ab " * 100 * n))(folder, 1), 60),
    "a huge comment": Shape(document('"comments":[{"message":"', lambda i: "=,\\u003d", '"}]', ""), 10_000),
    "duplicate keys": Shape(document("", lambda i: '"a":1'), 15_000),
    "duplicate keys of a track": Shape(
        lambda folder, n: favourites(lambda i: track(i, more=',"songName":"A"' * n))(folder, 1), 20_000),
    "playlists of one entry": Shape(playlists(lambda i: '{"songs":[{"song":{"songId":1}}]}'), 250, then=ALL),
    "playlists of one name": Shape(playlists(lambda i: '{"collectName":"A/b."}'), 400, then=ALL),
    "playlists whose long names differ at their ends": Shape(
        playlists(lambda i: '{"collectName":"%s%d"}' % ("歌" * 200, i)), 300, then=ALL),
    "suspect playlists": Shape(playlists(lambda i: '{"songCount":9}'), 1_500),
    "empty playlists": Shape(playlists(lambda i: "0"), 6_000),
    "one playlist": Shape(document('"collects":[{"collectName":"n","songs":[', track, "]}]"), 1500, then=ALL),
    "one playlist of one track": Shape(document('"collects":[{"songs":[', lambda i: track(0), "]}]"), 3000),
    "comments and follows": Shape(lines(lambda n: [HEAD + '"follows":[' + ",".join(["0"] * n) + '],"comments":['
                                                   + ",".join(["0"] * n) + "]}"]), 4000),
    "names of references": Shape(listens(lambda i: f'{{"song":{{}}}},{{"$t{i}":1}}'), 3000),
    "escapes": Shape(listens(lambda i: track(i, title="\\u0041\\n\\\"\\/\\ud83d\\ude00" * 8)), 400),
    "lone surrogates": Shape(document('"comments":[', lambda i: '{"message":"\\ud800\\udc00\\ud800"}', "]"), 3000),
    "bytes that are no UTF-8": Shape(
        lines(lambda n: [HEAD.encode() + b'"x":"' + b"\xff" * 40 * n + b'"}']), 8000, dead=True),
    "white space": Shape(document('"x":[', lambda i: " \t\r" * 20 + "0", "]"), 8000),
    "digits": Shape(document('"x":', lambda i: "1" * 40, "", ""), 8000),
    "lengths of many digits": Shape(listens(lambda i: track(i, length="9" * 200)), 800),
    "artists of a track": Shape(
        lambda folder, n: favourites(lambda i: track(i, artists="/".join(f"B{k}" for k in range(n))))(folder, 1), 8_000),
    "title endings of a track": Shape(
        lambda folder, n: favourites(lambda i: track(i, title="A " + "(feat. B) [Live] - Remix " * n))(folder, 1), 3_000),
    "brackets of a title": Shape(
        lambda folder, n: favourites(lambda i: track(i, title="(" * n + "A" + ")" * n))(folder, 1), 30_000),
    "equal dead letters": Shape(each(lambda i: '{"userId":1,}'), 1500, dead=True),
    "documents {}": Shape(each(lambda i: "{}"), 1500, dead=True),
    "blank lines": Shape(lines(lambda n: [account(1, "")], lambda n: [""] * n), 60_000),
    "one account, again and again": Shape(each(lambda i: account(1, f'"x":{i}')), 80, then=ALL),
    "one account, the same document": Shape(each(lambda i: account(1, "")), 80),
    "one account, dates that rise": Shape(each(lambda i: account(1, "", DATE + i)), 80),
    "shards": Shape(shards, 60),
    "zstd frames": Shape(members(zstd, "in.ndjson.zst"), 60),
    "gzip members": Shape(members(gzip.compress, "in.ndjson.gz"), 60),
    "a track that every account tells otherwise": Shape(
        each(lambda i: account(i, '"favorites":{"songs":[' + track(0, title=f"A{i}") + "]}")), 60, (), then=("verify", "catalogue")),
    "recordings: lengths in a chain": Shape(
        table(lambda i: f"{i}\tA\tB\t\t{100_000 + 700 * i}\t\t\t"), 4_000, then=("recordings",)),
    "recordings: every number of one album": Shape(
        table(lambda i: f"{i}\tA\tB\tC\t200000\t7\t1\t{i + 1}"), 2500, then=("recordings",)),
    "recordings: each on its own album": Shape(
        table(lambda i: f"{i}\tA\tB\tC{i}\t200000\t{i + 1}\t1\t1"), 2500, then=("recordings",)),
}

# What no step treats in a way of its own.
for name in (
    "equal titles and lengths", "equal ids, other titles", "volatile values of one key", "brackets", "a huge string",
    "a huge title", "a huge comment", "duplicate keys of a track", "suspect playlists", "empty playlists", "one playlist",
    "one playlist of one track", "comments and follows", "names of references", "escapes", "lone surrogates", "white space",
    "digits", "lengths of many digits", "blank lines", "one account, dates that rise", "gzip members",
    "recordings: each on its own album", "playlists of one name"):
    SHAPES[name].often = False
