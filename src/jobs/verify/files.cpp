#include "jobs/verify/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/output_names.h"
#include "base/utf8.h"
#include "pack/slice_id.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

const std::string sums_name(checksums_name);
constexpr const char* seal_remedy = "run the same `outro export` again, which seals the directory";
/// Bits of modes that let others in, or let anybody run a file. Owners may have made everything read-only.
constexpr mode_t wrong_in_files = 07777 & ~0600U;
constexpr mode_t wrong_in_folders = 07777 & ~0700U;
/// OUT itself may be a folder that its owner made, and others may see what it holds: each file is 0600.
constexpr mode_t wrong_in_out = 0022;

/// Walks through OUT, no deeper than Outro makes folders.
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
      const auto kind = kind_of_output(name);
      if (kind == output_kind::file_system) return {};
      if (kind != output_kind::folder && kind != output_kind::part && kind != output_kind::catalogue) {
        c_.damage(shown(name), "", "it is a folder that is not Outro's", "move it elsewhere");
        return {};
      }
      if ((mode & wrong_in_folders) != 0) c_.damage(shown(name), "", "others may open it", "chmod 700");
      return folder(path, name + "/");
    }
    if (S_ISLNK(info.st_mode)) {
      links.push_back(name);
      c_.damage(shown(name), "", "it is a link, and what it leads to was not read",
                std::string(link_remedy.substr(link_remedy.find("; ") + 2)));
      return {};
    }
    if (!S_ISREG(info.st_mode)) {
      c_.damage(shown(name), "", "it is neither a file nor a folder", "remove it");
      return {};
    }
    if ((mode & wrong_in_files) != 0)
      c_.damage(shown(name), "", "others may read it, or run it", "chmod 600");
    files.push_back({name, static_cast<std::uint64_t>(info.st_size)});
    if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
      if (denied++ == 0) first_denied = io_failure("read", path, errno);
    }
    return {};
  }

  std::vector<found_file> files;
  std::vector<std::string> links;
  std::uint64_t denied = 0;  ///< files that this user may not read
  status first_denied;

 private:
  const verify_context& c_;
};

}  // namespace

result<std::vector<found_file>> list_files(verify_context& c) {
  struct stat info {};
  if (::stat(c.out.c_str(), &info) != 0) return io_failure("read", c.out, errno);
  if ((info.st_mode & wrong_in_out) != 0) c.damage(".", "", "others may write to it", "chmod go-w");
  walker w(c);
  if (auto s = w.folder(c.out, ""); !s.ok()) return s;
  // Who may not read a file cannot say that it is damaged.
  if (w.denied > 0)
    return fail(failure::refused,
                w.first_denied.message +
                    (w.denied == 1 ? std::string() : fmt::format("; so it is with {} files", w.denied)));
  c.links = std::move(w.links);
  std::sort(w.files.begin(), w.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return std::move(w.files);
}

/// Then nothing is known of what it lists; that it is a link is a finding already.
static bool is_sums_a_link(const verify_context& c) {
  return std::find(c.links.begin(), c.links.end(), sums_name) != c.links.end();
}

std::map<std::string, std::string> read_checksums(const verify_context& c) {
  const auto path = c.out / sums_name;
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) {
    if (c.sealed && !is_sums_a_link(c)) c.damage(sums_name, "", "it is missing", seal_remedy);
    return {};
  }
  auto sums = parse_checksums(path, [&](std::uint64_t line, const char* what) {
    c.damage(sums_name, line == 0 ? std::string() : fmt::format("line {}", line), what,
             line == 0 ? seal_remedy : restore_remedy);
  });
  if (!sums) {
    c.damage(sums_name, "", sums.error());
    return {};
  }
  return std::move(*sums);
}

