#include "job/verify_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "pack/slice_record.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

constexpr const char* sums_name = "SHA256SUMS";
constexpr const char* seal_remedy = "run the same `outro export` again, which seals the directory";
constexpr std::uint64_t max_sums_bytes = 1ULL << 30;
/// Nobody else may open anything, and there is nothing to run. Its owner may have taken his own right to
/// write away: nothing at rest is written.
constexpr mode_t wrong_in_files = 07777 & ~0600U, wrong_in_folders = 07777 & ~0700U;

/// What may stand in OUT itself, and the folders whose files are judged one by one.
constexpr std::array<std::string_view, 8> top_files = {
    "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal",
    sums_name,       "summary.json",      "report.html",       "lock"};
constexpr std::array<std::string_view, 3> top_folders = {"packs", "dead-letters", "catalogue"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Files that change or vanish with every use, so that no digest of them is kept.
bool is_unlisted(std::string_view name) {
  return name == sums_name || name == "lock" || name.starts_with("ledger.sqlite-");
}

/// The walk through OUT: at most as deep as we make folders.
class walker {
 public:
  explicit walker(const verify_context& c) : c_(c) {}

  status folder(const fs::path& path, const std::string& prefix) {
    std::error_code error;
    for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
         it.increment(error))
      if (auto s = entry(it->path(), prefix + it->path().filename().string()); !s.ok()) return s;
    if (!error) return {};
    auto why = io_failure("list", path, error.value());
    if (error == std::errc::permission_denied) why.kind = failure::refused;
    return why;
  }

  status entry(const fs::path& path, const std::string& name) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return io_failure("read", path, errno);
    const auto mode = info.st_mode & 07777;
    if (S_ISDIR(info.st_mode)) {
      if (!holds(top_folders, name) && !name.starts_with("catalogue/")) {
        c_.damage(shown(name), "", "it is a folder that is not Outro's", "move it elsewhere");
        return {};
      }
      if ((mode & wrong_in_folders) != 0) c_.damage(shown(name), "", "others may open it", "chmod 700");
      return folder(path, name + "/");
    }
    if (!S_ISREG(info.st_mode)) {
      c_.damage(shown(name), "", "it is neither a file nor a folder", "remove it");
      return {};
    }
    if ((mode & wrong_in_files) != 0)
      c_.damage(shown(name), "", "others may read it, or run it", "chmod 600");
    files.push_back({name, static_cast<std::uint64_t>(info.st_size)});
    return {};
  }

  std::vector<found_file> files;

 private:
  const verify_context& c_;
};

bool is_digest(std::string_view hex) {
  return hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == hex.npos;
}

/// A name that a writer of SHA256SUMS makes: relative, without steps that lead elsewhere.
bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == name.npos && name.find('\0') == name.npos;
}

}  // namespace

result<std::vector<found_file>> list_files(const verify_context& c) {
  struct stat info {};
  if (::stat(c.out.c_str(), &info) != 0) return io_failure("read", c.out, errno);
  if ((info.st_mode & wrong_in_folders) != 0) c.damage(".", "", "others may open it", "chmod 700");
  walker w(c);
  if (auto s = w.folder(c.out, ""); !s.ok()) return s;
  std::sort(w.files.begin(), w.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return std::move(w.files);
}

result<std::map<std::string, std::string>> parse_checksums(
    const fs::path& path, const std::function<void(std::uint64_t, const char*, const char*)>& bad) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error)))
    return fail(failure::corrupt, path.string() + " is not a regular file");
  const auto text = read_file(path, max_sums_bytes);
  if (!text) return text.error();
  std::map<std::string, std::string> sums;
  std::string_view rest = *text, last;
  for (std::uint64_t line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    const auto row = rest.substr(0, end);
    constexpr std::size_t name_at = 66;  // 64 digits and two spaces
    const auto name = row.size() > name_at ? row.substr(name_at) : std::string_view();
    if (end == rest.npos || !is_digest(row.substr(0, 64)) || row.substr(64, 2) != "  " || !is_name(name)) {
      bad(line, "it is not a digest and a name", restore_remedy);
      if (end == rest.npos) break;
    } else {
      if (line > 1 && name <= last) bad(line, "its lines are not sorted", restore_remedy);
      last = name;
      sums.emplace(name, row.substr(0, 64));
    }
    rest.remove_prefix(end + 1);
  }
  if (text->empty()) bad(0, "it is empty", seal_remedy);
  return sums;
}

