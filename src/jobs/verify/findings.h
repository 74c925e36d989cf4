/// @file
/// What verify found wrong: every finding is counted, the first hundred are kept.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace outro {

/// Whether the output directory is damaged, or lacks something of the dumps.
enum class finding_kind : std::uint8_t { damage, loss };

struct finding {
  finding_kind kind = finding_kind::damage;
  std::string path;   ///< of the file, relative to OUT; of a dump as the operator named it
  std::string place;  ///< within it; may be empty
  std::string what;
  std::string remedy;
};

/// Collects findings from all threads.
class finding_list {
 public:
  static constexpr std::size_t most_kept = 100;

  /// A finding holds nothing of a user but the account id.
  void add(finding f);
  /// The kept findings, ordered by path and place. Call it once all threads are done.
  [[nodiscard]] std::vector<finding> kept() const;
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t damages() const;

 private:
  mutable std::mutex mutex_;
  std::vector<finding> kept_;
  std::uint64_t count_ = 0;
  std::uint64_t damages_ = 0;
};

}  // namespace outro
