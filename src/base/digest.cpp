#include "base/digest.h"

#include <algorithm>
#include <stdexcept>

namespace outro {

static digest128 canonical(XXH128_hash_t hash) {
  XXH128_canonical_t raw;
  XXH128_canonicalFromHash(&raw, hash);
  digest128 d;
  static_assert(sizeof raw.digest == sizeof d.bytes);
  std::copy(std::begin(raw.digest), std::end(raw.digest), d.bytes.begin());
  return d;
}

digest128 digest_of(std::string_view bytes) {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<std::uint8_t>(c) >> 4];
    out += digits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

running_digest::running_digest() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  reset();
}
void running_digest::reset() {
  XXH3_128bits_reset(state_.get());
}
void running_digest::update(std::string_view bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}
digest128 running_digest::value() const {
  return canonical(XXH3_128bits_digest(state_.get()));
}

/// Fetched once: OpenSSL would look it up by its name for every digest.
static const EVP_MD* fetched_sha256() {
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> md(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                             &EVP_MD_free);
  return md.get();
}

sha256::sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), fetched_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no SHA-256");
}
void sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1)
    throw std::runtime_error("OpenSSL failed in SHA-256");
}
static std::string finish(EVP_MD_CTX* context) {
  std::array<char, EVP_MAX_MD_SIZE> raw;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(raw.data()), &size) != 1)
    throw std::runtime_error("OpenSSL failed in SHA-256");
  return to_hex({raw.data(), size});
}
std::string sha256::finish_hex() {
  return finish(context_.get());
}
std::string sha256::hex_so_far() const {
  const sha256 copy;
  if (EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get()) != 1)
    throw std::runtime_error("OpenSSL failed in SHA-256");
  return finish(copy.context_.get());
}
void sha256::reset() {
  if (EVP_DigestInit_ex(context_.get(), nullptr, nullptr) != 1)
    throw std::runtime_error("OpenSSL failed in SHA-256");
}
digest128 sha256::finish_short() {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> raw;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), raw.data(), &size) != 1)
    throw std::runtime_error("OpenSSL failed in SHA-256");
  reset();
  digest128 d;
  std::copy_n(raw.begin(), d.bytes.size(), d.bytes.begin());
  return d;
}

digest128 sure_digest_of(std::string_view bytes) {
  sha256 hash;
  hash.update(bytes);
  return hash.finish_short();
}

}  // namespace outro
