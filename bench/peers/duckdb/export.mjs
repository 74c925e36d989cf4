// The same export as DuckDB would do it, driven by its client for Node: read_ndjson, unnest, distinct, and one
// compressed file per account.
//
// usage: node export.mjs --dumps FOLDER --out FOLDER [--threads N]
//
// As favourable as we found: one pass over the JSON, one COPY at the end, one zstd-compressed JSON file an account with
// its distinct tracks, favourites, playlists (entries by row), history, and the rest of the dump as it is. What that is
// not: README of bench/. Prints one JSON object with what was exported, by kind.
import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: given } = parseArgs({
  options: { dumps: { type: "string" }, out: { type: "string" }, threads: { type: "string" }, level: { type: "string" } },
});
mkdirSync(given.out, { recursive: true, mode: 0o700 });
const instance = await DuckDBInstance.create(":memory:");
const db = await instance.connect();
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const files = readdirSync(given.dumps).sort().map((name) => quoted(join(given.dumps, name)));
if (given.threads) await db.run(`SET threads = ${Number(given.threads)}`);
await db.run("SET preserve_insertion_order = false");
await db.run(`SET temp_directory = ${quoted(join(given.out, "spilled"))}`);
await db.run("SET partitioned_write_max_open_files = 1000");

const track = (column, list) => `unnest(json_extract(${column}, ${quoted(list)}))`;

// Every section stays JSON until it is needed: typed columns would drop fields that nobody foresaw.
//
// read_ndjson refuses every document with a lone surrogate (4 % of real-looking dumps), and ignore_errors turns it into
// nulls. So lines are read as text, and those that DuckDB refuses lose their surrogates: lossy, but all accounts are there.
const sections = ["exportedAt", "userId", "profile", "favorites", "collects", "playLog", "purchases", "comments", "follows",
  "membership"];
const shape = JSON.stringify(Object.fromEntries(sections.map((s) => [s, s === "exportedAt" ? "BIGINT" : "JSON"])));
const repaired = "regexp_replace(line, '\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\\\\ufffd', 'g')";
await db.run(`CREATE TABLE dumps AS SELECT unnest(from_json(
    CASE WHEN json_valid(line) THEN line ELSE ${repaired} END, ${quoted(shape)})) FROM read_csv([${files}],
  columns = {line: 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false, auto_detect = false,
  max_line_size = 67108864, buffer_size = 134217728, parallel = false)`);
await db.run(`ALTER TABLE dumps ADD COLUMN account VARCHAR`);
await db.run(`UPDATE dumps SET account = userId->>'$'`);

// References: kind, the list they stand in, the place in it.
await db.run(`CREATE TABLE refs AS
  SELECT account, 'favourite' AS kind, 0 AS list, place, item FROM
    (SELECT account, ${track("favorites", "$.songs[*]")} AS item, generate_subscripts(json_extract(favorites, '$.songs[*]'), 1) AS place FROM dumps)
  UNION ALL
  SELECT account, 'purchase', 0, place, item FROM
    (SELECT account, ${track("purchases", "$.songs[*]")} AS item, generate_subscripts(json_extract(purchases, '$.songs[*]'), 1) AS place FROM dumps)
  UNION ALL
  SELECT account, 'listen', 0, place, item FROM
    (SELECT account, ${track("playLog", "$[*]")} AS item, generate_subscripts(json_extract(playLog, '$[*]'), 1) AS place FROM dumps)
  UNION ALL
  SELECT account, 'entry', list, generate_subscripts(items, 1), unnest(items) FROM
    (SELECT account, list, json_extract(collect, '$.songs[*]') AS items FROM
      (SELECT account, ${track("collects", "$[*]")} AS collect, generate_subscripts(json_extract(collects, '$[*]'), 1) AS list FROM dumps))`);

// Distinct tracks of each account, numbered.
await db.run(`CREATE TABLE tracks AS SELECT account, song, row_number() OVER (PARTITION BY account) - 1 AS row FROM
  (SELECT DISTINCT account, item->'$.song' AS song FROM refs WHERE json_type(item, '$.song') = 'OBJECT')`);

const count = async (sql) => Number((await db.runAndReadAll(sql)).getRows()[0][0]);
const counts = {
  accounts: await count("SELECT count(DISTINCT account) FROM dumps"),
  rows: await count("SELECT count(*) FROM tracks"),
  playlists: await count("SELECT coalesce(sum(json_array_length(collects)), 0) FROM dumps"),
  entries: await count("SELECT count(*) FROM refs WHERE kind = 'entry'"),
  listens: await count("SELECT count(*) FROM refs WHERE kind = 'listen'"),
  favourites: await count("SELECT count(*) FROM refs WHERE kind = 'favourite'"),
  references: await count("SELECT count(*) FROM refs WHERE json_type(item, '$.song') = 'OBJECT'"),
};

const out = join(given.out, "accounts");
const fields = `place := place, at := coalesce(item->>'$.gmtCreate', item->>'$.playedAt'), note := item->>'$.description',
  ms := item->>'$.msPlayed', "$t" := row`;
await db.run(`COPY (
  WITH lists AS (
    SELECT refs.account,
      list(struct_pack(${fields}) ORDER BY place) FILTER (kind = 'favourite') AS favourites,
      list(struct_pack(list := list, ${fields}) ORDER BY list, place) FILTER (kind = 'entry') AS entries,
      list(struct_pack(${fields}) ORDER BY place) FILTER (kind = 'listen') AS history,
      list(struct_pack(${fields}) ORDER BY place) FILTER (kind = 'purchase') AS purchases
    FROM refs LEFT JOIN tracks ON refs.account = tracks.account AND (refs.item->'$.song') = tracks.song GROUP BY refs.account),
  library AS (SELECT account, list(song ORDER BY row) AS tracks FROM tracks GROUP BY account)
  SELECT dumps.account, to_json(struct_pack(account := dumps.account, exportedAt := exportedAt,
    profile := json_merge_patch(profile, '{"accessToken":"[redacted]"}'), tracks := library.tracks,
    favourites := favourites, entries := entries, history := history, purchases := lists.purchases,
    collects := list_transform(json_extract(collects, '$[*]'), lambda c: json_merge_patch(c, '{"songs":null}')),
    albums := favorites->'$.albums', artists := favorites->'$.artists', collected := favorites->'$.collects',
    purchasedAlbums := dumps.purchases->'$.albums', comments := comments, follows := follows,
    membership := membership))::VARCHAR AS library
  FROM dumps LEFT JOIN lists USING (account) LEFT JOIN library USING (account))
  TO ${quoted(out)} (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '', COMPRESSION zstd,
    PARTITION_BY (account), FILE_EXTENSION 'json.zst')`);
if (process.env.OUTRO_PEER_TIMES) console.error("written", performance.now());

db.closeSync();
instance.closeSync();
rmSync(join(given.out, "spilled"), { recursive: true, force: true });
let outputBytes = 0, files_written = 0;
if (existsSync(out))
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      outputBytes += statSync(join(entry.parentPath ?? entry.path, entry.name)).size;
      ++files_written;
    }
console.log(JSON.stringify({ ...counts, outputBytes, files: files_written, versions: { node: process.versions.node } }));
