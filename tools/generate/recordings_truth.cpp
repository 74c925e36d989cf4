#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "recordings.h"

namespace outro::generate {

namespace {

/// The rough number of plain tracks in addition to the groups.
constexpr std::uint64_t plain_sample = 4000;

constexpr const char* version_names[version_count] = {
    "studio", "live", "instrumental", "remix", "acoustic", "cover", "tv", "demo", "other-artist", "untitled"};

bool is_planted(track_kind kind) {
  return kind == track_kind::duplicate || kind == track_kind::trap;
}

/// Title and artists as one string, in any order of the artists.
std::string metadata_key(const track_facts& facts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < facts.artist_count; ++i) names.push_back(facts.artists[i].name);
  std::sort(names.begin(), names.end());
  std::string key = to_traditional(facts.title);
  for (const std::string& name : names) key.append("\t").append(to_traditional(name));
  return key;
}

}  // namespace

std::string recording_label(const track_facts& facts) {
  std::string label = "r";
  if (facts.as == version::untitled) {
    // Nothing in the metadata could say that two of these are one recording.
    return label.append(std::to_string(facts.index)).append("-untitled");
  }
  label += std::to_string(facts.base);
  if (facts.as != version::studio)
    label.append("-").append(version_names[static_cast<std::size_t>(facts.as)]);
  return label;
}

recordings_summary write_recordings(const catalogue& tracks, std::uint64_t seed,
                                    const std::function<bool(std::string_view)>& emit) {
  recordings_summary summary;
  std::vector<bool> listed(tracks.size());
  for (std::uint64_t i = 0; i < tracks.size(); ++i) {
    const track_kind kind = tracks.kind_of(i);
    if (is_planted(kind)) {
      ++(kind == track_kind::duplicate ? summary.duplicates : summary.traps);
      listed[i] = true;
      listed[tracks.base_of(i)] = true;
    } else if (kind == track_kind::plain &&
               scale(hash(seed, purpose::label_sample, i), tracks.size()) < plain_sample) {
      listed[i] = true;
    }
  }

  track_facts facts;
  struct holder {
    std::uint64_t base;
    std::string label;
  };
  std::unordered_map<std::string, holder> first_with;
  std::unordered_set<std::uint64_t> ambiguous;
  for (std::uint64_t i = 0; i < tracks.size(); ++i) {
    if (!listed[i]) continue;
    if (is_planted(tracks.kind_of(i)) && tracks.version_of(i) != version::other_artist) continue;
    tracks.describe(i, facts);
    const bool studio = facts.kind == track_kind::plain || facts.as == version::other_artist;
    if (!studio) continue;
    const auto [at, is_new] =
        first_with.try_emplace(metadata_key(facts), holder{facts.base, recording_label(facts)});
    if (is_new || at->second.label == recording_label(facts)) continue;
    ambiguous.insert(facts.base);
    ambiguous.insert(at->second.base);
  }
  first_with.clear();

  if (!emit("track_id\ttitle\tartists\talbum\tduration_ms\tisrc\trecording\n")) return summary;
  std::unordered_set<std::string> labels;
  std::string line;
  for (std::uint64_t i = 0; i < tracks.size(); ++i) {
    if (!listed[i]) continue;
    tracks.describe(i, facts);
    if (ambiguous.contains(facts.base)) {
      ++summary.left_out;
      continue;
    }
    line = std::to_string(facts.song_id);
    line.append("\t").append(facts.title).append("\t");
    for (std::size_t a = 0; a < facts.artist_count; ++a)
      line.append(a > 0 ? " / " : "").append(facts.artists[a].name);
    line.append("\t").append(facts.album).append("\t").append(std::to_string(facts.duration_ms));
    const std::string label = recording_label(facts);
    line.append("\t").append(facts.isrc).append("\t").append(label).append("\n");
    labels.insert(label);
    ++summary.rows;
    if (!emit(line)) break;
  }
  summary.recordings = labels.size();
  return summary;
}

}  // namespace outro::generate
