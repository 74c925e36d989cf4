#include "pack/recipe.h"

#include <unicode/uversion.h>
#include <zstd.h>

#include <boost/json.hpp>

#include "archive/archive_writer.h"
#include "base/digest.h"
#include "tracks/recordings.h"

namespace outro {

/// Of the library in use: its data decides how titles are normalised.
static std::string icu_version() {
  UVersionInfo version;
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_getVersion(version);
  u_versionToString(version, text);
  return text;
}

std::string recipe_of(const export_options& options, const layout& rules) {
  boost::json::object recipe;
  recipe["service"] = rules.service;
  recipe["layout"] = to_hex(digest_of(rules.source));
  recipe["archive"] = archive_format;
  recipe["frame"] = frame_rules;
  recipe["recordings"] = recording_rules;
  recipe["level"] = options.level;
  recipe["slice"] = options.slice;
  recipe["maxDocument"] = options.max_document;
  recipe["libzstd"] = ZSTD_versionString();
  recipe["icu"] = icu_version();
  return boost::json::serialize(recipe);
}

std::string recipe_id(std::string_view recipe) {
  return to_hex(digest_of(recipe));
}

std::string recipe_differences(std::string_view then, std::string_view now) {
  boost::system::error_code error;
  const auto old_value = boost::json::parse(boost::json::string_view(then.data(), then.size()), error);
  if (error || !old_value.is_object()) return "the recorded recipe cannot be read";
  const auto new_value = boost::json::parse(boost::json::string_view(now.data(), now.size()));
  std::string text;
  for (const auto& [key, value] : new_value.as_object()) {
    const auto* old_entry = old_value.as_object().if_contains(key);
    if (old_entry != nullptr && boost::json::serialize(*old_entry) == boost::json::serialize(value)) continue;
    if (!text.empty()) text += "; ";
    text.append(key).append(": ").append(old_entry == nullptr ? "absent"
                                                              : boost::json::serialize(*old_entry));
    text.append(" then, ").append(boost::json::serialize(value)).append(" now");
  }
  return text;
}

}  // namespace outro
