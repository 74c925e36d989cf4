/// Writes a track object as the service lists it: about 430 bytes, with some fields only now and then, and
/// rarely with every field.
#include <array>
#include <string_view>

#include "catalogue.h"

namespace outro::generate {

namespace {

std::string_view language_name(script in) {
  switch (in) {
    case script::simplified:
      return "国语";
    case script::traditional:
      return "粤语";
    case script::japanese:
      return "日语";
    default:
      return "英语";
  }
}

std::string_view separator(std::uint64_t bits) {
  static constexpr std::array<std::string_view, 8> separators = {"/",   "/",   "/",  "/",
                                                                 " / ", " & ", "、", " feat. "};
  return separators[scale(bits, separators.size())];
}

/// The service's second, opaque id: an `x` and ten letters or digits.
void put_string_id(text_buffer& out, std::uint64_t bits) {
  static constexpr char digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab";
  std::array<char, 11> text{};
  text[0] = 'x';
  for (std::size_t i = 1; i < text.size(); ++i) {
    text[i] = digits[bits & 63];
    bits >>= 6;
  }
  out.put(std::string_view(text.data(), text.size()));
}

void put_song_id(text_buffer& out, std::uint64_t id, bool as_string) {
  if (as_string) {
    out.put("{\"songId\":\"");
    out.put_number(id);
    out.put('"');
  } else {
    out.put("{\"songId\":");
    out.put_number(id);
  }
}

void put_artists(text_buffer& out, const track_facts& facts, std::string_view between, escape_style style) {
  out.put(",\"artistId\":");
  out.put_number(catalogue::artist_id(facts.artists[0].index));
  out.put(",\"artistName\":\"");
  out.put_escaped(facts.artists[0].name, style);
  out.put("\",\"singers\":\"");
  for (std::size_t i = 0; i < facts.artist_count; ++i) {
    if (i > 0) out.put_escaped(between, style);
    out.put_escaped(facts.artists[i].name, style);
  }
  out.put("\",\"artistVOs\":[");
  for (std::size_t i = 0; i < facts.artist_count; ++i) {
    if (i > 0) out.put(',');
    out.put("{\"artistId\":");
    out.put_number(catalogue::artist_id(facts.artists[i].index));
    out.put(",\"artistName\":\"");
    out.put_escaped(facts.artists[i].name, style);
    out.put("\"}");
  }
  out.put(']');
}

/// The fields of a track that is being played: only few dumps have them.
void put_everything(text_buffer& out, const track_facts& facts, random_stream& random) {
  out.put(",\"listenFiles\":[");
  static constexpr std::array<std::string_view, 4> qualities = {"l", "h", "s", "e"};
  for (std::size_t i = 0; i < qualities.size(); ++i) {
    if (i > 0) out.put(',');
    out.put("{\"quality\":\"");
    out.put(qualities[i]);
    out.put("\",\"format\":\"mp3\",\"fileSize\":");
    out.put_number(random.between(2'000'000, 30'000'000));
    out.put(",\"listenFile\":\"https:\\/\\/s128.xiami.net\\/");
    out.put_number(facts.song_id);
    out.put("_");
    out.put_number(random.below(1'000'000'000));
    out.put("_l.mp3?ccode=xiami_web_web&expire=86400&duration=");
    out.put_number(facts.duration_ms / 1000);
    out.put("\",\"playVolume\":-9.5e0,\"expire\":null}");
  }
  out.put("],\"lyricInfo\":{\"lyricId\":");
  out.put_number(facts.song_id + 17);
  out.put(",\"lyricFile\":\"https:\\/\\/img.xiami.net\\/lyric\\/");
  out.put_number(facts.song_id);
  out.put(".lrc\",\"lyricType\":2},\"whaleSongVO\":null,\"hotPartStartTime\":");
  out.put_number(random.below(60'000));
  out.put(",\"hotPartEndTime\":");
  out.put_number(60'000 + random.below(60'000));
  out.put(",\"demoStatus\":0,\"exclusive\":false,\"musicType\":0,\"operateStatus\":null,\"panFlag\":0,");
  out.put("\"playFlag\":true,\"downloadFlag\":true,\"shareFlag\":true,\"favFlag\":0,\"boughtCount\":");
  out.put_number(random.below(5'000));
  out.put(
      ",\"purviews\":[{\"quality\":\"LOW\",\"needVIP\":false,\"needPay\":false},{\"quality\":\"HIGH\","
      "\"needVIP\":");
  out.put(
      "true,\"needPay\":false}],\"tags\":[],\"labels\":null,\"mvUrl\":\"\",\"riskLevel\":0.00,"
      "\"offlineType\":\"\",");
  out.put("\"arrangement\":\"\",\"composer\":\"");
  out.put_escaped(facts.artists[0].name);
  out.put("\",\"songwriters\":\"");
  out.put_escaped(facts.artists[0].name);
  out.put("\",\"gmtCreate\":");
  out.put_number(1'300'000'000'000 + random.below(300'000'000'000));
  out.put(",\"commentCount\":");
  out.put_number(random.below(100'000));
  out.put(",\"thirdpartyUrl\":null,\"ttpodId\":0");
}

/// Track objects with an id alone, or without one.
void put_bare_track(text_buffer& out, const track_facts& facts, bool id_as_string, escape_style style) {
  if (facts.kind == track_kind::id_only) {
    put_song_id(out, facts.song_id, id_as_string);
    out.put('}');
    return;
  }
  out.put("{\"songName\":\"");
  out.put_escaped(facts.title, style);
  out.put("\",\"artistName\":\"");
  out.put_escaped(facts.artists[0].name, style);
  out.put("\"}");
}

void put_sub_name(text_buffer& out, random_stream& random, escape_style style) {
  const std::uint64_t sub_name = random.below(100);
  if (sub_name < 8) {
    out.put(",\"subName\":\"");
    out.put_escaped(phrases::source_of_song(random), style);
    out.put("\",\"newSubName\":\"\"");
  } else if (sub_name < 50) {
    out.put(",\"subName\":\"\"");
  }
}

void put_album(text_buffer& out, const track_facts& facts, random_stream& random, escape_style style) {
  out.put(",\"albumId\":");
  out.put_number(facts.album_id);
  out.put(",\"albumName\":\"");
  out.put_escaped(facts.album, style);
  out.put("\",\"albumLanguage\":\"");
  out.put(language_name(facts.in));
  out.put('"');
  if (!random.chance(0.3)) return;
  const std::uint64_t picture = mix(facts.album_id);
  if (style.slash) {
    out.put(",\"albumLogo\":\"\\/\\/pic.xiami.net\\/");
    out.put_number(picture % 100);
    out.put("\\/");
  } else {
    out.put(",\"albumLogo\":\"//pic.xiami.net/");
    out.put_number(picture % 100);
    out.put('/');
  }
  out.put_number(facts.album_id);
  out.put(".jpg\"");
}

}  // namespace

/// The track's status, and with some the id of a track that replaces it.
void catalogue::put_status(text_buffer& out, const track_facts& facts, random_stream& random,
                           escape_style style) const {
  const std::uint64_t status = random.below(100);
  out.put(",\"songStatus\":");
  out.put_number(status < 2 ? 2 : (status < 4 ? 7 : 0));
  if (status >= 4) return;
  out.put(",\"bakSongId\":");
  const bool replaced = random.chance(0.4);
  const std::uint64_t other = random.below(tracks_);
  out.put_number(replaced ? song_id(other) : 0);
  if (!replaced || status != 0) return;
  out.put(",\"bakSong\":");
  put_song_id(out, song_id(other), false);
  out.put(",\"songName\":\"");
  out.put_escaped(facts.title, style);
  out.put("\"}");
}

void catalogue::render(std::uint64_t index, text_buffer& out, track_facts& facts) const {
  describe(index, facts);
  random_stream random(seed_, purpose::track_release, index, 7);
  const bool id_as_string = random.chance(0.1);
  const std::uint64_t style_bits = random.below(100);
  const escape_style style{style_bits < 12, style_bits >= 6 && style_bits < 25};
  out.ensure(8192);
  if (facts.kind == track_kind::id_only || facts.kind == track_kind::no_id)
    return put_bare_track(out, facts, id_as_string, style);

  put_song_id(out, facts.song_id, id_as_string);
  out.put(",\"songStringId\":\"");
  put_string_id(out, random.next());
  out.put("\",\"songName\":\"");
  out.put_escaped(facts.title, style);
  out.put('"');
  put_sub_name(out, random, style);
  if (random.chance(0.05)) {
    std::string translation;
    words_.append_title(translation, script::simplified, random);
    out.put(",\"translation\":\"");
    out.put_escaped(translation, style);
    out.put('"');
  }
  put_artists(out, facts, separator(random.next()), style);
  put_album(out, facts, random, style);
  if (facts.kind != track_kind::no_length) {
    out.put(",\"length\":");
    out.put_number(facts.duration_ms);
  }
  out.put(",\"track\":");
  out.put_number(random.between(1, 16));
  if (random.chance(0.5)) {
    out.put(",\"cdSerial\":");
    out.put_number(random.chance(0.1) ? 2 : 1);
  }
  put_status(out, facts, random, style);
  if (random.chance(0.5)) {
    out.put(",\"price\":");
    out.put(random.chance(0.06) ? std::string_view("2.00") : std::string_view("0"));
  }
  out.put(",\"playCount\":");
  out.put_number(random.below(50'000'000) / (1 + index / 500) + random.below(5'000));
  if (!facts.isrc.empty()) {
    out.put(",\"isrc\":\"");
    out.put(std::string_view(facts.isrc));
    out.put('"');
  }
  if (random.chance(0.05)) out.put(",\"pinyin\":null,\"albumSubName\":\"\"");
  if (random.chance(0.004)) put_everything(out, facts, random);
  out.put('}');
}

}  // namespace outro::generate
