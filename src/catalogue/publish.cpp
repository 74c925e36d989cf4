#include "catalogue/publish.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/json_text.h"
#include "base/output_names.h"
#include "catalogue/files.h"
#include "catalogue/groups.h"
#include "catalogue/readme.h"
#include "catalogue/sweep.h"

namespace outro {

namespace {

constexpr std::size_t tracks_at_once = 2048;

/// Calls `keep(track, number)` for every track of a table that stays, in order, while others are settled on
/// all threads. `first`: the number of the next track; counts on. Errors: io, corrupt, and those of `keep`.
template <class Keep>
status for_each_published(const publishing& with, std::uint64_t& first, left_out& rest, Keep keep) {
  struct piece {
    std::size_t from, to;
    std::vector<published_track> tracks;
    left_out rest;
    status why;
  };
  std::size_t next = 0;
  status why;
  std::atomic<bool> failed = false;
  const auto cut = [&](tbb::flow_control& flow) -> std::shared_ptr<piece> {
    if (failed || next == with.table.tracks()) {
      flow.stop();
      return nullptr;
    }
    auto p = std::make_shared<piece>();
    p->from = next;
    p->to = next = std::min(next + tracks_at_once, with.table.tracks());
    return p;
  };
  const auto settle = [&](std::shared_ptr<piece> p) {
    p->why = publish_tracks(with, p->from, p->to, p->tracks, p->rest);
    return p;
  };
  const auto take = [&](const std::shared_ptr<piece>& p) {
    if (why.ok()) why = p->why;
    rest += p->rest;
    for (auto& track : p->tracks)
      if (why.ok()) why = keep(track, first++);
    if (!why.ok()) failed = true;
  };
  using tbb::filter_mode;
  tbb::parallel_pipeline(
      static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) + 1,
      tbb::make_filter<void, std::shared_ptr<piece>>(filter_mode::serial_in_order, cut) &
          tbb::make_filter<std::shared_ptr<piece>, std::shared_ptr<piece>>(filter_mode::parallel, settle) &
          tbb::make_filter<std::shared_ptr<piece>, void>(filter_mode::serial_in_order, take));
  return why;
}

void put_number(std::string& line, std::string_view key, std::uint64_t n) {
  line.append(",\"").append(key).append("\":").append(std::to_string(n));
}

/// What the track's line says of it, behind its id and its recording.
void append_facts(const published_track& t, std::string& line) {
  put_number(line, "accounts", t.counts.accounts);
  put_number(line, "entries", t.counts.entries);
  put_number(line, "listens", t.counts.listens);
  for (std::size_t r = 0; r < role_count; ++r) {
    const auto what = static_cast<role>(r);
    const auto& text = t.texts[r];
    if (text.empty() || what == role::id) continue;
    if (what == role::availability) {
      line += t.available ? R"(,"available":true)" : R"(,"available":false)";
    } else if (what == role::duration) {
      if (t.facts.duration_ms != 0) put_number(line, "durationMs", t.facts.duration_ms);
    } else {
      line.append(",\"").append(role_names[r]).append("\":");
      append_json_string(line, text);
    }
  }
  line.append(R"(,"track":)").append(t.fields);
}

/// The two files, frame by frame.
class published_files {
 public:
  explicit published_files(const std::filesystem::path& into)
      : tracks_(into / tracks_name), recordings_(into / recordings_name) {}

  status open() {
    if (auto s = tracks_.open(); !s.ok()) return s;
    return recordings_.open();
  }

  status add(const published_track& t, catalogue_groups::cursor& group, std::uint64_t number) {
    const auto id = t.id.string();
    const auto* recording = group.recording(number);
    lines_ += R"({"id":)";
    append_json_string(lines_, id);
    lines_ += R"(,"recording":)";
    append_json_string(lines_, recording == nullptr ? id : recording->string());
    append_facts(t, lines_);
    lines_ += "}\n";
    ++totals.tracks;
    others_.clear();
    if (group.append_others(others_)) {
      ++totals.recordings;
      made_ += R"({"recording":)";
      append_json_string(made_, id);
      made_ += R"(,"tracks":[{"id":)";
      append_json_string(made_, id);
      made_.append("}").append(others_).append("]}\n");
    }
    return totals.tracks % catalogue_frame_tracks == 0 ? end_frame(false) : status{};
  }

  status close() {
    if (auto s = end_frame(totals.tracks == 0); !s.ok()) return s;
    if (auto s = tracks_.close(); !s.ok()) return s;
    return recordings_.close();
  }

  publishing_totals totals;

 private:
  status end_frame(bool even_if_empty) {
    auto s = tracks_.append(compressor_.compress(lines_, even_if_empty));
    if (s.ok()) s = recordings_.append(compressor_.compress(made_, even_if_empty));
    lines_.clear();
    made_.clear();
    return s;
  }

  catalogue_file tracks_, recordings_;
  line_compressor compressor_;
  std::string lines_, made_, others_;
};

result<publishing_totals> publish(const std::vector<part_source>& parts, const std::filesystem::path& into,
                                  std::uint64_t least, std::uint64_t memory) {
  const fold_table folding;
  auto opened = sweeper::open(parts, memory, {});
  if (!opened) return opened.error();
  catalogue_groups groups;
  left_out rest;
  const auto sweep = [&](auto keep) {
    std::uint64_t number = 0;
    rest = {};
    return opened->sweep([&](const catalogue_table& table) {
      return for_each_published({table, opened->runs(), folding, least}, number, rest, keep);
    });
  };
  auto s = sweep([&](const published_track& t, std::uint64_t) {
    groups.mark(prints_of(t.facts));
    return status{};
  });
  if (s.ok())
    s = sweep([&](published_track& t, std::uint64_t number) {
      if (groups.is_marked(prints_of(t.facts))) groups.take(number, std::move(t.id), t.facts);
      return status{};
    });
  if (!s.ok()) return s;
  groups.group();
  published_files files(into);
  catalogue_groups::cursor group(groups, 0);
  s = files.open();
  if (s.ok())
    s = sweep([&](const published_track& t, std::uint64_t number) { return files.add(t, group, number); });
  if (s.ok()) s = files.close();
  // Behind the files that it lets be shared: they may take the place of private ones.
  if (s.ok()) s = replace_file(into / catalogue_readme_name, public_readme(least));
  if (!s.ok()) return s;
  files.totals.rest = rest;
  return files.totals;
}

}  // namespace

result<publishing_totals> publish_catalogue(const std::vector<part_source>& parts,
                                            const std::filesystem::path& into, std::uint64_t least,
                                            std::uint64_t memory, unsigned threads) {
  const tbb::global_control parallelism(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  return arena.execute([&] { return publish(parts, into, least, memory); });
}

}  // namespace outro
