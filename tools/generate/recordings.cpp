/// Other releases of a recording, and other recordings that look like it.
#include "recordings.h"

#include <array>
#include <string_view>
#include <utility>

#include "catalogue.h"

namespace outro::generate {

namespace {

/// A release is at most a second longer or shorter than its base, so any two are within two seconds.
std::uint64_t jitter(std::uint64_t duration_ms, random_stream& random) {
  return duration_ms - 1000 + random.below(2001);
}

std::string vary_spelling(std::string title, script in, random_stream& random) {
  switch (random.below(in == script::english ? 6 : 4)) {
    case 0:
      break;
    case 1:
      if (in == script::simplified) return to_traditional(title);
      if (in == script::japanese) return to_half_width_kana(title);
      if (in == script::english) return to_full_width(title);
      break;
    case 2: {
      static constexpr std::array<std::string_view, 5> ends = {"!", "。", "~", "！", " …"};
      return title.append(ends[random.below(ends.size())]);
    }
    case 3:
      if (in == script::english) return to_upper_ascii(title);
      return std::string("《").append(title).append("》");
    case 4:
      return to_lower_ascii(title);
    default:
      if (const std::size_t blank = title.find(' '); blank != std::string::npos) title.insert(blank, 1, ' ');
      break;
  }
  return title;
}

/// The words that a version adds to a title, by language: each list has several spellings of one meaning.
using spellings = std::array<std::string_view, 4>;
struct version_words {
  spellings chinese;
  spellings japanese;
  spellings english;
};

constexpr std::array<version_words, 8> decorations = {{
    {},
    {{" (现场版)", "（现场版）", " (Live)", "(現場版)"},
     {" (ライブ)", "（LIVE）", " -Live-", " [Live]"},
     {" (Live)", " - Live", " [Live]", " (Live Version)"}},
    {{" (伴奏)", "（伴奏）", " (伴奏版)", " (Instrumental)"},
     {" (カラオケ)", " (Instrumental)", " -Instrumental-", "（インストゥルメンタル）"},
     {" (Instrumental)", " - Instrumental", " [Instrumental]", " (Instrumental Version)"}},
    {{" (Remix)", "（DJ Remix）", " (混音版)", " - Remix"},
     {" (リミックス)", " (Remix)", " -Remix-", "（REMIX）"},
     {" (Remix)", " - Remix", " [Remix]", " (Remix Version)"}},
    {{" (不插电版)", "（不插电）", " (Acoustic)", " - Acoustic"},
     {" (アコースティック)", " (Acoustic Ver.)", " -Acoustic-", "（アコースティック Ver.）"},
     {" (Acoustic)", " - Acoustic", " [Acoustic]", " (Acoustic Version)"}},
    {{" (翻唱)", "（翻唱）", " (Cover)", " (翻唱版)"},
     {" (カバー)", " (Cover)", " -Cover-", "（カヴァー）"},
     {" (Cover)", " - Cover", " [Cover]", " (Cover Version)"}},
    {{" (TV版)", "（TV版）", " (TV Size)", " - TV Size"},
     {" (TVサイズ)", " (TV Size)", " -TV size-", "（TV Ver.）"},
     {" (TV Size)", " - TV Size", " [TV Version]", " (TV Edit)"}},
    {{" (Demo)", "（小样）", " (DEMO版)", " - Demo"},
     {" (デモ)", " (Demo)", " -demo-", "（デモ音源）"},
     {" (Demo)", " - Demo", " [Demo]", " (Demo Version)"}},
}};

constexpr std::array<std::string_view, 8> untitled = {"…", "？？？", "...", "!!!", "♪", "。。。", "~", "***"};

std::string_view decoration(version as, script in, random_stream& random) {
  const version_words& words = decorations[static_cast<std::size_t>(as)];
  const std::uint64_t spelling = random.below(4);
  switch (in) {
    case script::japanese:
      return words.japanese[spelling];
    case script::english:
      return words.english[spelling];
    default:
      return words.chinese[spelling];
  }
}

}  // namespace

void catalogue::vary_release(std::uint64_t index, track_facts& out) const {
  random_stream random(seed_, purpose::track_release, index);
  const std::uint64_t album = random.below(albums_);
  out.album_id = album_id(album);
  if (random.chance(0.5)) {  // a compilation, else a new edition of the base's album
    out.album.clear();
    append_album_name(album, out.album);
  }
  static constexpr std::array<std::string_view, 5> editions = {" 精选", " (Deluxe Edition)", " 新歌+精选",
                                                               " ベスト", " Best"};
  out.album += editions[random.below(editions.size())];
  out.duration_ms = jitter(out.duration_ms, random);
  if (out.artist_count > 1 && random.chance(0.1)) {
    // The guest is also named in the title.
    out.title.append(" (feat. ").append(out.artists[1].name).append(")");
  } else {
    const std::string before = out.title;
    out.title = vary_spelling(std::move(out.title), out.in, random);
    // A release for Taiwan or Hong Kong also spells the artists its way.
    if (out.in == script::simplified && out.title == to_traditional(before)) {
      for (artist_facts& artist : out.artists) artist.name = to_traditional(artist.name);
    }
  }
  if (out.artist_count > 1 && random.chance(0.6))
    std::swap(out.artists[0], out.artists[out.artist_count - 1]);
  if (random.chance(0.3)) assign_isrc(out.base * version_count, out.isrc);
}

void catalogue::vary_version(std::uint64_t index, track_facts& out) const {
  out.as = version_of(index);
  // The facts of the other recording depend on (base, version) alone: two traps of one version of one base
  // are the same recording, and carry the same label.
  random_stream recording(seed_, purpose::recording_version, out.base, static_cast<std::uint64_t>(out.as));
  random_stream random(seed_, purpose::track_release, index);
  const std::uint64_t album = random.below(albums_);
  out.album_id = album_id(album);
  out.album.clear();
  append_album_name(album, out.album);

  const std::uint64_t other = recording.below(artists_);
  const bool short_cut = recording.chance(0.5);
  if (out.as == version::tv_size && short_cut) out.duration_ms = 88'000 + recording.below(4'000);
  if (out.as == version::cover || out.as == version::other_artist) {
    const std::string original = out.artists[0].name;
    std::uint64_t candidate = other;
    do {
      describe_artist(candidate, out.artists[0]);
      candidate = (candidate + 1) % artists_;
    } while (out.artists[0].name == original);
    out.artist_count = 1;
  }
  out.duration_ms = jitter(out.duration_ms, random);
  if (out.as == version::untitled) {
    out.title = untitled[random.below(untitled.size())];
  } else if (out.as != version::other_artist) {
    out.title += decoration(out.as, out.in, random);
  }
  const double code = random.unit();
  if (out.as == version::untitled) return;
  if (code < 0.03 && out.as != version::other_artist) {
    assign_isrc(out.base * version_count, out.isrc);  // copied from the studio recording by mistake
  } else if (code < 0.13) {
    assign_isrc(out.base * version_count + static_cast<std::uint64_t>(out.as), out.isrc);
  }
}

}  // namespace outro::generate
