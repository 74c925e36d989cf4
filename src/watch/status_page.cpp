#include "watch/status_page.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace outro {

/// A CSP source for an inline element with exactly this text.
static std::string source_of(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  std::array<char, 45> base64{};  // with the zero that OpenSSL appends
  const auto n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), digest.data(),
                                 static_cast<int>(digest.size()));
  return fmt::format("'sha256-{}'", std::string_view(base64.data(), static_cast<std::size_t>(n)));
}

/// The policy inside the page; frame-ancestors works only in a header.
static std::string policy_in_page() {
  const auto parts = embedded_page();
  return fmt::format(
      "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; "
      "base-uri 'none'; form-action 'none'",
      source_of(parts.css), source_of(parts.js));
}

std::string status_page_policy() {
  return policy_in_page() + "; frame-ancestors 'none'";
}

/// Only "<" can end a script element, and JSON has it in strings only.
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
