/// @file
/// What the tests of archives share: an archive of a JSON text, and tars and frames made by hand.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "archive/tar.h"
#include "layout/load.h"

namespace outro {

/// A dump of Xiami with some of everything that is awkward: names in three scripts, a track twice, one
/// without id.
inline constexpr std::string_view sample_dump =
    R"({"userId":1000,"exportedAt":1611882448000,"favorites":{"songs":[{"song":{"songId":1,"songName":"Café"}}]},)"
    R"("collects":[{"collectName":"深夜 ☀","songCount":3,"songs":[{"song":{"songId":1,"songName":"Café"}},)"
    R"({"song":{"songName":"\ud83c\udfb5"}}]}],"more":[1e400,123456789012345678901234567890]})";

/// The archive of one document, by the built-in layout. Throws where the document is refused.
inline std::string archive_of(std::string_view json) {
  static const layout rules = load_layout("xiami").value();
  buffer document, out;
  document.append(json);
  document.pad();
  document_reader reader(rules, {.latest_ms = 4102444800000});
  account_view view;
  if (const auto why = reader.read(document.view(), view); why != reason::none)
    throw std::runtime_error("refused: " + std::string(name_of(why)));
  archive_writer(rules, 3, "0123abcd").write(view, out);
  return std::string(out.view());
}

using named_contents = std::vector<std::pair<std::string, std::string>>;

inline std::string tar_of(const named_contents& members) {
  buffer tar;
  tar_writer writer(tar, 1611882448);
  for (const auto& [path, content] : members) {
    writer.begin(path);
    tar.append(content);
    writer.end();
  }
  writer.finish();
  return std::string(tar.view());
}

/// Bytes as one zstd frame, as archives are.
inline std::string frame_of(std::string_view content) {
  buffer out;
  frame_encoder(1).append(content, out);
  return std::string(out.view());
}

}  // namespace outro
