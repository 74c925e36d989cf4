#include "tracks/version_class.h"

#include <algorithm>

#include "tracks/title_addition.h"
#include "tracks/word_lists.h"

namespace outro {

namespace {

bool is_letter(char32_t c) {
  return fold_table::is_letter(c);
}
bool is_ascii_letter(char32_t c) {
  return c < 0x80 && is_letter(c);
}
bool is_kana(char32_t c) {
  return c >= 0x3041 && c <= 0x30fa && c != 0x3099 && c != 0x309a;
}

bool has_letters(std::u32string_view text) {
  return std::any_of(text.begin(), text.end(), is_letter);
}

/// Latin letters count only as whole words. Other scripts, such as Chinese, have no spaces between words.
bool is_whole(std::u32string_view text, std::size_t at, std::u32string_view word) {
  const auto end = at + word.size();
  return !(is_ascii_letter(word.front()) && at > 0 && is_ascii_letter(text[at - 1])) &&
         !(is_ascii_letter(word.back()) && end < text.size() && is_ascii_letter(text[end]));
}

bool is_year(std::u32string_view text) {
  return text.size() == 4 && (text.starts_with(U"19") || text.starts_with(U"20")) &&
         std::all_of(text.begin(), text.end(), [](char32_t c) { return c >= '0' && c <= '9'; });
}

std::uint16_t year_of(std::u32string_view text) {
  unsigned year = 0;
  for (const auto c : text) year = year * 10 + static_cast<unsigned>(c - '0');
  return static_cast<std::uint16_t>(year);
}

/// Versions of which a song may have several, distinguished by the other words of the addition ("Alan Walker
/// Remix"). A concert's place or date does not make another recording by itself.
constexpr version_set distinguished_by_detail = version::remix | version::edit | version::extended |
                                                version::sped_up | version::slowed | version::clean |
                                                version::tv_size;

/// What an album's name may say of all its tracks. Albums of remixes, edits and covers have other tracks too.
constexpr version_set told_by_albums = version::live | version::instrumental | version::acoustic |
                                       version::demo | version::a_cappella | version::clean |
                                       version::sped_up | version::slowed;

/// The last two code points of a text as one. No word of a list that ends titles is shorter.
char32_t pair_of(std::u32string_view text) {
  return text[text.size() - 2] * 61 + text.back();
}

}  // namespace

title_reader::title_reader()
    : words_(version_words_of(word_lists::version_words)),
      tails_(version_words_of(word_lists::title_endings)),
      album_words_(version_words_of(word_lists::album_words)) {
  add_language_words();
  for (std::size_t i = 0; i < words_.size(); ++i)
    starts_[words_[i].text.front() % starts_.size()].push_back(static_cast<std::uint16_t>(i));
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    tail_pairs_.add(pair_of(tails_[i].text));
    tail_ends_[tails_[i].text.back() % tail_ends_.size()].push_back(static_cast<std::uint16_t>(i));
  }
  for (std::size_t i = 0; i < album_words_.size(); ++i) {
    album_filter_.add(album_words_[i].text.front());
    album_starts_[album_words_[i].text.front() % album_starts_.size()].push_back(
        static_cast<std::uint16_t>(i));
  }
  for (auto& generic : words_of(word_lists::generic_words)) generic_.push_back(std::move(generic.word));
}

/// "Japanese Version", "日语版": the languages with the words that may follow them.
void title_reader::add_language_words() {
  const auto longer = [](const version_word& a, const version_word& b) {
    return a.text.size() > b.text.size();
  };
  for (const auto& [name, languages] : languages_.names()) {
    const bool latin = name.front() < 0x80;
    const auto endings = latin ? std::vector<std::u32string>{U" version", U" ver", U" vers"}
                               : std::vector<std::u32string>{U"版", U"版本", U"ver", U"バージョン"};
    for (const auto& ending : endings) {
      words_.push_back({name + ending, 0, remark::none, languages});
      if (latin || name.size() > 1) tails_.push_back({name + ending, 0, remark::none, languages});
    }
  }
  std::stable_sort(words_.begin(), words_.end(), longer);
  std::stable_sort(tails_.begin(), tails_.end(), longer);
}

/// The language whose name is all that is left of an addition: "(Japanese)", "(国)".
language_set title_reader::language_of(std::u32string_view rest) const {
  return languages_.named(rest);
}

/// Finds known words in `text` and blanks them.
title_reader::findings title_reader::find_words(std::u32string& text) const {
  findings found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const auto i : starts_[text[at] % starts_.size()]) {
      const auto& w = words_[i];
      if (text.compare(at, w.text.size(), w.text) != 0 || !is_whole(text, at, w.text)) continue;
      found.versions |= w.versions;
      found.languages |= w.languages;
      found.remastered |= w.kind == remark::remaster;
      if (w.kind == remark::format) found.remarks.push_back(w.text);
      found.nothing |= w.kind == remark::nothing;
      std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), w.text.size(), U' ');
      break;
    }
  }
  return found;
}