/// Whether a file that the ledger does not know belongs to a run that is not finished, or was cut short.
static bool is_of_unfinished_run(const verify_context& c, const found_file& f) {
  const auto in_folder = std::string_view(f.name).substr(f.name.find('/') + 1);
  // It was committed right before a crash, and its slice was not: the resumed run writes it again.
  if (c.open_run != 0 && in_folder.starts_with(prefix_of_run(c.open_run))) return true;
  // Dead letters are committed before their pack, and a rebuilt ledger knows packs alone.
  return kind_of_output(f.name) == output_kind::letters &&
         std::any_of(c.cut_runs.begin(), c.cut_runs.end(),
                     [&](std::uint32_t run) { return in_folder.starts_with(prefix_of_run(run)); });
}

/// Whether a file that is there may be, and has a line in SHA256SUMS.
static void check_listed_file(const verify_context& c, const found_file& f,
                              const std::set<std::string_view>& slice_files) {
  const auto kind = kind_of_output(f.name);
  const bool listed = c.sums.contains(f.name);
  if (listed && is_unlisted(kind))
    c.damage(sums_name, "", fmt::format("it lists {}, which is not constant", f.name), seal_remedy);
  if (kind == output_kind::partial) {
    if (c.sealed) c.damage(shown(f.name), "", "it was left half-written", "remove it");
  } else if (f.name == ledger_log_name) {
    if (c.sealed && !c.never_begun && f.size > 0)
      c.damage(f.name, "", "the ledger was not closed", seal_remedy);
  } else if ((kind == output_kind::pack || kind == output_kind::letters) && !slice_files.contains(f.name)) {
    if (!is_of_unfinished_run(c, f))
      c.damage(shown(f.name), "", "the ledger does not know it",
               "move it elsewhere, or `outro rebuild` the ledger");
  } else if (kind == output_kind::unknown || kind == output_kind::folder) {
    c.damage(shown(f.name), "", "it is not Outro's", "move it elsewhere");
  } else if (c.sealed && !listed && !is_unlisted(kind) && !is_sums_a_link(c)) {
    c.damage(shown(f.name), "", fmt::format("{} does not list it", checksums_name), seal_remedy);
  }
}

void check_listing(verify_context& c, const std::vector<found_file>& files,
                   const std::vector<std::string>& slice_files) {
  const std::set<std::string_view> of_slices(slice_files.begin(), slice_files.end());
  std::set<std::string_view> there;
  for (const auto& f : files) {
    there.insert(f.name);
    check_listed_file(c, f, of_slices);
  }
  for (const auto& [name, sum] : c.sums)
    if (!there.contains(name)) c.missing.insert(name);
  for (const auto& name : slice_files)
    if (!there.contains(name)) c.missing.insert(name);
  // What lies behind a link is not missing: the link is the finding.
  const auto is_behind_link = [&c](const std::string& name) {
    return std::any_of(c.links.begin(), c.links.end(),
                       [&](const auto& link) { return name == link || name.starts_with(link + "/"); });
  };
  for (const auto& name : c.missing)
    if (!is_behind_link(name)) c.damage(shown(name), "", "it is missing", remedy_for(name));
}

void check_sum(const verify_context& c, const std::string& name, const std::string& sha256) {
  const auto listed = c.sums.find(name);
  if (listed == c.sums.end() || listed->second == sha256) return;
  // An unfinished run has changed it since.
  if ((!c.sealed || c.never_begun) && name == ledger_name) return;
  c.damage(shown(name), "", fmt::format("its SHA-256 is not what {} says", checksums_name), remedy_for(name));
}

void check_file(verify_context& c, const found_file& f) {
  const auto path = c.out / f.name;
  const auto file = open_at_rest(path);
  if (!file) return c.damage(shown(f.name), "", file.error());
  const auto sum =
      hash_all(file->get(), path, [&](std::string_view bytes) { c.progress.file_bytes += bytes.size(); });
  if (!sum) return c.damage(shown(f.name), "", sum.error());
  ++c.progress.files;
  check_sum(c, f.name, *sum);
}

}  // namespace outro
