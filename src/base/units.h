/// @file
/// Numbers that people write and read: sizes, durations, instants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace outro {

/// "512M", "1G", "300k", "4096": binary multiples (1K = 1024 bytes). Empty for anything else.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// 1536 -> "1.5 KiB".
std::string format_size(std::uint64_t bytes);

/// 3725 s -> "1 h 2 min"; below a minute "12 s".
std::string format_duration(double seconds);

/// 11234567 -> "11,234,567".
std::string format_count(std::uint64_t n);

/// Appends milliseconds since 1970 as ISO 8601 in UTC, with the milliseconds only where they are not zero:
/// 2021-01-28T02:40:00Z. Appends nothing outside the years 0 to 9999.
void append_iso8601(std::string& out, std::int64_t ms);
/// The same into at least `iso8601_room` bytes; returns its end.
char* write_iso8601(char* out, std::int64_t ms);
inline constexpr std::size_t iso8601_room = 24;

/// "2021-03-05T00:00:00+08:00" -> milliseconds since 1970; seconds and their fraction may be left out, the
/// offset from UTC (or Z) may not. Empty for anything else, and outside the years 0 to 9999.
std::optional<std::int64_t> parse_iso8601(std::string_view text);

/// Milliseconds since 1970 now.
std::int64_t now_ms();

}  // namespace outro
