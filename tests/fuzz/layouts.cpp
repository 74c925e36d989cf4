// Layouts: any bytes are a layout or are refused in one line; what is a layout reads and archives documents.
#include <string>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "archive/open_archive.h"
#include "fuzz/fuzzing.h"
#include "layout/claims.h"
#include "layout/load.h"

namespace outro {
namespace {

using fuzzing::must;

// What the layouts among the seeds have rows, tracks and fields for.
constexpr std::string_view documents[] = {
    R"({"userId":1,"exportedAt":1611800000000,"profile":{"nickName":"n","visits":1,"gmtBirthday":-1},)"
    R"("favorites":{"songs":[{"gmtCreate":1,"song":{"songId":1,"songName":"=a","singers":"b/c","length":200000}}],)"
    R"("albums":[{"gmtCreate":1,"album":{"albumName":"x"}}]},"collects":[{"collectName":"c","tags":["a","b"],)"
    R"("songCount":2,"songs":[{"gmtCreate":1e3,"song":{"songId":1,"songName":"=a","singers":"b/c","length":200000}},)"
    R"({"song":{"artistVOs":[{"artistName":"v"}],"songStatus":2}},null]}],"playLog":[{"song":{}}],)"
    R"("comments":[{"message":"m","likes":[]}],"follows":[{"nickName":"f","password":"p"}]})",
    R"({"account":"a","playlists":[{"name":"n","modified_at":1493424000,"tracks":[{"pos":0,"track_uri":"u","track_name":)"
    R"("t"},{"pos":1,"track_uri":"u","track_name":"t"}]}]})"};

void use(const layout& rules) {
  document_reader reader(rules, {.latest_ms = 1'800'000'000'000});
  archive_writer writer(rules, 1, "recipe");
  buffer frame;
  for (const auto document : documents) {
    const auto bytes = fuzzing::padded(document);
    account_view view;
    if (reader.read(bytes.view().substr(0, document.size()), view) != reason::none) continue;
    frame.clear();
    const auto facts = writer.write(view, frame);
    const auto archive = open_archive(frame.view(), facts.tar_bytes);
    must(archive.has_value(), "what we write, we open");
    std::string restored;
    must(restore_dump(*archive, restored).ok() && restored == view.document, "the dump comes back");
  }
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  const auto rules = parse_layout({reinterpret_cast<const char*>(data), size}, "f.toml");
  if (!rules) {
    const auto& s = rules.error();
    must(s.kind == failure::usage && s.message.starts_with("f.toml:"), "a refusal names the place");
    must(s.message.find('\n') == s.message.npos, "a refusal is one line");
    return 0;
  }
  must(claims_of_document(*rules).size() == rules->document.size(), "claims are told node by node");
  must(claims_of_track(*rules).size() == rules->track.size(), "claims are told node by node");
  use(*rules);
  return 0;
}
