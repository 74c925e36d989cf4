#include "truth.h"

#include <charconv>
#include <vector>

namespace outro::generate {

namespace {

/// Indented JSON with nothing but names, numbers and known words: no escaping is needed.
class json_writer {
 public:
  void open(std::string_view name = {}) {
    start(name);
    text_ += '{';
    first_ = true;
    ++depth_;
  }
  void close() {
    --depth_;
    text_ += '\n';
    indent();
    text_ += '}';
    first_ = false;
  }
  void put(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }
  void put(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  void put(std::string_view name, double value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    raw(name, {digits, end});
  }
  void put(std::string_view name, std::string_view value) { raw(name, '"' + std::string(value) + '"'); }
  std::string take() { return std::move(text_) + "\n"; }

 private:
  void indent() { text_.append(static_cast<std::size_t>(depth_) * 2, ' '); }
  void start(std::string_view name) {
    if (depth_ > 0) text_ += first_ ? "\n" : ",\n";
    indent();
    first_ = false;
    if (!name.empty()) text_.append("\"").append(name).append("\": ");
  }
  void raw(std::string_view name, const std::string& value) {
    start(name);
    text_ += value;
  }

  std::string text_;
  int depth_ = 0;
  bool first_ = true;
};

std::string_view name_of(profile chosen) {
  switch (chosen) {
    case profile::standard:
      return "standard";
    case profile::small:
      return "small";
    default:
      return "tiny-docs";
  }
}

void put_parameters(json_writer& json, const options& wanted) {
  json.open("parameters");
  json.put("seed", wanted.seed);
  json.put("accounts", wanted.accounts);
  json.put("firstId", wanted.first_id);
  json.put("tracks", wanted.tracks);
  json.put("profile", name_of(wanted.profile));
  json.put("exportedAt", wanted.exported_at);
  json.put("shardSize", wanted.shard_size);
  json.put("format", wanted.format == format::zst ? std::string_view("zst") : "plain");
  if (wanted.format == format::zst) {
    json.put("level", static_cast<std::uint64_t>(wanted.level));
    json.put("frameSize", wanted.frame_size);
  }
  json.put("stringIds", wanted.string_ids);
  json.put("malformed", wanted.malformed);
  json.put("badUtf8", wanted.bad_utf8);
  json.put("missingId", wanted.missing_id);
  json.put("duplicateId", wanted.duplicate_id);
  json.put("duplicateKey", wanted.duplicate_key);
  json.put("oversized", wanted.oversized);
  json.put("oversizedSize", wanted.oversized_size);
  json.put("deep", wanted.deep);
  json.put("repeatedPages", wanted.repeated_pages);
  json.put("truncated", wanted.truncated);
  json.put("huge", wanted.huge);
  json.put("duplicateRecordings", wanted.duplicate_recordings);
  json.put("traps", wanted.traps);
  json.put("delta", wanted.delta);
  json.put("generation", wanted.generation);
  json.close();
}

void put_tally(json_writer& json, std::string_view name, const tally& counts) {
  json.open(name);
  json.put("playlists", counts.playlists);
  json.put("entries", counts.entries);
  json.put("notes", counts.notes);
  json.put("listens", counts.listens);
  json.put("favourites", counts.favourites);
  json.put("favouriteAlbums", counts.albums);
  json.put("favouriteArtists", counts.artists);
  json.put("purchasedTracks", counts.purchases);
  json.put("comments", counts.comments);
  json.put("follows", counts.follows);
  json.put("tracksRendered", counts.distinct_tracks);
  json.close();
}

}  // namespace

std::uint64_t totals::dead_letters() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (is_dead_letter(static_cast<fault>(i))) sum += faults[i];
  }
  return sum;
}

std::string_view fault_header() {
  return "shard\tline\toffset\tfault\treason\taccount\tdetail\n";
}

std::string fault_line(const options& wanted, const document& what, const document_place& where,
                       std::string_view detail) {
  std::string line = shard_name(where.shard, wanted.format);
  line.append("\t").append(std::to_string(where.line)).append("\t").append(std::to_string(where.offset));
  line.append("\t").append(name_of(what.kind)).append("\t").append(reason_of(what.kind));
  line.append("\t").append(std::to_string(wanted.first_id + what.account));
  return line.append("\t").append(detail).append("\n");
}

std::string truth_json(const options& wanted, const totals& found, const recordings_summary* recordings) {
  json_writer json;
  json.open();
  json.put("format", std::string_view("outro-generate/1"));
  put_parameters(json, wanted);
  json.open("totals");
  json.put("shards", found.shards);
  json.put("documents", found.documents);
  json.put("bytes", found.bytes);
  json.put("bytesOnDisk", found.bytes_written);
  put_tally(json, "sections", found.all);
  json.close();

  // One outcome for each document; the second dump of an account is written as well as the first.
  const std::uint64_t dead = found.dead_letters();
  const std::uint64_t second_dumps = found.faults[static_cast<std::size_t>(fault::duplicate_id)] / 2;
  json.open("expected");
  json.put("documentsWritten", found.documents - dead);
  json.put("deadLetters", dead);
  json.put("accounts", wanted.accounts + (wanted.huge > 0 ? 1 : 0));
  json.put("accountsArchived", found.documents - dead - second_dumps);
  json.put("acceptedBytes", found.accepted_bytes);
  if (wanted.generation > 0) json.put("changedDocuments", found.changed);
  put_tally(json, "sections", found.accepted);
  json.close();

  json.open("faults");
  for (std::size_t i = 1; i < fault_count; ++i) {
    const auto kind = static_cast<fault>(i);
    json.open(name_of(kind));
    json.put("documents", found.faults[i]);
    json.put("reason", reason_of(kind));
    json.close();
  }
  json.close();

  if (recordings != nullptr) {
    json.open("recordings");
    json.put("duplicateTracks", recordings->duplicates);
    json.put("trapTracks", recordings->traps);
    json.put("labelledTracks", recordings->rows);
    json.put("labelledRecordings", recordings->recordings);
    json.put("ambiguousTracksLeftOut", recordings->left_out);
    json.close();
  }
  json.close();
  return json.take();
}

}  // namespace outro::generate
