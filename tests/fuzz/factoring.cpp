// Factoring and restoring: a document's archive gives it back byte for byte, after redaction; redaction does
// what a plain walk over the JSON does; and the same document makes the same archive in a writer that was
// used.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "archive/open_archive.h"
#include "base/json_text.h"
#include "fuzz/fuzzing.h"
#include "layout/load.h"
#include "testing/strict_json.h"

namespace outro {
namespace {

using fuzzing::must;

constexpr version_limits limits{.latest_ms = 1'800'000'000'000};

// As tools/layouts/mpd.toml: a track object is itself the entry of its playlist.
constexpr std::string_view mpd = R"(
format = "outro-layout/1"
service = "mpd"
[account]
id = "account"
[track]
paths = ["playlists[].tracks[]"]
id = "track_uri"
title = "track_name"
artists = "artist_name"
album = "album_name"
duration = "duration_ms"
duration_unit = "ms"
entry_fields = ["pos"]
[playlists]
rows = "playlists[]"
name = "name"
created = "modified_at"
created_unit = "s"
entries = "tracks[]"
[privacy]
redact = ["password"]
)";

// Everything that changes or cuts a document, close to tracks, rows and each other.
constexpr std::string_view edited = R"(
format = "outro-layout/1"
service = "edited"
[account]
id = "userId"
exported_at = "exportedAt"
exported_at_unit = "s"
volatile = ["profile.visits", "comments[].likes"]
[track]
paths = ["playLog[].song", "collects[].songs[].song", "favorites"]
id = ["songId", "songStringId"]
title = "songName"
artists = ["artistVOs[].artistName", "singers"]
album = "album.name"
duration = "length"
duration_unit = "s"
isrc = "isrc"
availability = "songStatus"
delisted = [2]
volatile = ["playCount"]
entry_fields = ["pos"]
[playlists]
rows = "collects[]"
name = "collectName"
tags = "tags"
declared = "songCount"
entries = "songs[]"
note = "description"
[[tables]]
file = "comments.csv"
rows = "comments[]"
columns = [{header = "Message", path = "message"}, {header = "At", path = "gmtCreate", kind = "time", unit = "s"}]
[[tables]]
file = "history.csv"
rows = "playLog[]"
listens = true
columns = [{header = "Track", track = "title"}, {header = "Pos", track_path = "pos"}]
[privacy]
redact = ["password", "accessToken"]
mask = ["follows[].nickName", "comments[].message", "profile.friends"]
)";

struct candidate {
  explicit candidate(layout l) : rules(std::move(l)), reader(rules, limits), writer(rules, 1, "recipe") {}
  layout rules;
  document_reader reader;  ///< used for all inputs
  archive_writer writer;   ///< likewise
  buffer frame;
};

candidate& chosen(std::uint8_t choice) {
  const auto parsed = [](std::string_view toml) {
    auto rules = parse_layout(toml, "layout");
    if (!rules) (void)std::fprintf(stderr, "%s\n", rules.error().message.c_str());
    return std::make_unique<candidate>(std::move(rules.value()));
  };
  static const std::array<std::unique_ptr<candidate>, 3> all = {
      std::make_unique<candidate>(load_layout("xiami").value()), parsed(mpd), parsed(edited)};
  return *all[choice % all.size()];
}

/// Replaces the value of every key in a list, outermost first, by walking over a grammatical document byte by
/// byte: what redaction must come to where no mask takes part.
class plain_redactor {
 public:
  plain_redactor(std::string_view text, const std::vector<std::string>& keys) : text_(text), keys_(keys) {}

  std::string run() {
    copy_value();
    out_ += text_.substr(at_);
    return std::move(out_);
  }

 private:
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) put(1);
  }
  void put(std::size_t n) {
    out_ += text_.substr(at_, n);
    at_ += n;
  }
  std::size_t string_size() const {
    std::size_t n = 1;
    while (text_[at_ + n] != '"') n += text_[at_ + n] == '\\' ? 2 : 1;
    return n + 1;
  }
  void copy_value() {
    space();
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      put(1), space();
      while (text_[at_] != '}' && text_[at_] != ']') {
        if (c == '{') {
          std::string key;
          append_unescaped(key, text_.substr(at_ + 1, string_size() - 2));
          put(string_size()), space(), put(1), space();
          const auto begin = out_.size();
          copy_value();
          if (std::find(keys_.begin(), keys_.end(), key) != keys_.end())
            out_.replace(begin, out_.npos, "\"[redacted]\"");
        } else {
          copy_value();
        }
        space();
        if (text_[at_] == ',') put(1), space();
      }
      put(1);
    } else if (c == '"') {
      put(string_size());
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r").find(text_[at_]) == std::string_view::npos)
        put(1);
    }
  }

  std::string_view text_;
  const std::vector<std::string>& keys_;
  std::size_t at_ = 0;
  std::string out_;
};

bool masks(const layout& rules) {
  return std::any_of(rules.document.begin(), rules.document.end(), [](const auto& n) { return n.is_masked; });
}

void check_archive(const account_view& view, std::string_view frame, const archive_facts& facts) {
  auto archive = open_archive(frame, facts.tar_bytes);
  if (!archive) (void)std::fprintf(stderr, "%s\n", archive.error().message.c_str());
  must(archive.has_value(), "what we write, we open");
  const auto& m = archive->manifest;
  must(m.account == view.account && m.exported_at == view.exported_at, "the manifest names the account");
  must(m.rows == facts.rows && m.references == facts.references && m.rows == view.rows.size() &&
           m.references == view.refs.size(),
       "the manifest counts tracks");
  must(m.digest == view.digest && m.dump_bytes == view.document.size(), "the manifest knows the dump");
  std::string restored;
  const auto s = restore_dump(*archive, restored);
  if (!s.ok()) (void)std::fprintf(stderr, "%s\n", s.message.c_str());
  must(s.ok() && restored == view.document, "the dump comes back byte for byte");
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  fuzzing::choices choose(data, size);
  auto& with = chosen(choose.byte());
  const auto document = choose.rest().substr(0, choose.rest().find('\n'));
  if (document.empty()) return 0;
  const auto bytes = fuzzing::padded(document);
  account_view view;
  if (with.reader.read(bytes.view().substr(0, document.size()), view) != reason::none) return 0;

  must(testing::strict_json(view.document).accepts(max_depth), "a redacted document is a document");
  if (view.redacted.empty()) must(view.document == document, "what is not redacted stays as it is");
  if (!masks(with.rules))
    must(view.document == plain_redactor(document, with.rules.redacted_keys).run(),
         "redaction replaces the values of its keys and nothing else");
  with.frame.clear();
  const auto facts = with.writer.write(view, with.frame);
  check_archive(view, with.frame.view(), facts);

  // Once more, from what was restored, by a reader and a writer without a past.
  const auto again = fuzzing::padded(view.document);
  document_reader reader(with.rules, limits);
  account_view second;
  must(reader.read(again.view().substr(0, view.document.size()), second) == reason::none,
       "what was redacted is accepted");
  must(second.redacted.empty() && second.document == view.document && second.digest == view.digest &&
           second.content_digest == view.content_digest,
       "redaction has an end");
  return 0;
}
