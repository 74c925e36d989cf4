#include "jobs/export/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/machine.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/decoder.h"

namespace outro {

/// The bytes that a document takes in the ledger: its row, its entry in the index, and that entry once more
/// in the file by which SQLite sorts the index, which lies in OUT.
static constexpr double ledger_bytes = 500;

static std::string first_decoded(std::string_view raw, std::size_t most);

/// Documents for each byte on disk, from the beginning of a shard; 0 where that holds not a whole one.
static double documents_a_byte(const shard& s) {
  const auto file = open_regular(s.path);
  if (!file) return 0;  // what cannot be read is said elsewhere
  const auto raw = read_at(file->get(), 0, 64U << 10, s.path);
  if (!raw || raw->empty()) return 0;
  const auto decoded = first_decoded(*raw, 4U << 20);
  const auto lines = std::count(decoded.begin(), decoded.end(), '\n');
  return static_cast<double>(lines) / static_cast<double>(raw->size());
}

/// The ledger of that many bytes of dumps, by the beginnings of some shards.
static std::uint64_t ledger_of(const std::vector<shard>& shards) {
  constexpr std::size_t most = 16;
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  double bytes = 0, rates = 0, looked_at = 0;
  for (const auto& s : shards) bytes += static_cast<double>(s.size);
  for (std::size_t i = 0; i < shards.size(); i += step) {
    if (shards[i].is_pipe || shards[i].size == 0) continue;
    rates += documents_a_byte(shards[i]);
    ++looked_at;
  }
  return looked_at == 0 ? 0 : static_cast<std::uint64_t>(bytes * rates / looked_at * ledger_bytes);
}

preflight_needs needs_of(const export_options& o, const std::vector<shard>& shards) {
  preflight_needs n;
  bool known = true;
  for (const auto& s : shards) {
    known = known && !s.is_pipe;
    // Real dumps become a fifth of their plain size; compressed ones grow, because every account has an
    // archive of its own. A tenth of that is the catalogue's.
    n.disk += is_named_compressed(s.path) ? 2 * s.size + s.size / 4 : s.size / 10 * 3;
  }
  n.disk = known ? n.disk + ledger_of(shards) + disk_reserve : 0;
  n.disk_free = free_disk(o.out);
  n.memory = o.memory;
  n.memory_usable = usable_memory();
  return n;
}

static constexpr std::string_view anyway = ", or go on anyway with --ignore-preflight";

status check_disk(const preflight_needs& n, std::uint64_t written, const export_options& o) {
  const auto need = n.disk - std::min(n.disk, written);
  if (o.ignore_preflight || need <= n.disk_free) return {};
  return fail(failure::refused,
              fmt::format("the output may need {}{}, and {} has {} free; make room, choose another --out{}",
                          format_size(need), written > 0 ? " more" : "", shown(o.out.native()),
                          format_size(n.disk_free), anyway));
}

status check_memory(const preflight_needs& n, const export_options& o) {
  if (o.ignore_preflight || n.memory <= n.memory_usable) return {};
  return fail(failure::refused, fmt::format("--memory is {}, and this process may use {}; lower it{}",
                                            format_size(n.memory), format_size(n.memory_usable), anyway));
}

/// The first decoded bytes of a shard, at most `most`; fewer where it is short or damaged.
static std::string first_decoded(std::string_view raw, std::size_t most) {
  std::string decoded(most, '\0');
  decoder decode(compression_of(raw));
  std::size_t n = 0;
  while (n < decoded.size() && !raw.empty()) {
    const auto more = decode.decode(raw, std::span(decoded).subspan(n));
    if (more == 0) break;
    n += more;
  }
  decoded.resize(n);
  return decoded;
}

static bool looks_like_text(std::string_view bytes) {
  return std::all_of(bytes.begin(),
                     bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size(), 64)),
                     [](char c) {
                       const auto byte = static_cast<unsigned char>(c);
                       return (byte >= 0x20 && byte < 0xf8) || byte == '\t' || byte == '\r' || byte == '\n';
                     });
}

/// What a file is by its first bytes, where that is something that dumps come in and that is not read.
static std::string_view other_format(std::string_view raw) {
  using namespace std::string_view_literals;
  if (raw.starts_with("\xfd\x37zXZ\0"sv)) return "xz";
  if (raw.starts_with("BZh"sv)) return "bzip2";
  if (raw.starts_with("PK\3\4"sv)) return "a zip archive";
  if (raw.starts_with("7z\xbc\xaf\x27\x1c"sv)) return "a 7-Zip archive";
  if (raw.starts_with("\x04\x22\x4d\x18"sv)) return "lz4";
  constexpr std::size_t tar_mark = 257;
  if (raw.size() > tar_mark && raw.substr(tar_mark).starts_with("ustar")) return "a tar archive";
  return {};
}

static status check_first_bytes(const shard& s) {
  const auto file = open_to_read(s.path);
  if (!file) return fail(failure::refused, file.error().message);
  const auto raw = read_at(file->get(), 0, 64U << 10, s.path);
  if (!raw) return fail(failure::refused, raw.error().message);
  if (is_named_compressed(s.path) && compression_of(*raw) == compression::plain) {
    // One that lost its first bytes is a damaged shard, and no reason to keep the others waiting.
    if (!looks_like_text(*raw)) return {};
    return fail(failure::refused,
                fmt::format("{} is named {}, but holds plain text; rename it, or leave it out",
                            shown(s.path.native()), shown(s.path.extension().native())));
  }
  const auto decoded = first_decoded(*raw, 4096);
  for (const std::string_view bytes : {std::string_view(*raw), std::string_view(decoded)})
    if (const auto what = other_format(bytes); !what.empty())
      return fail(
          failure::refused,
          fmt::format("{} is {}, which is not read; unpack it first (dumps are newline-delimited JSON, "
                      "plain, zstd or gzip), or leave it out",
                      shown(s.path.native()), what));
  const auto line_end = decoded.find('\n');
  if (line_end == decoded.npos) return {};
  const auto line = trimmed(std::string_view(decoded).substr(0, line_end));
  if (line == "{" || line == "[")
    return fail(
        failure::refused,
        fmt::format("{}:1: this is pretty-printed JSON, and a dump is one line; where the file is one "
                    "dump, this joins its lines and changes nothing else: tr -d '\\n'",
                    shown(s.path.native())));
  return {};
}

status check_first_bytes(const std::vector<shard>& shards) {
  constexpr std::size_t most = 64;
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  for (std::size_t i = 0; i < shards.size(); i += step) {
    if (shards[i].is_pipe || shards[i].size == 0) continue;
    if (auto s = check_first_bytes(shards[i]); !s.ok()) return s;
  }
  return {};
}

static bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [o, i] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return o == outer.end();
}

status check_apart(const export_options& options) {
  std::error_code ignored;
  const auto out = std::filesystem::weakly_canonical(options.out, ignored);
  for (const auto& dump : options.dumps) {
    if (dump == "-") continue;
    const auto in = std::filesystem::weakly_canonical(dump, ignored);
    if (std::filesystem::is_directory(in, ignored) && lies_in(out, in))
      return fail(
          failure::refused,
          fmt::format("--out {} lies inside the dumps ({}): erasing the source would erase the archives; "
                      "choose another --out",
                      shown(options.out.native()), dump));
    if (lies_in(in, out))
      return fail(failure::refused, fmt::format("{} lies inside --out {}; copy it elsewhere first", dump,
                                                shown(options.out.native())));
  }
  return {};
}

}  // namespace outro