/// The letters of the words that are not generic.
void title_reader::append_specific(std::u32string_view text, std::u32string& out) const {
  while (!text.empty()) {
    const auto end = std::min(text.find(U' '), text.size());
    const auto word = text.substr(0, end);
    if (!word.empty() && std::find(generic_.begin(), generic_.end(), word) == generic_.end()) out += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// The words of a part of an addition, one space between them: apostrophes go, and every other mark
/// separates.
void title_reader::space_words(const fold_table& table, std::u32string_view part) {
  spaced_.clear();
  const bool kana = std::any_of(part.begin(), part.end(), is_kana);
  for (const auto c : part) {
    if (c == '\'') continue;
    if (is_letter(c))
      spaced_ += kana ? c : table.simplified(c);
    else if (!spaced_.empty() && spaced_.back() != ' ')
      spaced_ += U' ';
  }
  while (!spaced_.empty() && spaced_.back() == ' ') spaced_.pop_back();
}

/// Reads one part of an addition. Unknown words are appended to `unknown`.
void title_reader::read_part(const fold_table& table, std::u32string_view part, title_parts& out,
                             findings& all, std::u32string& unknown) {
  space_words(table, part);
  if (spaced_.empty()) return;
  if (is_year(spaced_)) {
    out.master_year = year_of(spaced_);
    return;
  }
  const bool source = spaced_.starts_with(U"from ");
  const auto found = find_words(spaced_);
  all.versions |= found.versions;
  all.languages |= found.languages;
  all.remastered |= found.remastered;
  std::u32string rest;
  append_specific(spaced_, rest);
  if (const auto alone = language_of(rest); alone != 0) {
    all.languages |= alone;
    rest.clear();
  }
  if ((found.versions & distinguished_by_detail) == 0 && is_year(rest)) {
    out.master_year = year_of(rest);
    rest.clear();
  }
  if ((found.versions & distinguished_by_detail) != 0) {
    out.detail += rest;
  } else if (found.versions != 0 || found.remastered || !found.remarks.empty()) {
    for (const auto word : found.remarks) out.remarks.emplace_back(word);
    if (!rest.empty()) out.remarks.push_back(rest);
  } else if (!source && !found.nothing) {
    unknown.append(U" ").append(rest);
  }
}

/// Reads an addition. Its unknown words stay part of the title, unless they describe a concert.
void title_reader::read_addition(const fold_table& table, std::u32string_view addition, title_parts& out,
                                 unsigned depth) {
  std::u32string text(addition), unknown;
  if (const auto inner = text.find(U'('); inner != text.npos && depth < 3) {
    const auto [length, inside] = addition_at(text, inner, true);
    const std::u32string nested(inside);
    text.erase(inner, length);
    read_addition(table, text, out, depth + 1);
    return read_addition(table, nested, out, depth + 1);
  }
  cut_guests(text, true, out);
  findings all;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(U';', at), text.find(U" / ", at));
    end = std::min(end, text.size());
    read_part(table, std::u32string_view(text).substr(at, end - at), out, all, unknown);
    at = end + (end < text.size() && text[end] == ' ' ? 3 : 1);
  }
  out.versions |= all.versions;
  out.languages |= all.languages;
  out.remastered |= all.remastered;
  if ((all.versions & version::live) != 0) {
    if (has_letters(unknown)) out.remarks.push_back(unknown);  // a place, a date
  } else {
    base_ += unknown;
  }
}

/// Removes "feat. A & B" from the end of `text` and adds it to the guests. In brackets, "with A" as well.
void title_reader::cut_guests(std::u32string& text, bool in_brackets, title_parts& out) {
  // Spellings of one word, in code because the search for their common first letter depends on them.
  static constexpr std::u32string_view words[] = {U"featuring", U"feat", U"ft"};
  const auto take = [&](std::size_t at, std::size_t length) {
    out.guests.push_back(text.substr(at + length));
    text.resize(at);
  };
  if (in_brackets && (text.starts_with(U"with ") || text.starts_with(U"w/")))
    return take(0, text[1] == '/' ? 2 : 5);
  for (auto at = text.find(U'f'); at != text.npos; at = text.find(U'f', at + 1))
    for (const auto word : words) {
      const auto end = at + word.size();
      if (text.compare(at, word.size(), word) != 0 || !is_whole(text, at, word)) continue;
      // A name must follow, and a title must remain.
      if (end >= text.size() || (text[end] != '.' && text[end] != ' ')) continue;
      if (!has_letters(text.substr(end)) || (!in_brackets && !has_letters(text.substr(0, at)))) continue;
      return take(at, word.size());
    }
}

