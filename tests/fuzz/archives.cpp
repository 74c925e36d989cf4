// Archives made by somebody else: a hostile tar, library or manifest is refused or read, a dump comes back
// whole or not at all, and unpacking writes nothing outside its folder and leaves nothing behind when it
// fails.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "archive/archive_writer.h"
#include "archive/library.h"
#include "archive/manifest.h"
#include "archive/open_archive.h"
#include "archive/unpack.h"
#include "archive/zip.h"
#include "fuzz/fuzzing.h"

namespace outro {
namespace {

using fuzzing::must;
namespace fs = std::filesystem;

constexpr std::uint64_t most_decoded = 16U << 20;

/// A folder of this process, in memory where there is such a place, removed when it ends:
///   base/into     what is unpacked goes here; link leads to base/outside, taken.partial is in the way
///   base/outside  must stay as it is
class playground {
 public:
  playground() {
    std::string name = fs::is_directory("/dev/shm") ? "/dev/shm/outro-fuzz-XXXXXX" : "/tmp/outro-fuzz-XXXXXX";
    must(::mkdtemp(name.data()) != nullptr, "there is a place for files");
    base_ = name;
    fs::create_directories(base_ / "outside");
    std::ofstream(base_ / "outside" / "kept") << "kept";
    make_into();
  }
  ~playground() {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }
  playground(const playground&) = delete;
  playground& operator=(const playground&) = delete;

  [[nodiscard]] fs::path into() const { return base_ / "into"; }

  /// Looks whether only `folder` came into being, and only if it was to; then takes it away.
  void check(const std::string& folder, bool unpacked) {
    std::size_t in_base = 0, outside = 0, others = 0;
    bool found = false;
    for (const auto& e : fs::directory_iterator(base_)) in_base += !e.path().empty();
    for (const auto& e : fs::directory_iterator(base_ / "outside")) outside += !e.path().empty();
    must(in_base == 2 && outside == 1 && fs::file_size(base_ / "outside" / "kept") == 4,
         "nothing changes outside");
    for (const auto& e : fs::directory_iterator(into())) {
      const auto name = e.path().filename().string();
      if (unpacked && name == folder)
        found = true;
      else
        others += 1;
    }
    must(others == 3, "nothing but the folder appears, and nothing is left of a failure");
    must(found == unpacked, "what was unpacked is there");
    if (!found) return;
    for (const auto& e : fs::recursive_directory_iterator(into() / folder))
      must(!e.is_symlink() && (e.is_directory() || e.is_regular_file()), "only files and folders are made");
    fs::remove_all(into() / folder);
  }

 private:
  void make_into() const {
    fs::create_directory(into());
    fs::create_symlink("../outside", into() / "link");
    fs::create_directory(into() / "taken.partial");
    std::ofstream(into() / "file") << "file";
  }

  fs::path base_;
};

std::string frame_of(std::string_view content) {
  static frame_encoder encoder(1);
  buffer out;
  encoder.append(content, out);
  return std::string(out.view());
}

/// Members as text: a path, FE, a content, FF; neither byte is in UTF-8.
std::vector<std::pair<std::string, std::string>> members_in(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> members;
  while (!text.empty()) {
    const auto member = text.substr(0, text.find('\xff'));
    text.remove_prefix(std::min(member.size() + 1, text.size()));
    const auto path = member.substr(0, member.find('\xfe'));
    members.emplace_back(path, member.substr(std::min(path.size() + 1, member.size())));
  }
  return members;
}

void unpack_and_check(std::string_view folder, const std::vector<tar_member>& members) {
  static playground place;
  const auto s = unpack(folder, members, place.into());
  must(s.ok() || s.kind == failure::corrupt || s.kind == failure::refused || s.kind == failure::io,
       "a refusal has a kind");
  place.check(std::string(folder), s.ok());
}

void use_archive(std::string_view frame) {
  const auto archive = open_archive(frame, most_decoded);
  if (!archive) return must(archive.error().kind == failure::corrupt, "a refusal says corrupt");
  must(archive->tar.size() <= most_decoded, "no more is decoded than was allowed");
  std::string dump;
  const auto s = restore_dump(*archive, dump);
  must(s.ok() ? digest_of(dump) == archive->manifest.digest : dump.empty(),
       "a dump comes back whole or not at all");
  std::string zip;
  (void)append_zip(zip, archive->members, archive->manifest.exported_at);
  unpack_and_check(archive->folder, archive->members);
}

/// Members go past every check of the tar reader.
void unpack_raw(std::string_view text) {
  const auto named = members_in(text);
  if (named.empty()) return;
  std::vector<tar_member> members;
  for (const auto& [path, content] : named) members.push_back({path, content});
  const auto& first = named.front().first;
  unpack_and_check(std::string_view(first).substr(0, first.find('/')), members);
}

void use_tar(std::string_view text) {
  buffer tar;
  tar_writer writer(tar, 0);
  for (const auto& [path, content] : members_in(text)) {
    writer.begin(path);
    tar.append(content);
    writer.end();
  }
  writer.finish();
  use_archive(frame_of(tar.view()));
}

void restore(std::string_view library, std::size_t expected) {
  std::string out = "before";
  const auto s = restore_document(library, expected, out);
  must(out.starts_with("before"), "what was there stays");
  must(out.size() - 6 <= expected, "no more comes out than was expected");
  if (s.ok()) must(out.size() - 6 == expected, "and no less where all is well");
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  fuzzing::choices choose(data, size);
  const auto kind = choose.byte() % 6;
  if (kind == 0) use_archive(frame_of(choose.rest()));
  if (kind == 1) use_archive(choose.rest());
  if (kind == 2) use_tar(choose.rest());
  if (kind == 3) unpack_raw(choose.rest());
  if (kind == 4) {
    const auto low = choose.byte(), high = choose.byte();
    restore(choose.rest(), low | std::size_t{high} << 8);
  }
  if (kind == 5) {
    const auto manifest = parse_manifest(choose.rest());
    if (!manifest) must(manifest.error().kind == failure::corrupt, "a refusal says corrupt");
  }
  return 0;
}
