#include "account/row_set.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace outro {

static constexpr std::size_t prefix = 40;  // reaches into the id of every layout seen so far
static constexpr std::size_t smallest = 256;
/// Larger tables, of one huge account, are freed after it.
static constexpr std::size_t kept_size = 1U << 16;

row_set::row_set() : key_(process_key()), seed_(key_.place_of(0)) {}

void row_set::clear(std::size_t document_bytes) {
  // About one distinct track a kilobyte, and room for twice as many; more make the tables grow.
  const auto size = std::bit_ceil(std::clamp(document_bytes / 512, smallest, kept_size));
  for (auto* table : {&exact_, &guesses_}) {
    if (table->size() > kept_size) give_back(*table);
    if (table->size() < size) table->resize(size);
  }
  mask_ = size - 1;
  std::fill_n(exact_.begin(), size, 0);
  std::fill_n(guesses_.begin(), size, 0);
}

void row_set::release_large() {
  for (auto* table : {&exact_, &guesses_})
    if (table->size() > kept_size) give_back(*table);
}

/// The place of the first bytes of an object: always `prefix` of them, even past the object's end. A wrong
/// guess costs a walk of the object and nothing else, so a cheap hash will do.
std::size_t row_set::guess_of(const char* object) const {
  std::uint64_t h = seed_;
  for (std::size_t i = 0; i < prefix; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, object + i, 8);
    h = (std::rotl(h, 23) ^ word) * 0x9e3779b97f4a7c15;
  }
  return h >> 32 & mask_;
}

std::uint32_t row_set::guess(const account_view& view, std::uint32_t at) const {
  const char* p = view.document.data() + at;
  const auto slot = guesses_[guess_of(p)];
  if (slot == 0) return no_index;
  const auto& row = view.rows[slot - 1];
  if (row.length > view.document.size() - at) return no_index;
  return std::memcmp(view.document.data() + row.begin, p, row.length) == 0 ? slot - 1 : no_index;
}

std::pair<std::uint32_t, bool> row_set::insert(account_view& view, track_row object) {
  const auto bytes = view.document.substr(object.begin, object.length);
  const auto h = key_.of(bytes);
  auto& guess = guesses_[guess_of(bytes.data())];
  for (auto at = h.low & mask_;; at = (at + 1) & mask_) {
    if (exact_[at] == 0) {
      const auto row = static_cast<std::uint32_t>(view.rows.size());
      exact_[at] = guess = row + 1;
      view.row_hashes.push_back(h);
      view.rows.push_back(object);
      if (view.rows.size() * 2 > mask_) grow(view);
      return {row, true};
    }
    const auto row = exact_[at] - 1;
    if (view.row_hashes[row] == h && view.row_bytes(row) == bytes) {
      guess = row + 1;
      return {row, false};
    }
  }
}

void row_set::grow(const account_view& view) {
  const auto size = (mask_ + 1) * 4, mask = size - 1;
  mask_ = mask;
  exact_.assign(size, 0);
  guesses_.assign(size, 0);
  for (std::uint32_t row = 0; row < view.rows.size(); ++row) {
    auto at = view.row_hashes[row].low & mask;
    while (exact_[at] != 0) at = (at + 1) & mask;
    exact_[at] = row + 1;
    guesses_[guess_of(view.document.data() + view.rows[row].begin)] = row + 1;
  }
}

}  // namespace outro
