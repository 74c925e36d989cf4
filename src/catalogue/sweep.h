/// @file
/// Sweeps over all tracks of the parts in the order of their ids, in bounded memory. If the table of all
/// tracks fits into memory, it is kept between sweeps. If not, ids are divided into ranges, and each sweep
/// makes one table for each range: memory stays bounded, and the work grows.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "catalogue/reader.h"
#include "catalogue/table.h"

namespace outro {

class sweeper {
 public:
  /// Opens all parts, which must outlive it.
  /// @param memory bytes that a table may take
  /// @param prepare is called with each table once it is loaded
  /// Errors: io, corrupt, refused: see runs_of; refused where parts are of different services.
  static result<sweeper> open(
      const std::vector<part_source>& parts, std::uint64_t memory,
      std::function<status(catalogue_table&, std::span<const catalogue_run>)> prepare);

  [[nodiscard]] std::span<const catalogue_run> runs() const { return runs_; }

  /// Calls `work` with the table of each range in order. Errors: io, corrupt, and those of `work`.
  template <class Work>
  status sweep(Work work) {
    std::uint64_t matched = 0;
    for (const auto& range : ranges_) {
      if (auto s = load(range); !s.ok()) return s;
      matched += table_->matched();
      if (auto s = work(std::as_const(*table_)); !s.ok()) return s;
    }
    return check_all_described(matched);
  }

 private:
  status load(const id_range& range);
  [[nodiscard]] status check_all_described(std::uint64_t matched) const;

  std::vector<catalogue_run> runs_;
  std::vector<id_range> ranges_;
  std::function<status(catalogue_table&, std::span<const catalogue_run>)> prepare_;
  std::unique_ptr<catalogue_table> table_ = std::make_unique<catalogue_table>();
  bool loaded_ = false;
};

}  // namespace outro
