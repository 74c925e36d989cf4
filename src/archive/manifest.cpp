#include "archive/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace outro {

namespace json = boost::json;

namespace {

/// Parsing takes some ten times as many bytes. No account has a million playlists to list.
constexpr std::size_t max_manifest_bytes = 64U << 20;
constexpr std::size_t max_account_bytes = 128, max_service_bytes = 32, max_recipe_bytes = 128;

/// The first malformed field. Thrown, so that every read stays one line.
struct bad_field {
  std::string name;
};

const json::value& field(const json::object& o, std::string_view name) {
  const auto* value = o.if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr) throw bad_field{std::string(name)};
  return *value;
}

std::uint64_t count(const json::object& o, std::string_view name) {
  const auto& value = field(o, name);
  if (value.is_uint64()) return value.get_uint64();
  if (!value.is_int64() || value.get_int64() < 0) throw bad_field{std::string(name)};
  return static_cast<std::uint64_t>(value.get_int64());
}

std::string text(const json::object& o, std::string_view name, std::size_t most) {
  const auto& value = field(o, name);
  if (!value.is_string() || value.get_string().empty() || value.get_string().size() > most)
    throw bad_field{std::string(name)};
  return {value.get_string().data(), value.get_string().size()};
}

const json::object& object(const json::object& o, std::string_view name) {
  const auto& value = field(o, name);
  if (!value.is_object()) throw bad_field{std::string(name)};
  return value.get_object();
}

/// Whether an optional key is there; the writer leaves such keys out where they are empty or 0.
bool has(const json::object& o, std::string_view name) {
  return o.contains(json::string_view(name.data(), name.size()));
}

std::uint64_t count_or_zero(const json::object& o, std::string_view name) {
  return has(o, name) ? count(o, name) : 0;
}

json::array array_or_empty(const json::object& o, std::string_view name) {
  if (!has(o, name)) return {};
  const auto& value = field(o, name);
  if (!value.is_array()) throw bad_field{std::string(name)};
  return value.get_array();
}

/// How many entries each rule calls repeated; archives of the first version lack this.
std::array<std::uint64_t, 3> by_rule(const json::object& o, std::uint64_t all) {
  constexpr const char* name = "repeatedByRule";
  std::array<std::uint64_t, 3> counts{};
  if (!has(o, name)) return counts;
  const auto values = array_or_empty(o, name);
  if (values.size() != counts.size()) throw bad_field{name};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!values[i].is_int64() || values[i].get_int64() < 0) throw bad_field{name};
    counts[i] = static_cast<std::uint64_t>(values[i].get_int64());
    if (counts[i] > all) throw bad_field{name};
    all -= counts[i];
  }
  if (all != 0) throw bad_field{name};
  return counts;
}

digest128 digest(const json::object& o, std::string_view name) {
  digest128 d;
  const auto hex = text(o, name, 2 * d.bytes.size());
  const auto nibble = [&](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw bad_field{std::string(name)};
  };
  if (hex.size() != 2 * d.bytes.size()) throw bad_field{std::string(name)};
  for (std::size_t i = 0; i < d.bytes.size(); ++i)
    d.bytes[i] = static_cast<std::uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  return d;
}

std::optional<std::int64_t> exported_at(const json::object& o) {
  const auto& value = field(o, "exportedAt");
  if (value.is_null()) return std::nullopt;
  if (!value.is_int64()) throw bad_field{"exportedAt"};
  return value.get_int64();
}

archive_manifest read(const json::object& o) {
  archive_manifest m;
  if (text(o, "format", 64) != "outro-manifest/1") throw bad_field{"format"};
  m.recipe = text(o, "recipe", max_recipe_bytes);
  m.service = text(o, "service", max_service_bytes);
  // The service begins a path: the same check as for a layout's.
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (!std::all_of(m.service.begin(), m.service.end(), plain)) throw bad_field{"service"};
  m.account = text(o, "account", max_account_bytes);
  m.exported_at = exported_at(o);
  const auto& dump = object(o, "dump");
  m.dump_bytes = count(dump, "bytes");
  if (m.dump_bytes > max_dump_bytes) throw bad_field{"bytes"};
  m.digest = digest(dump, "xxh3_128");
  m.rows = count(o, "rows");
  m.references = count(o, "references");
  m.recordings = count(o, "recordings");
  m.repeated = count(o, "repeated");
  m.repeated_by_rule = by_rule(o, m.repeated);
  for (const auto& [name, value] : object(o, "sections")) {
    if (!value.is_object()) throw bad_field{"sections"};
    m.sections.push_back(
        {std::string(name), count(value.get_object(), "in"), count(value.get_object(), "out")});
  }
  for (const auto& value : array_or_empty(o, "suspect")) {
    if (!value.is_object()) throw bad_field{"suspect"};
    (void)count(value.get_object(), "playlist");
    (void)text(value.get_object(), "declared", 32);
    (void)count(value.get_object(), "found");
  }
  for (const auto& value : array_or_empty(o, "redacted")) {
    if (!value.is_string()) throw bad_field{"redacted"};
    m.redacted.emplace_back(value.get_string());
  }
  m.suspects = count_or_zero(o, "suspects");
  m.defused = count_or_zero(o, "defused");
  m.lone_surrogates = count_or_zero(o, "loneSurrogates");
  return m;
}

}  // namespace

result<archive_manifest> parse_manifest(std::string_view manifest) {
  const auto bad = [](std::string_view what) {
    return fail(failure::corrupt, fmt::format("manifest.json is damaged: {}", what));
  };
  if (manifest.size() > max_manifest_bytes) return bad("it is larger than it can be");
  boost::system::error_code error;
  const auto parsed = json::parse(json::string_view(manifest.data(), manifest.size()), error);
  if (error || !parsed.is_object()) return bad("it is not a JSON object");
  try {
    return read(parsed.get_object());
  } catch (const bad_field& e) {
    return bad(fmt::format("\"{}\" is missing or malformed", e.name));
  }
}

}  // namespace outro