/// The known word that ends a text, which ends in a letter and has another before the word; or null.
const version_word* title_reader::tail_of(std::u32string_view text) const {
  if (text.size() < 2 || !tail_pairs_.may_have(pair_of(text))) return nullptr;
  for (const auto i : tail_ends_[text.back() % tail_ends_.size()]) {
    const auto& w = tails_[i];
    if (!text.ends_with(w.text)) continue;
    const auto at = text.size() - w.text.size();
    if (is_whole(text, at, w.text) && has_letters(text.substr(0, at))) return &w;
  }
  return nullptr;
}

void title_reader::cut_tail(title_parts& out) {
  for (;;) {
    while (!base_.empty() && !is_letter(base_.back())) base_.pop_back();
    if (base_.empty()) return;
    const auto* const w = tail_of(base_);
    if (w == nullptr) return;
    base_.resize(base_.size() - w->text.size());
    out.versions |= w->versions;
    out.languages |= w->languages;
    out.remastered |= w->kind == remark::remaster;
    if (w->kind == remark::format) out.remarks.emplace_back(w->text);
  }
}

/// Whether reading the text as a title may find more than a name: a mark that begins an addition, a guest, or
/// a word that ends a title.
bool title_reader::has_additions(std::u32string_view text) const {
  if (text.find_first_of(U"(-~") != text.npos) return true;
  for (auto at = text.find(U'f'); at != text.npos; at = text.find(U'f', at + 1))
    if (const auto rest = text.substr(at + 1); rest.starts_with(U"t") || rest.starts_with(U"eat"))
      return true;
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return !text.empty() && tail_of(text) != nullptr;
}

/// Clears all parts but the name.
static void clear_additions(title_parts& parts) {
  parts.detail.clear();
  parts.remarks.clear();
  parts.guests.clear();
  parts.versions = 0;
  parts.languages = 0;
  parts.master_year = 0;
  parts.remastered = false;
  parts.words = {};
}

/// A year beside a concert is the concert's, not a master's.
static void settle_year(title_parts& parts) {
  if ((parts.versions & version::live) == 0 || parts.remastered || parts.master_year == 0) return;
  std::u32string year;
  for (const char c : std::to_string(parts.master_year)) year += static_cast<char32_t>(c);
  parts.remarks.push_back(year);
  parts.master_year = 0;
}

void title_reader::read(const fold_table& table, const folded_text& title, title_parts& out) {
  clear_additions(out);
  out.name.clear();
  base_.clear();
  const std::u32string_view text = title.points;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = text[at];
    const bool mark = c == '(' || c == '-' || c == '~';
    const auto [length, inside] = mark ? addition_at(text, at, has_letters(base_)) : addition{};
    if (length == 0) {
      base_ += c;
      ++at;
      continue;
    }
    base_ += U' ';
    read_addition(table, inside, out);
    base_ += U' ';
    at += length;
  }
  cut_guests(base_, false, out);
  if (title.has_traditional)
    simplify(table, base_);  // after the guests: their kana says nothing of the title
  cut_tail(out);
  out.words = title_words_.read(base_);
  append_letters(base_, out.name);
  if (!out.name.empty()) {
    settle_year(out);
    std::sort(out.remarks.begin(), out.remarks.end());
    return;
  }
  // The title is an addition alone, "(Live)" or "- Remix -": that is its name, and it says nothing else.
  clear_additions(out);
  append_letters(text, out.name);
}

/// "Live at" is a concert's album only if a place follows.
static bool needs_place(std::u32string_view word) {
  return word.ends_with(U" at") || word.ends_with(U" from") || word.ends_with(U" in");
}

album_parts title_reader::read_album(const fold_table& table, const folded_text& album) {
  album_parts found;
  const std::u32string_view text = album.points;
  if (has_additions(text)) {
    read(table, album, of_album_);
    found = {of_album_.versions, of_album_.languages};
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!album_filter_.may_have(text[at])) continue;
    if (at > 0 && is_ascii_letter(text[at]) && is_ascii_letter(text[at - 1])) continue;
    for (const auto i : album_starts_[text[at] % album_starts_.size()]) {
      const auto& w = album_words_[i];
      if (text.compare(at, w.text.size(), w.text) == 0 && is_whole(text, at, w.text) &&
          (!needs_place(w.text) || at + w.text.size() < text.size()))
        found.versions |= w.versions;
    }
  }
  found.versions &= told_by_albums;
  return found;
}

}  // namespace outro
