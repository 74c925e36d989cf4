#include "tracks/version_class.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "tracks/version_words.h"

namespace outro {

namespace {

std::u32string code_points(std::string_view text) {
  std::u32string points;
  while (!text.empty()) points += take_code_point(text);
  return points;
}

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

/// Words of Latin letters count only as whole words; others may stand within others, as Chinese is written.
bool is_whole(std::u32string_view text, std::size_t at, std::u32string_view word) {
  const auto end = at + word.size();
  return !(is_ascii_letter(word.front()) && at > 0 && is_ascii_letter(text[at - 1])) &&
         !(is_ascii_letter(word.back()) && end < text.size() && is_ascii_letter(text[end]));
}

bool is_year(std::u32string_view text) {
  return text.size() == 4 && (text.starts_with(U"19") || text.starts_with(U"20")) &&
         std::all_of(text.begin(), text.end(), [](char32_t c) { return c >= '0' && c <= '9'; });
}

/// One word for all that mean a new master; mono, stereo and single versions stay apart.
std::u32string_view canonical(std::u32string_view mastering) {
  for (const auto other : {U"mono", U"stereo", U"single", U"单曲", U"hi res"})
    if (mastering.starts_with(other)) return mastering;
  return U"remaster";
}

/// Bits that say which of several of their kind it is must agree word for word; an occasion need not.
constexpr version_set told_apart_by_detail = version::remix | version::edit | version::extended |
                                             version::sped_up | version::slowed | version::clean |
                                             version::tv_size;

constexpr std::array<std::pair<version_set, std::string_view>, 13> names = {{
    {version::live, "live"},
    {version::remix, "remix"},
    {version::instrumental, "instrumental"},
    {version::acoustic, "acoustic"},
    {version::demo, "demo"},
    {version::cover, "cover"},
    {version::edit, "edit"},
    {version::extended, "extended"},
    {version::tv_size, "tv size"},
    {version::sped_up, "sped up"},
    {version::slowed, "slowed"},
    {version::a_cappella, "a cappella"},
    {version::clean, "clean"},
}};

}  // namespace

std::string name_of_versions(version_set versions) {
  std::string text;
  for (const auto& [bit, name] : names)
    if ((versions & bit) != 0) text.append(text.empty() ? "" : "+").append(name);
  return text.empty() ? "studio" : text;
}

title_reader::title_reader() {
  for (const auto& w : addition_words) words_.push_back({code_points(w.text), w.versions, w.kind});
  for (const auto& w : tail_words) tails_.push_back({code_points(w.text), w.versions, w.kind});
  for (const auto w : generic_words) generic_.push_back(code_points(w));
  const auto longer = [](const version_word& a, const version_word& b) {
    return a.text.size() > b.text.size();
  };
  std::stable_sort(words_.begin(), words_.end(), longer);
  std::stable_sort(tails_.begin(), tails_.end(), longer);
  for (std::size_t i = 0; i < words_.size(); ++i)
    starts_[words_[i].text.front() % starts_.size()].push_back(static_cast<std::uint16_t>(i));
  for (const auto& w : tails_) tail_ends_.set(w.text.back() % tail_ends_.size());
}

/// Finds known words in `text`, blanks them, and says what they tell.
title_reader::told title_reader::find_words(std::u32string& text) const {
  told t;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const auto i : starts_[text[at] % starts_.size()]) {
      const auto& w = words_[i];
      if (text.compare(at, w.text.size(), w.text) != 0 || !is_whole(text, at, w.text)) continue;
      t.versions |= w.versions;
      if (w.kind == remark::mastering) t.mastering.push_back(canonical(w.text));
      t.nothing |= w.kind == remark::nothing;
      std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), w.text.size(), U' ');
      break;
    }
  }
  return t;
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

/// One part of an addition. What nobody knows is left in `unknown`.
void title_reader::read_part(const fold_table& table, std::u32string_view part, title_parts& out, told& all,
                             std::u32string& unknown) {
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
  if (spaced_.empty()) return;
  if (is_year(spaced_)) return void(out.remarks.push_back(spaced_));
  const bool source = spaced_.starts_with(U"from ");
  const auto told = find_words(spaced_);
  all.versions |= told.versions;
  std::u32string rest;
  append_specific(spaced_, rest);
  if ((told.versions & told_apart_by_detail) != 0) {
    out.detail += rest;
  } else if (told.versions != 0 || !told.mastering.empty()) {
    for (const auto word : told.mastering) out.remarks.emplace_back(word);
    if (!rest.empty()) out.remarks.push_back(rest);
  } else if (!source && !told.nothing) {
    unknown.append(U" ").append(rest);
  }
}

/// Takes an addition apart; what is unknown in it stays part of the title.
void title_reader::read_addition(const fold_table& table, std::u32string_view addition, title_parts& out) {
  std::u32string text(addition), unknown;
  cut_guests(text, true, out);
  told all;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(U';', at), text.find(U" / ", at));
    end = std::min(end, text.size());
    read_part(table, std::u32string_view(text).substr(at, end - at), out, all, unknown);
    at = end + (end < text.size() && text[end] == ' ' ? 3 : 1);
  }
  out.versions |= all.versions;
  if ((all.versions & version::live) != 0) {
    if (has_letters(unknown)) out.remarks.push_back(unknown);  // a place, a date
  } else {
    base_ += unknown;
  }
}

