#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace outro::generate {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t line_block = 1 << 20;
/// The kernel writes at most 2 GiB - 4 KiB in one call.
constexpr std::size_t largest_write = std::size_t{1} << 30;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_shard(const std::string& name) {
  const std::string_view view = name;
  if (!view.starts_with("shard-")) return false;
  for (const std::string_view end : {".ndjson", ".ndjson.zst"}) {
    if (view.ends_with(end) && is_digits(view.substr(6, view.size() - 6 - end.size()))) return true;
  }
  return false;
}

failure make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || (errno == EEXIST && fs::is_directory(path))) return {};
  return "cannot make the directory " + path.string() + ": " + std::generic_category().message(errno);
}

}  // namespace

output_file::~output_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

failure output_file::describe(std::string_view what, int error) const {
  return std::string(what) + " " + path_.string() + ": " + std::generic_category().message(error);
}

failure output_file::open(const fs::path& path) {
  path_ = path;
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  return descriptor_ < 0 ? describe("cannot create", errno) : failure{};
}

failure output_file::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), largest_write));
    if (written < 0) {
      if (errno == EINTR) continue;
      return describe("cannot write", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

failure output_file::close() {
  if (descriptor_ < 0) return {};
  const int result = ::close(descriptor_);
  descriptor_ = -1;
  return result == 0 ? failure{} : describe("cannot close", errno);
}

failure line_file::add(std::string_view line) {
  pending_ += line;
  if (pending_.size() < line_block) return {};
  failure failed = file_.write(pending_);
  pending_.clear();
  return failed;
}

failure line_file::close() {
  failure failed = file_.write(pending_);
  pending_.clear();
  failure also = file_.close();
  return failed.empty() ? also : failed;
}

failure prepare_directory(const fs::path& directory, bool force, bool& refused) {
  refused = false;
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (fs::exists(status)) {
    if (!fs::is_directory(status)) {
      refused = true;
      return directory.string() + " is not a directory";
    }
    const bool empty = fs::is_empty(directory, error);
    if (error) return "cannot read " + directory.string() + ": " + error.message();
    if (!empty && !force) {
      refused = true;
      return directory.string() + " is not empty; --force replaces the shards and the truth in it";
    }
  } else if (const fs::path parent = fs::absolute(directory).parent_path(); !fs::exists(parent, error)) {
    fs::create_directories(parent, error);
    if (error) return "cannot make the directory " + parent.string() + ": " + error.message();
  }
  for (const fs::path& path : {directory, directory / "dumps", directory / "truth"}) {
    if (failure failed = make_directory(path); !failed.empty()) return failed;
  }
  std::vector<fs::path> old = {directory / "truth.json", directory / "truth" / "faults.tsv",
                               directory / "truth" / "recordings.tsv"};
  for (const fs::directory_entry& entry : fs::directory_iterator(directory / "dumps", error)) {
    if (is_shard(entry.path().filename().string())) old.push_back(entry.path());
  }
  if (error) return "cannot read " + (directory / "dumps").string() + ": " + error.message();
  for (const fs::path& path : old) {
    fs::remove(path, error);
    if (error) return "cannot remove " + path.string() + ": " + error.message();
  }
  return {};
}

}  // namespace outro::generate
