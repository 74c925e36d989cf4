#include "archive/archive_writer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "archive/library.h"
#include "archive/names.h"
#include "base/json_text.h"

namespace outro {

/// The first text that a person sees, years later, without the service. At most 800 bytes, or it would be
/// most of a small account's archive.
static constexpr std::string_view readme =
    "\xef\xbb\xbf"
    "您的音乐资料备份，完整无缺。\r\n"
    "*.csv：歌单、收藏、播放记录等，可用 Excel 打开。\r\n"
    "library.json：原始数据。还原：把 dump 里每个 {\"$t\":N} 换成 tracks 的第 N 项（从 0 数）。\r\n"
    "manifest.json：数量与校验值。\r\n"
    "\r\n"
    "Your music account, complete.\r\n"
    "*.csv: playlists, favourites, history; any spreadsheet opens them.\r\n"
    "library.json: the exact data. To restore, replace each {\"$t\":N} in dump by item N of tracks (from "
    "0).\r\n"
    "manifest.json: counts and checksum.\r\n";
static_assert(readme.size() <= 800);

/// Behind it, where that is so: spreadsheets leave out what is beyond their limits without a word.
static constexpr std::string_view beyond_sheets =
    "\r\n"
    "注意：有表格超过 1,048,576 行，或有单元格超过 32,767 "
    "字。电子表格软件只显示一部分，文件本身完整；请用文本编辑器打开。\r\n"
    "Note: a table here has more than 1,048,576 rows, or a cell more than 32,767 characters. A spreadsheet "
    "shows and saves only a part of it; the file is complete: open it in a text editor.\r\n";
static_assert(readme.size() + beyond_sheets.size() <= 1500);

static std::shared_ptr<track_memory> or_own(std::shared_ptr<track_memory> memory) {
  return memory ? std::move(memory) : std::make_shared<track_memory>(track_memory_sizes{});
}

archive_writer::archive_writer(const layout& rules, int level, std::string recipe_id,
                               std::shared_ptr<track_memory> memory, bool catalogue)
    : rules_(rules),
      recipe_id_(std::move(recipe_id)),
      recordings_(rules, or_own(std::move(memory)), catalogue),
      tables_(rules),
      frames_(level) {}

void archive_writer::write_manifest(const account_view& view) {
  auto& out = manifest_;
  out.clear();
  const auto number = [&out](std::string_view key, std::uint64_t n) {
    out.append(",\"").append(key).append("\":").append(std::to_string(n));
  };
  out.append(R"({"format":"outro-manifest/1","recipe":")").append(recipe_id_).append(R"(","service":")");
  out.append(rules_.service).append(R"(","account":)");
  append_json_string(out, view.account);
  out.append(R"(,"exportedAt":)").append(view.exported_at ? std::to_string(*view.exported_at) : "null");
  out.append(R"(,"dump":{"bytes":)").append(std::to_string(view.document.size()));
  out.append(R"(,"xxh3_128":")").append(to_hex(view.digest)).append("\"}");
  number("rows", view.rows.size());
  number("references", view.refs.size());
  number("recordings", recordings_.count);
  if (recordings_.doubtful > 0) number("doubtful", recordings_.doubtful);
  if (recordings_.conflicting_ids > 0) number("conflictingIds", recordings_.conflicting_ids);
  number("repeated", tables_.repeated);
  if (tables_.repeated > 0) {
    const auto& by = tables_.repeated_by_rule;
    out.append(R"(,"repeatedByRule":[)").append(std::to_string(by[0]));
    out.append(",").append(std::to_string(by[1])).append(",").append(std::to_string(by[2])).append("]");
  }
  out.append(R"(,"sections":{)");
  for (std::size_t i = 0; i < tables_.counts.size(); ++i) {
    const auto& c = tables_.counts[i];
    out.append(i == 0 ? "" : ",").append("\"").append(c.name).append(R"(":{"in":)");
    out.append(std::to_string(c.in)).append(R"(,"out":)").append(std::to_string(c.out)).append("}");
  }
  out.append("}");
  // A receipt, not a second dump: playlists.csv has all of a million such playlists.
  constexpr std::size_t most_listed = 1000;
  if (!tables_.suspects.empty()) {
    number("suspects", tables_.suspects.size());
    out.append(R"(,"suspect":[)");
  }
  for (std::size_t i = 0; i < std::min(tables_.suspects.size(), most_listed); ++i) {
    const auto& s = tables_.suspects[i];
    out.append(i == 0 ? "" : ",").append(R"({"playlist":)").append(std::to_string(s.number));
    out.append(R"(,"declared":")")
        .append(s.declared)
        .append(R"(","found":)")
        .append(std::to_string(s.found))
        .append("}");
  }
  if (!tables_.suspects.empty()) out += ']';
  for (std::size_t i = 0; i < view.redacted.size(); ++i) {
    out.append(i == 0 ? R"(,"redacted":[)" : ",");
    append_json_string(out, view.redacted[i]);
  }
  if (!view.redacted.empty()) out += ']';
  if (tables_.changed.defused > 0) number("defused", tables_.changed.defused);
  if (tables_.changed.lone_surrogates > 0) number("loneSurrogates", tables_.changed.lone_surrogates);
  out.append("}\n");
}

void archive_writer::find_recordings(const account_view& view, stage_clock& clock) {
  clock.lap(stage::render);
  clock.begins(stage::group);
  recordings_.find(view);
  clock.lap(stage::group);
  clock.begins(stage::render);
}

/// The size of the tar, or where it is above `most`, `most` + 1.
std::uint64_t archive_writer::count(const account_view& view, std::uint64_t most) {
  tar_ = {};  // scratch of some rows from here on
  tar_writer tar(tar_, 0, most, tar_writer::mode::count);
  const auto folder = folder_name(rules_.service, view.account);
  tar.count(folder + "/library.json", library_size(view));
  if (!tar.go_on() || !tables_.write(view, recordings_, folder, tar, tar_)) return most + 1;
  tar.count(folder + "/README.txt", readme.size() + (tables_.is_beyond_sheets() ? beyond_sheets.size() : 0));
  write_manifest(view);
  tar.count(folder + "/manifest.json", manifest_.size());
  tar.finish();
  return std::min(tar.size(), most + 1);
}

/// False where the tar is above `most`; it is not whole then. `warns`: README.txt says that a table is beyond
/// what spreadsheets show. Only the tables tell, which come behind it; so the few archives that are begin
/// again.
bool archive_writer::build(const account_view& view, std::uint64_t most, archive_facts& facts, bool warns) {
  tar_.clear();
  tar_writer tar(tar_, view.exported_at.value_or(0) / 1000, most);
  const auto folder = folder_name(rules_.service, view.account);

  tar.begin(folder + "/README.txt");
  tar_.append(readme);
  if (warns) tar_.append(beyond_sheets);
  tar.end();

  tar.begin(folder + "/library.json");
  seams_[0] = append_library(tar_, view);
  tar.end();
  seams_[1] = tar_.size();

  if (!tar.go_on() || !tables_.write(view, recordings_, folder, tar, tar_)) return false;
  if (tables_.is_beyond_sheets() && !warns) return build(view, most, facts, true);

  tar.begin(folder + "/manifest.json");
  write_manifest(view);
  tar_.append(manifest_);
  tar.end();
  tar.finish();
  if (!tar.go_on()) return false;

  facts.tar_bytes = tar_.size();
  facts.rows = static_cast<std::uint32_t>(view.rows.size());
  facts.references = static_cast<std::uint32_t>(view.refs.size());
  facts.playlists = static_cast<std::uint32_t>(view.tables[playlist_table].count());
  facts.entries = static_cast<std::uint32_t>(view.tables[entry_table].count());
  if (rules_.listen_table != no_index)
    facts.listens = static_cast<std::uint32_t>(view.tables[rules_.listen_table].count());
  facts.suspects = static_cast<std::uint32_t>(tables_.suspects.size());
  facts.defused = tables_.changed.defused;
  facts.lone_surrogates = tables_.changed.lone_surrogates;
  return true;
}

archive_facts archive_writer::write(const account_view& view, const tar_room& room, buffer& out,
                                    stage_clock& clock, const std::function<void(std::uint64_t)>& counted) {
  // So much room is not kept from others, whatever a tar takes of it.
  constexpr std::uint64_t huge_document = 8U << 20;
  // More memory is given back before the catalogue's notes are made.
  constexpr std::uint64_t kept_tar = 4U << 20;
  archive_facts facts;
  // What library.json alone makes too large needs no grouping, which would take more than all else.
  if (view.document.size() > huge_document && library_size(view) > room.most) {
    recordings_.release();
    facts.tar_bytes = room.most + 1;
    return facts;
  }
  find_recordings(view, clock);
  bool built = false;
  if (view.document.size() <= huge_document) built = build(view, std::min(room.now, room.most), facts);
  if (!built) {
    const auto bytes = count(view, room.most);
    if (bytes <= room.most && counted) counted(bytes);
    if (bytes > room.now || bytes > room.most) {
      facts.tar_bytes = bytes;
      clock.lap(stage::render);
      return facts;
    }
    tar_.reserve(bytes);
    if (!build(view, bytes, facts)) throw std::logic_error("a tar is larger than it was counted");
  }
  clock.lap(stage::render);
  clock.begins(stage::compress);
  const auto at = out.size();
  frames_.append(tar_.view(), seams_, out);
  clock.lap(stage::compress);
  facts.frame_bytes = static_cast<std::uint32_t>(out.size() - at);
  std::memcpy(&facts.checksum, out.data() + out.size() - sizeof facts.checksum, sizeof facts.checksum);
  if (facts.tar_bytes > kept_tar) {
    tar_ = {};
    tables_.release();
  }
  return facts;
}

void archive_writer::release() {
  tar_ = {};
  give_back(manifest_);
  recordings_.release();
  tables_.release();
}

}  // namespace outro
