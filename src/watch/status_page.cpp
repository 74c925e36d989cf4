#include "watch/status_page.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace outro {

/// A CSP source for an inline element with exactly this text.
static std::string source_of(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  std::array<unsigned char, 45> base64{};  // with the zero that OpenSSL appends
  const auto n = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + n) + "'";
}

/// What a page may say of itself; who may frame it can only be said in a header.
static std::string policy_in_page() {
  const auto parts = embedded_page();
  return "default-src 'none'; style-src " + source_of(parts.css) + "; script-src " + source_of(parts.js) +
         "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
}

std::string status_page_policy() {
  return policy_in_page() + "; frame-ancestors 'none'";
}

/// Within a script element only "<" can end it, and JSON has it nowhere but in strings.
static std::string without_tags(std::string_view data) {
  std::string safe;
  safe.reserve(data.size());
  for (const char c : data) c == '<' ? safe.append("\\u003c") : safe.append(1, c);
  return safe;
}

std::string status_page(std::string_view data) {
  const auto parts = embedded_page();
  std::string page;
  auto rest = parts.html;
  for (auto at = rest.find("{{"); at != rest.npos; at = rest.find("{{")) {
    page += rest.substr(0, at);
    const auto end = rest.find("}}", at);
    const auto name = rest.substr(at + 2, end - at - 2);
    if (name == "policy") page += policy_in_page();
    if (name == "style") page += parts.css;
    if (name == "script") page += parts.js;
    if (name == "data") page += without_tags(data);
    rest.remove_prefix(end + 2);
  }
  return page.append(rest);
}

std::string_view data_of_page(std::string_view page) {
  constexpr std::string_view element = R"( id="data">)";
  const auto at = page.find(element);
  if (at == page.npos) return {};
  page.remove_prefix(at + element.size());
  return page.substr(0, page.find('<'));
}

}  // namespace outro
