#include "faults.h"

#include <algorithm>
#include <array>

namespace outro::generate {

namespace {

struct fault_facts {
  std::string_view name;
  std::string_view reason;
};

constexpr std::array<fault_facts, fault_count> facts = {{
    {"none", "-"},
    {"malformed", "MALFORMED"},
    {"bad-utf8", "BAD_UTF8"},
    {"missing-id", "ID_MISSING"},
    {"duplicate-id", "-"},
    {"duplicate-key", "ID_DUPLICATE"},
    {"oversized", "TOO_LARGE"},
    {"deep", "TOO_DEEP"},
    {"repeated-pages", "-"},
    {"truncated", "MALFORMED"},
    {"huge", "-"},
}};

std::uint64_t count_of(double rate, std::uint64_t accounts) {
  if (rate <= 0) return 0;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rate * static_cast<double>(accounts) + 0.5));
}

/// The first `pattern` in the document after a random place (wrapping to its begin), or npos.
std::size_t find_somewhere(const text_buffer& text, std::size_t begin, std::string_view pattern,
                           random_stream& random) {
  const std::string_view document = text.view(begin, text.size() - begin);
  std::size_t at = document.find(pattern, random.below(document.size()));
  if (at == std::string_view::npos) at = document.find(pattern);
  return at == std::string_view::npos ? at : begin + at;
}

}  // namespace

std::string_view name_of(fault kind) {
  return facts[static_cast<std::size_t>(kind)].name;
}
std::string_view reason_of(fault kind) {
  return facts[static_cast<std::size_t>(kind)].reason;
}

fault_plan::fault_plan(const options& wanted)
    : seed_(wanted.seed),
      accounts_(wanted.accounts),
      eligible_(wanted.accounts - (wanted.truncated ? 1 : 0)),
      truncated_(wanted.truncated),
      huge_(wanted.huge > 0),
      order_(std::max<std::uint64_t>(1, eligible_), hash(wanted.seed, purpose::fault_order, 0)) {
  const std::array<double, fault_count> rates = {0,
                                                 wanted.malformed,
                                                 wanted.bad_utf8,
                                                 wanted.missing_id,
                                                 wanted.duplicate_id,
                                                 wanted.duplicate_key,
                                                 wanted.oversized,
                                                 wanted.deep,
                                                 wanted.repeated_pages,
                                                 0,
                                                 0};
  for (std::size_t i = 0; i < fault_count; ++i) {
    planned_ += count_of(rates[i], accounts_);
    ends_[i] = planned_;
  }
}

fault fault_plan::of(std::uint64_t account) const {
  if (truncated_ && account + 1 == accounts_) return fault::truncated;
  if (planned_ == 0) return fault::none;
  const std::uint64_t place = order_.place_of(account);
  if (place >= planned_) return fault::none;
  std::size_t i = 0;
  while (place >= ends_[i]) ++i;
  return static_cast<fault>(i);
}

std::vector<extra_document> fault_plan::extra_documents() const {
  std::vector<extra_document> extra;
  if (huge_) extra.push_back({accounts_ / 2, accounts_, fault::huge});
  const auto kind = static_cast<std::size_t>(fault::duplicate_id);
  for (std::uint64_t place = ends_[kind - 1]; place < ends_[kind]; ++place) {
    const std::uint64_t account = order_.value_at(place);
    const std::uint64_t before = scale(hash(seed_, purpose::second_dump, account, 3), accounts_);
    extra.push_back({before, account, fault::duplicate_id});
  }
  std::sort(extra.begin(), extra.end(), [](const extra_document& a, const extra_document& b) {
    return a.before != b.before ? a.before < b.before : a.account < b.account;
  });
  return extra;
}

bool fault_plan::second_is_newer(std::uint64_t account) const {
  return (hash(seed_, purpose::second_dump, account, 4) & 1) != 0;
}

