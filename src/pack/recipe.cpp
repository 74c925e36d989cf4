#include "pack/recipe.h"

#include <fmt/format.h>
#include <unicode/uversion.h>
#include <zstd.h>

#include <boost/json.hpp>

#include "archive/archive_writer.h"
#include "base/digest.h"
#include "tracks/recordings.h"

namespace outro {

namespace json = boost::json;

namespace {

/// Of the library in use: its data decides how titles are normalised.
std::string icu_version() {
  UVersionInfo version;
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_getVersion(version);
  u_versionToString(version, text);
  return text;
}

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

void take(const json::object& o, const char* key, std::string& into) {
  if (const auto* v = o.if_contains(key); v != nullptr && v->is_string())
    into = std::string_view(v->get_string());
}

template <class Number>
void take(const json::object& o, const char* key, Number& into) {
  boost::system::error_code error;
  if (const auto* v = o.if_contains(key); v != nullptr && v->is_number())
    if (const auto n = v->to_number<Number>(error); !error) into = n;
}

}  // namespace

recipe recipe_of(const layout& rules, int level, std::uint64_t slice, std::uint64_t max_document) {
  return {.service = rules.service,
          .layout = to_hex(digest_of(rules.source)),
          .archive = archive_format,
          .frame = frame_rules,
          .recordings = recording_rules,
          .level = level,
          .slice = slice,
          .max_document = max_document,
          .libzstd = ZSTD_versionString(),
          .icu = icu_version()};
}

std::string text_of(const recipe& r) {
  return json::serialize(json::object{{"service", r.service},
                                      {"layout", r.layout},
                                      {"archive", r.archive},
                                      {"frame", r.frame},
                                      {"recordings", r.recordings},
                                      {"level", r.level},
                                      {"slice", r.slice},
                                      {"maxDocument", r.max_document},
                                      {"libzstd", r.libzstd},
                                      {"icu", r.icu}});
}

std::optional<recipe> parse_recipe(std::string_view text) {
  const auto o = parse_object(text);
  if (!o) return std::nullopt;
  recipe r;
  take(*o, "service", r.service);
  take(*o, "layout", r.layout);
  take(*o, "archive", r.archive);
  take(*o, "frame", r.frame);
  take(*o, "recordings", r.recordings);
  take(*o, "level", r.level);
  take(*o, "slice", r.slice);
  take(*o, "maxDocument", r.max_document);
  take(*o, "libzstd", r.libzstd);
  take(*o, "icu", r.icu);
  return r;
}

std::string recipe_id(std::string_view text) {
  return to_hex(digest_of(text));
}

std::string recipe_differences(std::string_view then, std::string_view now) {
  const auto before = parse_object(then), after = parse_object(now);
  if (!before || !after) return "the recorded recipe cannot be read";
  std::string text;
  for (const auto& [key, value] : *after) {
    const auto* old = before->if_contains(key);
    if (old != nullptr && *old == value) continue;
    text += fmt::format("{}{}: {} then, {} now", text.empty() ? "" : "; ", std::string_view(key),
                        old == nullptr ? "absent" : json::serialize(*old), json::serialize(value));
  }
  return text;
}

}  // namespace outro
