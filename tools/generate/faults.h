/// Which accounts carry a fault, and the faults themselves.
///
/// The number of faulty accounts is exact (rounded, and at least one for any rate above zero), the choice is
/// a keyed permutation of all accounts, and no account has two faults: so the truth has the right outcome of
/// each document.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "rng.h"
#include "text_buffer.h"

namespace outro::generate {

enum class fault : std::uint8_t {
  none,
  malformed,
  bad_utf8,
  missing_id,
  duplicate_id,
  duplicate_key,
  oversized,
  deep,
  repeated_pages,
  truncated,
  huge,
};
constexpr std::size_t fault_count = 11;

std::string_view name_of(fault kind);
/// The reason code expected of the exporter, or `-` when the document is no dead letter.
std::string_view reason_of(fault kind);
inline bool is_dead_letter(fault kind) {
  return reason_of(kind) != "-";
}

/// An additional document: the second dump of an account, or the huge account.
struct extra_document {
  std::uint64_t before = 0;  ///< comes before the document of this account index
  std::uint64_t account = 0;
  fault kind = fault::none;
};

class fault_plan {
 public:
  explicit fault_plan(const options& wanted);

  /// False when the rates ask for more accounts than there are.
  [[nodiscard]] bool fits() const { return planned_ <= eligible_; }
  [[nodiscard]] fault of(std::uint64_t account) const;
  /// Sorted by place; computed once.
  [[nodiscard]] std::vector<extra_document> extra_documents() const;
  /// Whether the second dump of a `duplicate_id` account is the newer one.
  [[nodiscard]] bool second_is_newer(std::uint64_t account) const;

 private:
  std::uint64_t seed_;
  std::uint64_t accounts_;
  std::uint64_t eligible_;
  std::uint64_t planned_ = 0;
  bool truncated_;
  bool huge_;
  permutation order_;
  std::array<std::uint64_t, fault_count> ends_{};  ///< of each fault's slice of the permuted order
};

/// Breaks the document at [begin, end of buffer), which has no line feed yet. They return the name of
/// the fault.
std::string_view break_grammar(text_buffer& text, std::size_t begin, random_stream& random);
std::string_view break_utf8(text_buffer& text, std::size_t begin, random_stream& random);
/// Cuts the document in its middle, between two ASCII characters.
void cut_in_the_middle(text_buffer& text, std::size_t begin);
/// Appends `,"ext":…` so that the document's depth, its root counted as 1, becomes the returned number (>
/// 512).
std::size_t put_deep_member(text_buffer& text, random_stream& random);

}  // namespace outro::generate
