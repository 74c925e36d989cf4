#include "jobs/histories/history.h"

#include <array>
#include <ostream>
#include <string_view>

namespace outro::histories {

std::ostream& operator<<(std::ostream& out, const command& c) {
  constexpr std::array<std::string_view, 20> names = {"put",
                                                      "cut",
                                                      "flip",
                                                      "empty",
                                                      "restore",
                                                      "rename",
                                                      "hide",
                                                      "remove",
                                                      "run",
                                                      "run_one",
                                                      "run_piped",
                                                      "run_changing",
                                                      "run_crashing",
                                                      "lose",
                                                      "rebuild",
                                                      "verify",
                                                      "verify_against",
                                                      "verify_against_one",
                                                      "verify_accepting",
                                                      "verify_accepting_cut"};
  out << names[static_cast<std::size_t>(c.what)] << "(" << c.a << "," << c.b << "," << c.c;
  if (c.what == verb::put)
    for (const auto& d : c.documents)
      out << (d.bad ? " bad" : " doc") << ":" << int{d.account} << "/" << int{d.content} << "@" << int{d.hour}
          << "v" << int{d.visits};
  return out << ")";
}

std::string text_of(const document_spec& d, unsigned nonce) {
  const auto account = std::to_string(1000 + d.account % 5);
  const auto content = std::to_string(d.content % 4);
  if (d.bad) return "{\"userId\":" + account + ",\"bad\":[" + content + "," + std::to_string(nonce) + "}";
  std::string text = "{\"userId\":" + account;
  constexpr std::int64_t noon = 1'611'800'000'000, hour_ms = 3'600'000;
  if (d.hour % 25 != 24) text += ",\"exportedAt\":" + std::to_string(noon + d.hour % 25 * hour_ms);
  text += ",\"profile\":{\"visits\":" + std::to_string(d.visits) + "}";
  text +=
      R"(,"playLog":[{"playedAt":1611800000000,"song":{"songId":7,"songName":"Seven"}},{"song":{"songId":)" +
      content + R"(,"songName":"T"}}])";
  if (nonce != 0) text += ",\"comments\":[" + std::to_string(nonce) + "]";
  return text + "}";
}

}  // namespace outro::histories
