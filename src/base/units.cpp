#include "base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

namespace outro {

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  auto suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  if (suffix.ends_with("iB")) suffix.remove_suffix(2);
  if (suffix.empty()) return value;
  if (suffix.size() != 1) return std::nullopt;
  static constexpr std::string_view units = "KMGT";
  const char upper = static_cast<char>(suffix[0] >= 'a' ? suffix[0] - 'a' + 'A' : suffix[0]);
  const auto power = units.find(upper);
  if (power == std::string_view::npos) return std::nullopt;
  const auto shift = 10 * (power + 1);
  if (value > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::nullopt;
  return value << shift;
}

std::string format_size(std::uint64_t bytes) {
  static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  char text[32];
  (void)std::snprintf(text, sizeof text, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value,
                      units[unit]);
  return text;
}

std::string format_duration(double seconds) {
  char text[48];
  const auto s = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (s < 60)
    (void)std::snprintf(text, sizeof text, "%lld s", s);
  else if (s < 3600)
    (void)std::snprintf(text, sizeof text, "%lld min %lld s", s / 60, s % 60);
  else
    (void)std::snprintf(text, sizeof text, "%lld h %lld min", s / 3600, s / 60 % 60);
  return text;
}

std::string format_count(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

/// Writes two decimal digits of a value below 100.
static char* two_digits(char* out, unsigned value) {
  static constexpr auto pairs = [] {
    std::array<char, 200> digits{};
    for (unsigned i = 0; i < 100; ++i) {
      digits[2 * i] = static_cast<char>('0' + i / 10);
      digits[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return digits;
  }();
  return std::copy_n(&pairs[2 * std::size_t{value}], 2, out);
}

char* write_iso8601(char* out, std::int64_t ms) {
  constexpr std::int64_t first = -62167219200000, last = 253402300799999;  // 0000-01-01 to 9999-12-31
  if (ms < first || ms > last) return out;
  using namespace std::chrono;
  const auto instant = sys_time<milliseconds>(milliseconds(ms));
  const auto day = floor<days>(instant);
  const year_month_day date(day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto in_day = static_cast<unsigned>((instant - day).count());
  const auto second = in_day / 1000, millisecond = in_day % 1000;
  char* p = two_digits(two_digits(out, year / 100), year % 100);
  const auto add = [&p](char before, unsigned value) {
    *p++ = before;
    p = two_digits(p, value);
  };
  add('-', static_cast<unsigned>(date.month()));
  add('-', static_cast<unsigned>(date.day()));
  add('T', second / 3600);
  add(':', second / 60 % 60);
  add(':', second % 60);
  if (millisecond != 0) {
    *p++ = '.';
    *p++ = static_cast<char>('0' + millisecond / 100);
    p = two_digits(p, millisecond % 100);
  }
  *p++ = 'Z';
  return p;
}

void append_iso8601(std::string& out, std::int64_t ms) {
  char text[iso8601_room];
  out.append(text, write_iso8601(text, ms));
}

namespace {

/// Takes parts off the front of a text; a part that does not fit sets `wrong`.
struct text_parts {
  std::string_view rest;
  bool wrong = false;

  unsigned number(std::size_t digits) {
    const auto text = rest.substr(0, digits);
    if (text.size() < digits || text.find_first_not_of("0123456789") != text.npos) {
      wrong = true;
      return 0;
    }
    unsigned value = 0;
    for (const char c : text) value = 10 * value + static_cast<unsigned>(c - '0');
    rest.remove_prefix(digits);
    return value;
  }
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void must(char c) { wrong = !take(c) || wrong; }
};

}  // namespace

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  text_parts t{text};
  const auto y = t.number(4);
  t.must('-');
  const auto m = t.number(2);
  t.must('-');
  const auto d = t.number(2);
  if (!t.take('T')) t.must(' ');
  const auto hour = t.number(2);
  t.must(':');
  const auto minute = t.number(2);
  unsigned second = 0, millisecond = 0;
  if (t.take(':')) second = t.number(2);
  if (t.take('.')) {
    unsigned scale = 100;
    t.wrong = t.wrong || t.rest.empty() || t.rest.front() < '0' || t.rest.front() > '9';
    for (; !t.wrong && !t.rest.empty() && t.rest.front() >= '0' && t.rest.front() <= '9'; scale /= 10)
      millisecond += scale * t.number(1);
  }
  std::int64_t offset = 0;  // minutes
  if (!t.take('Z')) {
    const bool west = t.take('-');
    if (!west) t.must('+');
    const auto hours = t.number(2);
    t.take(':');
    const auto minutes = t.rest.empty() ? 0 : t.number(2);
    t.wrong = t.wrong || hours > 23 || minutes > 59;
    offset = (west ? -1 : 1) * static_cast<std::int64_t>(hours * 60 + minutes);
  }
  const year_month_day date(year(static_cast<int>(y)), month(m), day(d));
  if (t.wrong || !t.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  const auto in_day = (static_cast<std::int64_t>(hour) * 60 + minute - offset) * 60 + second;
  return (sys_days(date).time_since_epoch().count() * 86'400LL + in_day) * 1000 + millisecond;
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace outro
