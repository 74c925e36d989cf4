#include "tracks/track_facts.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tracks/isrc.h"
#include "tracks/title_numbers.h"
#include "tracks/word_lists.h"

namespace outro {

namespace {

std::uint32_t short_hash(const std::u32string& points) {
  const auto h = XXH3_64bits(points.data(), points.size() * sizeof(char32_t));
  return points.empty() ? 0 : static_cast<std::uint32_t>(h | 1);
}

}  // namespace

std::uint64_t key_of_id(std::string_view id) {
  constexpr std::uint64_t other = 1ULL << 63;
  if (id.empty()) return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error == std::errc{} && end == id.data() + id.size() && number < other &&
      (id[0] != '0' || id.size() == 1))
    return number + 1;
  sha256 hash;
  hash.update(id);
  return words_of(hash.finish_short()).high | other | 1;  // above 2^63, which is a number's
}

track_describer::track_describer(const fold_table& table) : table_(table), artists_(table) {
  for (auto& ending : words_of(word_lists::album_endings)) album_endings_.push_back(std::move(ending.word));
  for (const auto& ending : album_endings_) album_ends_.add(ending.back());
  std::stable_sort(album_endings_.begin(), album_endings_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

/// The number in the text, "3" of "CD 3" and of "3/12"; 0 if there is none below `limit`.
static std::uint32_t number_in(std::string_view text, std::uint32_t limit) {
  const auto begin = text.find_first_of("0123456789");
  if (begin == text.npos || (begin > 0 && text[begin - 1] == '-')) return 0;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  return error == std::errc{} && number < limit ? number : 0;
}

/// The album's name without its edition and the like, which are in brackets, after a dash, or at its end.
std::u32string_view track_describer::without_edition(std::u32string_view album) const {
  const auto is_cut = [&](std::size_t i) {
    return album[i] == '(' || (album[i] == '-' && i + 1 < album.size() && album[i + 1] == ' ');
  };
  std::size_t end = 0;
  while (end < album.size() && (end == 0 || !is_cut(end))) ++end;
  auto name = album.substr(0, end);
  const auto trim = [&name] {
    while (!name.empty() && !fold_table::is_letter(name.back())) name.remove_suffix(1);
  };
  trim();
  for (std::size_t i = 0; i < album_endings_.size(); ++i) {
    if (name.empty() || !album_ends_.may_have(name.back())) break;
    const auto& ending = album_endings_[i];
    if (name.back() != ending.back() || name.size() <= ending.size() || !name.ends_with(ending)) continue;
    const auto before = name[name.size() - ending.size() - 1];
    if (ending.front() < 0x80 && before < 0x80 && fold_table::is_letter(before)) continue;
    auto rest = name.substr(0, name.size() - ending.size());
    std::swap(rest, name);
    trim();
    if (name.empty()) {
      name = rest;
      break;
    }
    i = ~std::size_t{0};  // "Deluxe Edition EP": from the longest again
  }
  return name;
}

void track_describer::read_title(const track_text& track, track_facts& facts) {
  fold(table_, track.title, folded_);
  titles_.read(table_, folded_, parts_);
  name_ = parts_.name;
  facts.named = !track.title.empty();
  facts.versions = parts_.versions;
  facts.languages = parts_.languages;
  facts.master_year = parts_.master_year;
  facts.remastered = parts_.remastered || parts_.master_year != 0;
  facts.numbers = parts_.words.numbers;
  facts.weak = parts_.words.weak;
  facts.sketch = sketch_of(name_);
  facts.scripts = scripts_of(name_);
  facts.detail = static_cast<std::uint16_t>(short_hash(parts_.detail));
  scratch_.clear();
  for (const auto& remark : parts_.remarks) scratch_.append(remark).append(1, U'\n');
  facts.remarks = static_cast<std::uint16_t>(short_hash(scratch_));
}

/// The artists of the credit, with the guests of the title just read.
void track_describer::read_artists(const track_text& track, track_facts& facts) {
  set_.clear();
  artists_.begin();
  for (const auto& guests : parts_.guests) artists_.add(guests, folded_.has_traditional, true, set_);
  const auto guests = set_.size();
  fold(table_, track.artists, folded_);
  artists_.add(folded_.points, folded_.has_traditional, false, set_);
  by_somebody_ = set_.size() > guests;
  if (by_somebody_) facts.lead = static_cast<std::uint16_t>(set_[guests] >> 48 | 1U);
  sort_unique(set_);
}

language_set track_describer::language_of(std::string_view text) {
  auto& known =
      known_languages_[(text.size() * 7 + static_cast<unsigned char>(text.back())) % known_languages_.size()];
  if (text == known.text) return known.languages;
  fold(table_, text, folded_);
  simplify(table_, folded_);
  known = {std::string(text), languages_.of_text(folded_.points)};
  return known.languages;
}

void track_describer::read_album(const track_text& track, track_facts& facts) {
  fold(table_, track.album, folded_);
  simplify(table_, folded_);
  scratch_.clear();
  append_letters(folded_.points, scratch_);
  const auto whole = short_hash(scratch_);
  facts.release = static_cast<std::uint16_t>(whole);
  facts.album = whole;
  const auto name = without_edition(folded_.points);
  if (std::any_of(folded_.points.begin() + static_cast<std::ptrdiff_t>(name.size()), folded_.points.end(),
                  [](char32_t c) { return c == '&' || fold_table::is_letter(c); })) {
    scratch_.clear();
    append_letters(name, scratch_);
    if (!scratch_.empty()) facts.album = short_hash(scratch_);
  }
  if (!track.album_id.empty())
    facts.album_id =
        static_cast<std::uint32_t>(XXH3_64bits(track.album_id.data(), track.album_id.size()) | 1);
  const auto told = titles_.read_album(table_, folded_);
  facts.told = static_cast<version_set>(told.versions & ~facts.versions);
  if (facts.languages == 0 && !track.language.empty()) facts.languages = language_of(track.language);
  if (facts.languages == 0) facts.languages = told.languages;
}

void track_describer::make_key(track_facts& facts) {
  facts.key.name = short_hash(name_);
  scratch_ = parts_.detail;
  scratch_ += U'\n';
  scratch_ += static_cast<char32_t>(facts.all_versions());
  scratch_ += static_cast<char32_t>(parts_.languages);
  facts.key.take = short_hash(scratch_);
  for (const auto artist : set_) facts.artists |= 1U << (artist >> 59);
  if (name_.empty() || !by_somebody_ || (facts.weak && facts.album == 0)) return;
  scratch_ = name_;
  scratch_ += U'\n';
  for (const auto artist : set_) {
    scratch_ += static_cast<char32_t>(artist & 0xffffffff);
    scratch_ += static_cast<char32_t>(artist >> 32);
  }
  if (facts.weak) scratch_ += static_cast<char32_t>(facts.album);
  facts.key.song = XXH3_64bits(scratch_.data(), scratch_.size() * sizeof(char32_t)) | 1;
}

track_facts track_describer::describe(const track_text& track) {
  track_facts facts;
  facts.available = track.available;
  facts.trusted_id = track.trusted_id;
  facts.duration_ms = track.duration_ms;
  facts.isrc = packed_isrc(track.isrc);
  facts.disc = static_cast<std::uint8_t>(number_in(track.disc, 256));
  facts.track_number = static_cast<std::uint16_t>(number_in(track.track_number, 65536));
  facts.id = key_of_id(track.id);
  read_title(track, facts);
  read_artists(track, facts);
  read_album(track, facts);
  make_key(facts);
  return facts;
}

}  // namespace outro
