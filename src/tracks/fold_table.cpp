#include "tracks/fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>

#include <memory>
#include <stdexcept>

namespace outro {

namespace {

void check(UErrorCode error) {
  if (U_FAILURE(error)) throw std::runtime_error(std::string("ICU: ") + u_errorName(error));
}

const icu::Normalizer2& casefold() {
  UErrorCode error = U_ZERO_ERROR;
  const auto* n = icu::Normalizer2::getNFKCCasefoldInstance(error);
  check(error);
  return *n;
}

/// The ASCII mark for a mark that NFKC would decompose, or that titles use differently from its Unicode
/// category; otherwise 0.
char32_t special_mark(char32_t c) {
  switch (c) {
    case U'×':  // joins artists; Unicode makes it a symbol
      return '|';
    case U'’':
    case U'‘':
    case U'´':
    case U'`':
    case U'ʼ':
      return '\'';
    case U'〜':
    case U'∼':
      return '~';
    case U'、':
    case U'､':
      return ',';
    case U'〈':
    case U'〉':
    case U'《':
    case U'》':
    case U'「':
    case U'」':
    case U'『':
    case U'』':
    case U'｢':
    case U'｣':
    case U'„':
    case U'‚':
      return '"';
    case U'−':
      return '-';
    default:
      return 0;
  }
}

/// The ASCII mark for all punctuation of its kind.
char32_t mark_of(char32_t c) {
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_START_PUNCTUATION:
      return '(';
    case U_END_PUNCTUATION:
      return ')';
    case U_INITIAL_PUNCTUATION:
    case U_FINAL_PUNCTUATION:
      return '"';
    case U_DASH_PUNCTUATION:
      return '-';
    case U_SPACE_SEPARATOR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return ' ';
    default:
      return '.';
  }
}

bool is_plain_mark(char32_t c) {
  return c < 0x80 && std::string_view("()-~'\"&/;,| ").find(static_cast<char>(c)) != std::string_view::npos;
}

/// A code point as in the table: letters stay, and marks become the ASCII mark of their kind.
char32_t canonical(char32_t c) {
  if (fold_table::is_letter(c) && c < 0x80) return c;
  if (is_plain_mark(c)) return c;
  if (const auto mark = special_mark(c); mark != 0) return mark;
  if (c == '\t' || c == '\n' || c == '\r') return ' ';
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  if (c >= 0x80 && (mask & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK | U_GC_SC_MASK)) != 0) return c;
  return mark_of(c);
}

bool is_dropped(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  const auto cp = static_cast<UChar32>(c);
  return u_hasBinaryProperty(cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 ||
         (U_GET_GC_MASK(cp) & (U_GC_CC_MASK | U_GC_CF_MASK)) != 0;
}

bool is_kana(char32_t c) {
  return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) || (c >= 0x31f0 && c <= 0x31ff) ||
         (c >= 0xff66 && c <= 0xff9d && c != 0xff70);
}

bool is_vietnamese(char32_t c) {
  return (c >= 0x1ea0 && c <= 0x1ef9) || c == 0x1a1 || c == 0x1b0;
}

std::u32string folded_text(const icu::Normalizer2& n, char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  const auto text = n.normalize(icu::UnicodeString(static_cast<UChar32>(c)), error);
  check(error);
  std::u32string points;
  for (int i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    points += static_cast<char32_t>(text.char32At(i));
  return points;
}

}  // namespace

fold_table::fold_table() {
  read_simplified();
  read_latin();
  read_folding();
}

/// Converts each character alone: ICU's rules with context would choose between forms by guessing words.
void fold_table::read_simplified() {
  constexpr char32_t end = 0xa000;
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> rules(
      icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, error));
  check(error);
  icu::UnicodeString text;
  for (char32_t c = first_han; c < end; ++c)
    text.append(static_cast<UChar32>(c)).append(static_cast<char16_t>('\n'));
  rules->transliterate(text);
  for (int i = 0; i < text.length(); i = text.moveIndex32(i, 2))
    simplified_.push_back(static_cast<char32_t>(text.char32At(i)));
  if (simplified_.size() != end - first_han)
    throw std::runtime_error("ICU: Traditional-Simplified maps one character to several");
}

void fold_table::read_latin() {
  constexpr char32_t end = 0x1f00;
  without_marks_.resize(end);
  UErrorCode error = U_ZERO_ERROR;
  const auto* nfd = icu::Normalizer2::getNFDInstance(error);
  check(error);
  for (char32_t c = 0xc0; c < end; c = c == 0x24f ? 0x1e00 : c + 1) {
    icu::UnicodeString text;
    if (nfd->getDecomposition(static_cast<UChar32>(c), text) == 0) continue;
    const auto base = static_cast<char32_t>(text.char32At(0));
    if (base < 0x80 && is_letter(base)) without_marks_[c] = base;
  }
}

std::uint32_t fold_table::entry_of(char32_t c) {
  const auto& n = casefold();
  const auto cp = static_cast<UChar32>(c);
  std::uint32_t flags = 0;
  if (is_kana(c)) flags |= folded::kana;
  if (is_vietnamese(c)) flags |= folded::vietnamese;
  if (n.hasBoundaryBefore(cp) == 0 || (c >= 0x3099 && c <= 0x309a) || (c >= 0xff9e && c <= 0xff9f))
    flags |= folded::composes;
  if (const auto mark = special_mark(c); mark != 0) return flags | mark;
  auto points = folded_text(n, c);
  if (is_dropped(c)) return flags | folded::drop;
  for (auto& p : points) p = canonical(p);
  if (points.empty()) return flags | folded::drop;
  if (points.size() > 1) {
    expansions_.push_back(std::move(points));
    return flags | folded::expand | static_cast<std::uint32_t>(expansions_.size() - 1);
  }
  if (is_vietnamese(points[0])) flags |= folded::vietnamese;
  if (without_marks(points[0]) != points[0]) flags |= folded::accented;
  if (simplified(points[0]) != points[0]) flags |= folded::han;
  return flags | points[0];
}

void fold_table::read_folding() {
  constexpr char32_t end = 0x10000;
  bmp_.resize(end);
  for (char32_t c = 0; c < end; ++c) {
    const bool plain = (c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xd7a4);
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    if (surrogate)
      bmp_[c] = folded::drop;
    else if (plain && !(c >= 0x4dc0 && c < 0x4e00))
      bmp_[c] = c | (simplified(c) != c ? folded::han : 0);
    else
      bmp_[c] = entry_of(c);
  }
}

/// Code points above U+FFFF: emoji, mathematical letters, rare Han. They are rare enough to ask ICU each
/// time.
std::uint32_t fold_table::fold_rare(char32_t c) const {
  if (c > 0x10ffff || is_dropped(c)) return folded::drop;
  const auto& n = casefold();
  if (n.hasBoundaryBefore(static_cast<UChar32>(c)) == 0) return folded::composes | c;
  const auto points = folded_text(n, c);
  // Code points that fold to several are symbols here, such as squared words.
  return points.size() == 1 ? canonical(points[0]) : static_cast<std::uint32_t>('.');
}

std::string fold_by_icu(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto folded = casefold().normalize(
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size()))), error);
  check(error);
  std::string utf8;
  folded.toUTF8String(utf8);
  return utf8;
}

}  // namespace outro
