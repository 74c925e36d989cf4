/// @file
/// Reading a part of the catalogue, record after record; the file is mapped, and trusted with nothing.
#pragma once

#include <memory>

#include "tracks/catalogue_merge.h"

namespace outro {

class part_reader {
 public:
  /// Checks the digest of the whole part. Errors: io, corrupt.
  static result<std::unique_ptr<part_reader>> open(const part_source& source);
  ~part_reader();
  part_reader(const part_reader&) = delete;
  part_reader& operator=(const part_reader&) = delete;

  [[nodiscard]] const catalogue_part_head& head() const { return head_; }
  /// The record at hand; its texts live as long as the reader.
  [[nodiscard]] const catalogue_record& record() const { return record_; }
  /// Goes to the next record; false at the end, or where the part is damaged (see `ok`).
  bool next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  part_reader() = default;
  status read_head(const std::filesystem::path& path);
  void recount(const std::vector<bool>& current);

  std::string_view mapped_, rest_, lists_;
  catalogue_part_head head_;
  catalogue_record record_;
  std::uint64_t last_number_ = 0;
  std::uint64_t index_ = 0;
  struct recounted {
    std::uint32_t accounts = 0, entries = 0, listens = 0;
    std::uint64_t newest = 0;
  };
  std::vector<recounted> counts_;  ///< by record, where not all documents count
  bool ok_ = true;
};

}  // namespace outro
