/// @file
/// The share of the machine that other programs take while something is measured.
#pragma once

namespace outro {

class other_load {
 public:
  other_load();
  /// The share of the machine's CPU time that all but our ended children took since construction; 0 where the
  /// kernel doesn't say.
  [[nodiscard]] double share() const;

 private:
  double busy_, total_, ours_;  ///< CPU seconds
};

}  // namespace outro
