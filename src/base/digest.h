/// @file
/// Digests: XXH3-128 against accidents alone, since anyone can make two texts of one; SHA-256, whole for
/// files at rest, and cut to 16 bytes where it decides whether content is the same.
#pragma once

#include <openssl/evp.h>
#include <xxhash.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace outro {

/// XXH3-128 in canonical (big-endian) byte order, so that comparing bytes compares digests; or the first 16
/// bytes of a SHA-256.
struct digest128 {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const digest128&) const = default;
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// A hash used as an identity. All zero means that there is nothing to identify; callers never match it.
struct hash128 {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const hash128&) const = default;
  [[nodiscard]] bool empty() const { return high == 0 && low == 0; }
};

/// The bytes of a digest as two words, in their order.
inline hash128 words_of(const digest128& d) {
  hash128 h;
  std::memcpy(&h.high, d.bytes.data(), sizeof h.high);
  std::memcpy(&h.low, d.bytes.data() + sizeof h.high, sizeof h.low);
  return h;
}

/// XXH3-128.
digest128 digest_of(std::string_view bytes);
/// SHA-256, cut to 16 bytes: what decides whether bytes are the same.
digest128 sure_digest_of(std::string_view bytes);
std::string to_hex(std::string_view bytes);
inline std::string to_hex(const digest128& d) {
  return to_hex(d.view());
}

/// A digest of bytes that come in pieces; may be read at any point and continued.
class running_digest {
 public:
  running_digest();
  void reset();
  void update(std::string_view bytes);
  [[nodiscard]] digest128 value() const;

 private:
  struct freer {
    void operator()(XXH3_state_t* s) const { XXH3_freeState(s); }
  };
  std::unique_ptr<XXH3_state_t, freer> state_;
};

/// SHA-256 of bytes that come in pieces (OpenSSL); `finish_hex` ends it, and so does `finish_short`, which
/// cuts it to 16 bytes and makes it ready for the next; `hex_so_far` does not.
class sha256 {
 public:
  sha256();
  void update(std::string_view bytes);
  std::string finish_hex();
  [[nodiscard]] std::string hex_so_far() const;
  digest128 finish_short();
  /// Forgets what came so far.
  void reset();

 private:
  struct freer {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  std::unique_ptr<EVP_MD_CTX, freer> context_;
};

}  // namespace outro
