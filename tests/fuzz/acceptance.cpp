// Acceptance: exactly what a strict reference parser takes is called grammatical, by every instruction set
// that this machine has; and a reader that was used before says the same as a fresh one.
#include <simdjson.h>

#include <memory>
#include <string>
#include <vector>

#include "account/walk.h"
#include "fuzz/fuzzing.h"
#include "layout/load.h"
#include "testing/strict_json.h"

namespace outro {
namespace {

using fuzzing::must;
using testing::strict_json;

constexpr version_limits limits{.latest_ms = 1'800'000'000'000};

bool is_grammatical(reason why) {
  return why != reason::malformed && why != reason::bad_utf8 && why != reason::too_deep;
}

/// A reader that keeps its scratch memory from input to input, for one instruction set.
struct used_reader {
  const simdjson::implementation* set;
  std::unique_ptr<document_reader> reader;
};

const layout& rules() {
  static const layout xiami = load_layout("xiami").value();
  return xiami;
}

std::vector<used_reader> make_readers() {
  std::vector<used_reader> readers;
  for (const auto* set : simdjson::get_available_implementations())
    if (set->supported_by_runtime_system())
      readers.push_back({set, std::make_unique<document_reader>(rules(), limits)});
  return readers;
}

void check_view(const account_view& view) {
  std::size_t end = 0;
  for (const auto& r : view.refs) {
    must(r.row < view.rows.size() && r.begin >= end, "references lie one behind another");
    end = r.begin + view.rows[r.row].length;
    must(end <= view.document.size(), "references lie in the document");
    must(view.document.substr(r.begin, view.rows[r.row].length) == view.row_bytes(r.row),
         "a reference stands for the bytes of its row");
  }
  for (std::size_t i = 0; i < view.rows.size(); ++i)
    must(strict_json(view.row_bytes(i)).accepts(max_depth), "a row is an object of its own");
  must(!view.account.empty() && view.account.size() <= 128, "an account has a name of bearable length");
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  static auto readers = make_readers();
  std::string_view document(reinterpret_cast<const char*>(data), size);
  document = document.substr(0, document.find('\n'));  // a document has no line feed
  if (document.empty()) return 0;
  const auto bytes = fuzzing::padded(document);
  const auto in_place = bytes.view().substr(0, document.size());
  const bool accepted = strict_json(document).accepts(max_depth);

  account_view view;
  simdjson::get_active_implementation() = readers.front().set;
  document_reader fresh(rules(), limits);  // a redacted view lives in it
  const auto why = fresh.read(in_place, view);
  must(is_grammatical(why) == accepted, "grammatical is what the strict parser takes");
  if (why == reason::none) check_view(view);
  for (auto& r : readers) {
    simdjson::get_active_implementation() = r.set;
    account_view other;
    const auto verdict = r.reader->read(in_place, other);
    // Where several things are wrong, simdjson without vector instructions may see another one first.
    const bool scalar = r.set->name() == "fallback" && !is_grammatical(why);
    must(scalar ? !is_grammatical(verdict) : verdict == why,
         "every reader and instruction set says the same");
    if (why != reason::none) continue;
    must(other.account == view.account && other.exported_at == view.exported_at &&
             other.digest == view.digest && other.content_digest == view.content_digest &&
             other.rows.size() == view.rows.size() && other.refs.size() == view.refs.size() &&
             other.document == view.document,
         "and sees the same");
  }
  return 0;
}
