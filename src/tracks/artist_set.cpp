#include "tracks/artist_set.h"

#include <xxhash.h>

#include <algorithm>

#include "base/utf8.h"

namespace outro {

namespace {

/// Well-known names with a separator inside. Those with "& the" need not be here.
constexpr std::string_view names_with_separators[] = {
    "ac/dc",
    "tyler, the creator",
    "simon & garfunkel",
    "earth, wind & fire",
    "emerson, lake & palmer",
    "crosby, stills & nash",
    "crosby, stills, nash & young",
    "hall & oates",
    "daryl hall & john oates",
    "mumford & sons",
    "peter, paul & mary",
    "blood, sweat & tears",
    "ike & tina turner",
    "sonny & cher",
    "sam & dave",
    "seals & crofts",
    "loggins & messina",
    "brooks & dunn",
    "big & rich",
    "dan + shay",
    "salt-n-pepa",
    "nick & simon",
    "zager & evans",
    "peaches & herb",
    "captain & tennille",
    "jan & dean",
    "ashford & simpson",
    "bell & sebastian",
    "belle & sebastian",
    "angus & julia stone",
    "kings of leon",
    "chas & dave",
    "robson & jerome",
    "ashton, gardner & dyke",
    "above & beyond",
    "aly & fila",
    "aly & aj",
    "matt & kim",
    "she & him",
    "of monsters & men",
    "marina & the diamonds",
    "iron & wine",
    "coheed & cambria",
    "hootie & the blowfish",
    "echo & the bunnymen",
    "derek & the dominos",
    "kool & the gang",
    "sly & the family stone",
    "wet wet wet",
    "medeski, martin & wood",
    "dave dee, dozy, beaky, mick & tich",
    "scott & brendo",
    "macklemore & ryan lewis",
    "axwell /\\ ingrosso",
    "sunn o)))",
    "rizzle kicks",
    "chase & status",
    "nico & vinz",
    "lilly wood & the prick",
    "alex & sierra",
    "us3",
    "k/da",
    "dj/rupture",
    "invisible/hands",
    "v/a",
    "w/n",
    "y & t",
    "a&m",
    "b&d",
    "p.o.d.",
    "gzuz & bonez",
    "flo & eddie",
    "chad & jeremy",
    "peter & gordon",
    "mel & kim",
    "althea & donna",
    "dick & dee dee",
    "rodrigo y gabriela",
    "tegan & sara",
    "foster & allen",
    "rosenberg & co",
    "gilbert & sullivan",
    "rodgers & hammerstein",
    "lerner & loewe",
    "kander & ebb",
    "fo&o",
    "mike & the mechanics",
    "me first & the gimme gimmes",
};

/// Credits that name nobody: a title and a length alone are no evidence.
constexpr std::string_view nobodies[] = {
    "various artists", "various", "va",     "v.a.",     "群星",       "华语群星",       "欧美群星",
    "日韩群星",        "佚名",    "未知",   "未知歌手", "未知艺术家", "unknown artist", "unknown",
    "オムニバス",      "合辑",    "原声带", "纯音乐",   "网络歌手",   "soundtrack",
};

void append_code_points(std::string_view text, std::u32string& out) {
  while (!text.empty()) out += take_code_point(text);
}

bool is_letter(char32_t c) {
  return fold_table::is_letter(c);
}

/// Words that join artists, with a space on both sides.
constexpr std::u32string_view joining_words[] = {
    U"feat.", U"feat", U"ft.", U"ft", U"featuring", U"with", U"x", U"vs.", U"vs", U"presents", U"pres."};

/// The end of the separator at `at`, or `at` where there is none.
std::size_t separator_end(std::u32string_view text, std::size_t at, bool guests) {
  const auto c = text[at];
  if (c == ',' || c == ';' || c == '|' || c == '&') {
    auto behind = text.substr(at + 1);
    while (!behind.empty() && behind.front() == ' ') behind.remove_prefix(1);
    if ((c == ',' || c == '&') && behind.starts_with(U"the ")) return at;
    return at + 1;
  }
  if (c == '/') {
    // "AC/DC": a slash with no space around and at most two letters on either side is part of a name.
    std::size_t left = at, right = at + 1;
    while (left > 0 && is_letter(text[left - 1])) --left;
    while (right < text.size() && is_letter(text[right])) ++right;
    const bool latin = (left < at && text[at - 1] < 0x80) && (right > at + 1 && text[at + 1] < 0x80);
    const bool whole = (left == 0 || text[left - 1] == ',' || text[left - 1] == '/') &&
                       (right == text.size() || text[right] == ',' || text[right] == '/');
    return latin && whole && at - left <= 2 && right - at - 1 <= 2 ? at : at + 1;
  }
  if (c != ' ' && c != '(') return at;
  const auto behind = text.substr(at + 1);
  const auto is_word = [&](std::u32string_view word) {
    return behind.starts_with(word) && behind.size() > word.size() && behind[word.size()] == ' ';
  };
  for (const auto word : joining_words)
    if (is_word(word)) return at + 1 + word.size() + 1;
  if (guests && is_word(U"and") && !behind.starts_with(U"and the ")) return at + 5;
  return at;
}

}  // namespace

artist_splitter::artist_splitter(const fold_table& table) : table_(table) {
  for (const auto name : names_with_separators) {
    std::u32string points, letters;
    append_code_points(name, points);
    append_letters(points, letters);
    longest_whole_ = std::max(longest_whole_, letters.size());
    whole_names_.insert(std::move(letters));
  }
  for (const auto name : nobodies) {
    std::u32string points, letters;
    append_code_points(name, points);
    append_letters(points, letters);
    nobody_.insert(std::move(letters));
  }
}

void artist_splitter::add_name(std::u32string_view name, bool has_traditional,
                               std::vector<std::uint64_t>& set) {
  // What stands in brackets explains the name: another spelling, a role, a country.
  if (const auto bracket = name.find(U'('); bracket != name.npos && bracket > 0) {
    letters_.clear();
    append_letters(name.substr(0, bracket), letters_);
    if (!letters_.empty()) name = name.substr(0, bracket);
  }
  while (!name.empty() && !is_letter(name.front())) name.remove_prefix(1);
  if (name.starts_with(U"the ")) name.remove_prefix(4);
  letters_.clear();
  append_letters(name, letters_);
  if (has_traditional) simplify(table_, letters_);
  if (letters_.empty() || nobody_.contains(letters_)) return;
  set.push_back(XXH3_64bits(letters_.data(), letters_.size() * sizeof(char32_t)));
}

void artist_splitter::add(std::u32string_view credit, bool has_traditional, bool guests,
                          std::vector<std::uint64_t>& set) {
  cuts_.clear();
  for (std::size_t at = 0; at < credit.size();) {
    const auto end = is_letter(credit[at]) ? at : separator_end(credit, at, guests);
    if (end > at) cuts_.emplace_back(at, end);
    at = std::max(at + 1, end > at && credit[end - 1] == ' ' ? end - 1 : end);
  }
  // The longest run of pieces that is a known name stays whole.
  std::size_t begin = 0;
  for (std::size_t next = 0; next <= cuts_.size(); ++next) {
    auto last = next;
    for (std::size_t joined = next; next < cuts_.size() && joined < std::min(next + 6, cuts_.size());
         ++joined) {
      const auto end = joined + 1 < cuts_.size() ? cuts_[joined + 1].first : credit.size();
      // A slash with a space in front is no part of any name.
      if (const auto cut = cuts_[joined].first; credit[cut] == '/' && cut > 0 && credit[cut - 1] == ' ')
        break;
      if (end - begin > 4 * longest_whole_) break;
      letters_.clear();
      append_letters(credit.substr(begin, end - begin), letters_);
      if (letters_.size() <= longest_whole_ && whole_names_.contains(letters_)) last = joined + 1;
    }
    next = last;
    const auto end = next < cuts_.size() ? cuts_[next].first : credit.size();
    if (end > begin) add_name(credit.substr(begin, end - begin), has_traditional, set);
    if (next < cuts_.size()) begin = std::max(begin, cuts_[next].second);
  }
}

void settle(std::vector<std::uint64_t>& set) {
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

}  // namespace outro
