/// @file
/// The text of JSON scalars in checked documents, and JSON strings for the files that Outro writes.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

/// Appends the text of a JSON string body (the bytes between the quotes, grammar checked). A surrogate
/// without its partner becomes U+FFFD. Returns how many did.
std::uint32_t append_unescaped(std::string& out, std::string_view body);

/// The body of the JSON string that starts at `at` (its opening quote) in a checked document.
std::string_view string_body(const char* at);

/// The bytes of the number, `true`, `false` or `null` that starts at `at` in a checked document.
std::string_view scalar_text(const char* at);

/// A value as JSON text in valid UTF-8 that a terminal may be given, whatever bytes the names in it hold.
/// Where the member "x" of an object is text that is not UTF-8 (as names of files may be), it is spelt
/// legibly, and a member "xHex" follows with its bytes in hex, so that no two texts give the same object.
std::string serialized(const boost::json::value& value);

/// Appends `text` (UTF-8) as a quoted JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace outro
