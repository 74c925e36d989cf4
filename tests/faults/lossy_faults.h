/// @file
/// Which operations are to fail: the n-th of a kind, or all from a power cut on. Counts every operation.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lossy {

/// The n-th operation of a kind on names that contain `match` fails; `lasting`: and all of that kind after
/// it.
struct fault_rule {
  std::string kind;
  std::uint64_t number = 0;  ///< counted from 1, among the operations that match
  int error = 0;             ///< errno; 0, of a write: half of it is written and no error given
  bool lasting = false;
  std::string match;
  std::uint64_t seen = 0;
};

class fault_plan {
 public:
  void clear();
  void add(fault_rule rule) { rules_.push_back(std::move(rule)); }
  /// The power goes at the n-th operation that changes anything, counted from now; that one isn't done.
  void cut_power_at(std::uint64_t operation) { power_at_ = operation; }
  [[nodiscard]] bool powered() const { return powered_; }

  /// To be asked before an operation is done: 0, or the errno to answer. `half`: only half of a write is
  /// done.
  int check(const std::string& kind, const std::string& name, bool& half);

  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  /// What failed, one line each: kind, name.
  [[nodiscard]] const std::vector<std::string>& hits() const { return hits_; }

 private:
  std::map<std::string, std::uint64_t> counts_;
  std::vector<fault_rule> rules_;
  std::vector<std::string> hits_;
  std::uint64_t changes_ = 0;
  std::uint64_t power_at_ = 0;
  bool powered_ = true;
};

}  // namespace lossy
