/// @file
/// What other programs take of the machine while something is measured.
#pragma once

namespace outro {

class other_load {
 public:
  other_load();
  /// The share of the machine's CPU time that others than our ended child processes took since; 0 where
  /// nobody says.
  [[nodiscard]] double share() const;

 private:
  double busy_, total_, ours_;  ///< CPU seconds
};

}  // namespace outro