std::string_view break_grammar(text_buffer& text, std::size_t begin, random_stream& random) {
  enum class at { replace, end };
  struct mode {
    std::string_view name;
    at where;
    std::string_view pattern;  ///< for `end`, the closing brace is the pattern
    std::string_view text;
  };
  static constexpr std::array<mode, 22> modes = {{
      {"double-comma", at::replace, ",\"profile\":", ",,\"profile\":"},
      {"missing-colon", at::replace, "\"profile\":{", "\"profile\"{"},
      {"missing-comma", at::replace, ",\"profile\":", "\"profile\":"},
      {"leading-zero", at::replace, "\"exportedAt\":", "\"exportedAt\":0"},
      {"plus-sign", at::replace, "\"exportedAt\":", "\"exportedAt\":+"},
      {"control-character", at::replace, "\"nickName\":\"", "\"nickName\":\"\x01"},
      {"raw-tab", at::replace, "\"nickName\":\"", "\"nickName\":\"\t"},
      {"bad-escape", at::replace, "\"nickName\":\"", "\"nickName\":\"\\x41"},
      {"short-unicode-escape", at::replace, "\"nickName\":\"", "\"nickName\":\"\\u12g4"},
      {"single-quotes", at::replace, "\"nickName\":\"", "'nickName':\""},
      {"track-fraction", at::replace, "\"songStatus\":0", "\"songStatus\":0."},
      {"track-exponent", at::replace, "\"songStatus\":0", "\"songStatus\":0e"},
      {"track-quote", at::replace, "\"songName\":\"", "\"songName\":\"\""},
      {"track-comma", at::replace, "{\"songId\":", "{,\"songId\":"},
      {"entry-bracket", at::replace, "\"song\":{", "\"song\":[{"},
      {"mismatched-end", at::end, {}, "]"},
      {"trailing-comma", at::end, {}, ",}"},
      {"unknown-literal", at::end, {}, ",\"ext\":[nulll]}"},
      {"not-a-number", at::end, {}, ",\"ext\":NaN}"},
      {"second-root", at::end, {}, "}{}"},
      {"garbage-after", at::end, {}, "}]"},
      {"array-holes", at::end, {}, ",\"ext\":[1,,2]}"},
  }};
  const std::uint64_t choice = random.below(modes.size() + 2);
  if (choice == modes.size()) {
    cut_in_the_middle(text, begin);
    return "cut";
  }
  if (choice == modes.size() + 1) {
    text.truncate(begin);
    text.put("<html><head><title>502 Bad Gateway</title></head></html>");
    return "error-page";
  }
  mode chosen = modes[choice];
  std::size_t place = std::string_view::npos;
  if (chosen.where == at::replace) place = find_somewhere(text, begin, chosen.pattern, random);
  if (place == std::string_view::npos) {
    if (chosen.where == at::replace) chosen = modes[15];  // no track in this document
    text.truncate(text.size() - 1);
    text.put(chosen.text);
  } else {
    text.replace(place, chosen.pattern.size(), chosen.text);
  }
  return chosen.name;
}

std::string_view break_utf8(text_buffer& text, std::size_t begin, random_stream& random) {
  struct mode {
    std::string_view name;
    std::string_view bytes;
  };
  static constexpr std::array<mode, 8> modes = {{
      {"lone-continuation", "\x80"},
      {"overlong", "\xc0\xaf"},
      {"cut-sequence", "\xe4\xb8"},
      {"surrogate", "\xed\xa0\x80"},
      {"above-unicode", "\xf4\x90\x80\x80"},
      {"overlong-three", "\xe0\x80\xaf"},
      {"byte-ff", "\xff"},
      {"gbk", "\xcf\xba\xc3\xd7"},
  }};
  const mode& chosen = modes[random.below(modes.size())];
  std::string_view pattern = random.chance(0.5) ? std::string_view("\"songName\":\"") : "\"nickName\":\"";
  std::size_t place = find_somewhere(text, begin, pattern, random);
  if (place == std::string_view::npos) {
    pattern = "\"nickName\":\"";
    place = find_somewhere(text, begin, pattern, random);
  }
  text.replace(place + pattern.size(), 0, chosen.bytes);
  return chosen.name;
}

void cut_in_the_middle(text_buffer& text, std::size_t begin) {
  const auto is_ascii = [&](std::size_t i) { return static_cast<unsigned char>(text.data()[i]) < 0x80; };
  std::size_t end = begin + (text.size() - begin) / 2;
  while (end > begin + 1 && !(is_ascii(end - 1) && is_ascii(end))) --end;
  text.truncate(end);
}

std::size_t put_deep_member(text_buffer& text, random_stream& random) {
  static constexpr std::array<std::size_t, 5> depths = {513, 514, 600, 1024, 20'000};
  const std::size_t depth = depths[random.below(depths.size())];
  const std::size_t nested = depth - 1;
  text.put(",\"ext\":");
  switch (random.below(3)) {
    case 0:
      text.put_fill('[', nested);
      text.put_fill(']', nested);
      break;
    case 1:
      for (std::size_t i = 0; i < nested; ++i) text.put("{\"a\":");
      text.put("null");
      text.put_fill('}', nested);
      break;
    default:
      for (std::size_t i = 0; i < nested; ++i) text.put(i % 2 == 0 ? std::string_view("[") : "{\"\":");
      text.put('0');
      for (std::size_t i = nested; i-- > 0;) text.put(i % 2 == 0 ? ']' : '}');
      break;
  }
  return depth;
}

}  // namespace outro::generate
