/// @file
/// What the allowed fields of a track object say: the texts of the layout's roles, and single values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "layout/layout.h"

namespace outro {

/// Reads objects. One per thread, because it holds scratch memory; what it returns lives until the next
/// `read`.
class object_reader {
 public:
  /// A key of the object itself, and its value: a string, a number, true or false.
  struct member {
    std::string_view key;  ///< of the layout
    std::string value;  ///< as JSON in one spelling; empty: none, an empty text, null, an array or an object
  };

  /// `object`: fields that a catalogue's part holds, and that were checked when they were noted.
  void read(const layout& rules, std::string_view object);

  /// The text of a role, as archives show it; empty where the object says nothing, or an object of its own.
  [[nodiscard]] std::string_view text(role what) const { return texts_[static_cast<std::size_t>(what)]; }
  /// Whether a role of the layout may read a key of the object itself.
  [[nodiscard]] bool may_tell(role what, std::string_view key) const;
  /// The path of the field that gives this text; empty without one.
  [[nodiscard]] std::string_view key_of(role what) const;
  /// In the object's order; of a key that stands there twice, the last value.
  [[nodiscard]] const std::vector<member>& members() const { return members_; }

  /// The object with what another one says of a role in the place of what it says itself: `value` is the
  /// other's JSON. Without the field, it is added, unless it lies in an object of its own.
  [[nodiscard]] std::string with(role what, const object_reader& other) const;

 private:
  void read_object(const layout_node& node, const char* at);
  void note_member(std::string_view key, const char* value, const char* end);
  [[nodiscard]] std::uint32_t slot_of(role what) const;
  [[nodiscard]] bool is_whole_json(std::string_view text) const;

  const layout* rules_ = nullptr;
  account_view view_;
  std::array<std::string, role_count> texts_;
  std::vector<member> members_;
};

}  // namespace outro
