/// @file
/// The shards of a history: what is on disk, and what was written into each whatever became of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/histories/history.h"

namespace outro::histories {

enum class packing : std::uint8_t { plain, zstd_frame, zstd_frames, gzip_member, gzip_members };

struct shard_file {
  std::string stem;  ///< its name without what tells its packing
  packing packed = packing::plain;
  std::string first;   ///< the text that was put
  std::string text;    ///< the text that it stands for: of a damaged one, also what lies behind the damage
  std::string stored;  ///< its bytes on disk
  bool broken = false;
  bool hidden = false;

  [[nodiscard]] std::string name() const;
};

/// The lines of a text that are documents.
std::vector<std::string> documents_of(std::string_view text);

/// A folder of shards. Each write gives the file a later time than any before.
class shard_folder {
 public:
  explicit shard_folder(std::filesystem::path folder);

  void put(const command& c);
  void cut(const command& c);
  void flip(const command& c);
  void empty(const command& c);
  void restore(const command& c);
  void rename(const command& c);
  void hide(const command& c);
  void remove(const command& c);
  /// Changes shard `c.a` as something does that knows of no export: cuts it at a line's end, adds a document,
  /// puts another file in its place, or only touches it.
  void change(const command& c);

  /// Writes every shard again as it is.
  void touch();
  /// Makes every shard whole again, as it is packed.
  void restore_all();

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] std::string path_of(const shard_file& s) const { return (folder_ / s.name()).string(); }
  /// Those that an export of the folder reads, in its order.
  [[nodiscard]] std::vector<shard_file> visible() const;
  /// A document that no other shard has.
  [[nodiscard]] std::string new_document() { return text_of({}, ++nonce_) + "\n"; }

 private:
  shard_file* pick(const command& c);
  void store(shard_file& s, std::string bytes);
  void take_name(shard_file& s, std::string stem, packing packed, bool hidden);

  std::filesystem::path folder_;
  std::vector<shard_file> files_;
  unsigned nonce_ = 0;
  std::int64_t writes_ = 0;
};

}  // namespace outro::histories