std::map<std::string, std::string> read_checksums(const verify_context& c) {
  const auto path = c.out / sums_name;
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) {
    if (c.sealed) c.damage(sums_name, "", "it is missing", seal_remedy);
    return {};
  }
  auto sums = parse_checksums(path, [&](std::uint64_t line, const char* what, const char* remedy) {
    c.damage(sums_name, line == 0 ? "" : "line " + std::to_string(line), what, remedy);
  });
  if (!sums) return c.damage(sums_name, "", sums.error().message), std::map<std::string, std::string>{};
  return std::move(*sums);
}

void check_listing(verify_context& c, const std::vector<found_file>& files,
                   const std::vector<std::string>& slice_files) {
  const std::set<std::string_view> of_slices(slice_files.begin(), slice_files.end());
  std::set<std::string_view> there;
  for (const auto& f : files) {
    there.insert(f.name);
    const bool of_folder = f.name.starts_with("packs/") || f.name.starts_with("dead-letters/");
    const bool listed = c.sums.contains(f.name);
    if (listed && is_unlisted(f.name))
      c.damage(sums_name, "", "it lists " + f.name + ", which is not constant", seal_remedy);
    if (f.name.ends_with(".partial")) {
      if (c.sealed) c.damage(shown(f.name), "", "it was left half-written", "remove it");
    } else if (f.name == "ledger.sqlite-wal") {
      if (c.sealed && f.size > 0) c.damage(f.name, "", "the ledger was not closed", seal_remedy);
    } else if (of_folder && !of_slices.contains(f.name)) {
      // Renamed right before a crash: the resumed run writes it again.
      const auto slash = f.name.find('/') + 1;
      const auto of_open = slice_name(c.open_run, 1, 1).substr(0, 6);
      // Dead letters come before their pack: a rebuilt ledger knows the packs alone.
      const bool of_cut =
          f.name.starts_with("dead-letters/") &&
          std::any_of(c.cut_runs.begin(), c.cut_runs.end(), [&](std::uint32_t run) {
            return std::string_view(f.name).substr(slash).starts_with(slice_name(run, 1, 1).substr(0, 6));
          });
      if (!of_cut && (c.open_run == 0 || !std::string_view(f.name).substr(slash).starts_with(of_open)))
        c.damage(shown(f.name), "", "the ledger does not know it",
                 "move it elsewhere, or `outro rebuild` the ledger");
    } else if (!of_folder && !holds(top_files, f.name) && !f.name.starts_with("catalogue/")) {
      c.damage(shown(f.name), "", "it is not Outro's", "move it elsewhere");
    } else if (c.sealed && !listed && !is_unlisted(f.name)) {
      c.damage(shown(f.name), "", "SHA256SUMS does not list it", seal_remedy);
    }
  }
  for (const auto& [name, sum] : c.sums)
    if (!there.contains(name)) c.missing.insert(name);
  for (const auto& name : slice_files)
    if (!there.contains(name)) c.missing.insert(name);
  for (const auto& name : c.missing) c.damage(shown(name), "", "it is missing", remedy_for(name));
}

void check_sum(const verify_context& c, const std::string& name, const std::string& sha256) {
  const auto listed = c.sums.find(name);
  if (listed == c.sums.end() || listed->second == sha256) return;
  // A run that is not finished has changed it since.
  if (!c.sealed && name == "ledger.sqlite") return;
  c.damage(shown(name), "", "its SHA-256 is not what SHA256SUMS says", remedy_for(name));
}

result<file_handle> open_at_rest(const fs::path& path) {
  file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return io_failure("open", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_failure("stat", path, errno);
  if (!S_ISREG(info.st_mode)) return fail(failure::io, path.string() + " is not a regular file");
  return file;
}

void check_file(verify_context& c, const found_file& f) {
  const auto path = c.out / f.name;
  const auto file = open_at_rest(path);
  if (!file) return c.damage(shown(f.name), "", file.error().message);
  const auto sum =
      hash_all(file->get(), path, [&](std::string_view bytes) { c.progress.file_bytes += bytes.size(); });
  if (!sum) return c.damage(shown(f.name), "", sum.error().message);
  ++c.progress.files;
  check_sum(c, f.name, *sum);
}

}  // namespace outro