/// The length of the addition that begins at `at`, and its inside; 0 where none begins.
std::size_t title_reader::addition_at(std::u32string_view title, std::size_t at,
                                      std::u32string_view& inside) const {
  const auto n = title.size();
  const auto is = [&](std::size_t i, char32_t c) { return i < n && title[i] == c; };
  if (title[at] == '(') {
    int depth = 0;
    auto end = at;
    do {
      if (title[end] == '(') ++depth;
      if (title[end] == ')') --depth;
      ++end;
    } while (end < n && depth > 0);
    inside = title.substr(at + 1, end - at - (depth == 0 ? 2 : 1));
    return end - at;
  }
  if (!has_letters(base_)) return 0;
  if (title[at] == '~') {
    const auto end = title.find(U'~', at + 1);
    if (end == title.npos || end == at + 1) return 0;
    inside = title.substr(at + 1, end - at - 1);
    return end + 1 - at;
  }
  // A dash with a space around; "-Live-" needs one only in front.
  if (!is(at - 1, ' ') && !is(at - 1, ')') && !is(at + 1, ' ')) return 0;
  auto end = at + 1;
  for (; end < n && title[end] != '('; ++end)
    if (title[end] == '-' && (end + 1 == n || title[end - 1] == ' ' || title[end + 1] == ' ')) break;
  inside = title.substr(at + 1, end - at - 1);
  const bool closed = end < n && title[end] == '-' && (end + 1 == n || title[end - 1] != ' ');
  return end - at + (closed ? 1 : 0);
}

/// "… feat. A & B": takes it off `text`. In brackets, "with A" as well.
void title_reader::cut_guests(std::u32string& text, bool in_brackets, title_parts& out) {
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
      // Behind it a name must follow; and a title is not all guests.
      if (end >= text.size() || (text[end] != '.' && text[end] != ' ')) continue;
      if (!has_letters(text.substr(end)) || (!in_brackets && !has_letters(text.substr(0, at)))) continue;
      return take(at, word.size());
    }
}

void title_reader::cut_tail(title_parts& out) {
  for (bool found = true; found;) {
    found = false;
    while (!base_.empty() && !is_letter(base_.back())) base_.pop_back();
    if (base_.empty() || !tail_ends_.test(base_.back() % tail_ends_.size())) return;
    for (const auto& w : tails_) {
      if (!base_.ends_with(w.text) || !is_whole(base_, base_.size() - w.text.size(), w.text)) continue;
      if (!has_letters(std::u32string_view(base_).substr(0, base_.size() - w.text.size()))) continue;
      base_.resize(base_.size() - w.text.size());
      out.versions |= w.versions;
      if (w.kind == remark::mastering) out.remarks.emplace_back(canonical(w.text));
      found = true;
      break;
    }
  }
}

void title_reader::read(const fold_table& table, const folded_text& title, title_parts& out) {
  out.name.clear(), out.detail.clear(), out.remarks.clear(), out.guests.clear();
  out.versions = 0;
  base_.clear();
  const std::u32string_view text = title.points;
  for (std::size_t at = 0; at < text.size();) {
    std::u32string_view inside;
    const auto c = text[at];
    const auto length = c == '(' || c == '-' || c == '~' ? addition_at(text, at, inside) : 0;
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
  if (title.has_traditional) simplify(table, base_);  // a guest's kana doesn't make the title Japanese
  cut_tail(out);
  append_letters(base_, out.name);
  if (!out.name.empty()) {
    std::sort(out.remarks.begin(), out.remarks.end());
    return;
  }
  // Nothing but an addition: "(Live)", "- Remix -". It is the name, and says nothing else.
  out.detail.clear(), out.remarks.clear(), out.guests.clear();
  out.versions = 0;
  append_letters(text, out.name);
}

version_set title_reader::versions_of_album(const fold_table& table, const folded_text& album) {
  const std::u32string_view text = album.points;
  // Most albums say nothing: there is no mark that begins an addition, and no word that ends a title.
  if (text.find_first_of(U"(-~") != text.npos || (!text.empty() && tail_ends_.test(text.back() % 256)))
    read(table, album, of_album_);
  else
    of_album_.versions = 0;
  if (text.find_first_of(U"l演现音ラカ伴") == text.npos) return of_album_.versions;
  // A title's words mean little in the middle of an album's name ("Cover Me", "Live Forever"), these do not.
  static constexpr std::pair<std::u32string_view, version_set> anywhere[] = {
      {U"live at ", version::live},     {U"live in ", version::live},
      {U"live from ", version::live},   {U"演唱会", version::live},
      {U"现场", version::live},         {U"音乐会", version::live},
      {U"ライブ", version::live},       {U"カラオケ", version::instrumental},
      {U"伴奏", version::instrumental},
  };
  for (const auto& [word, versions] : anywhere)
    if (const auto at = text.find(word); at != text.npos && is_whole(text, at, word))
      of_album_.versions |= versions;
  return of_album_.versions;
}

}  // namespace outro
