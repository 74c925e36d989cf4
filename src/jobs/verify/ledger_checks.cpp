#include "jobs/verify/ledger_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/output_names.h"
#include "jobs/verify/context.h"
#include "ledger/audit.h"

namespace outro {

namespace {

std::string place_of(std::uint32_t run, std::uint32_t unit) {
  return fmt::format("run {}, unit {}", run, unit);
}

void bad_ledger(const verify_context& c, const std::string& place, const std::string& what) {
  c.damage(std::string(ledger_name), place, what, rebuild_remedy);
}

using slice_rows = std::vector<slice_row>;

/// The slices of one unit, in order.
void check_unit(const verify_context& c, std::uint32_t run, std::uint32_t unit,
                slice_rows::const_iterator from, slice_rows::const_iterator to) {
  const auto bad = [&](const std::string& what) { bad_ledger(c, place_of(run, unit), what); };
  std::uint32_t number = 0;
  std::uint64_t end = 0;
  bool ended = false;
  for (auto s = from; s != to; ++s) {
    if (s->id.number != ++number) return bad(fmt::format("slice {} is missing", number));
    if (ended) return bad("there are slices behind the last one");
    if (s->begin != end || s->end < s->begin)
      return bad(fmt::format("slice {} does not begin where the one before ends", number));
    end = s->end;
    ended = s->last;
  }
  if (!ended && run != c.open_run && !c.cut_runs.contains(run)) bad("its last slice is missing");
}

/// Walks over the units of the plan and their slices side by side; both are in order.
class unit_walk {
 public:
  unit_walk(const verify_context& c, const slice_rows& slices)
      : c_(c), at_(slices.begin()), end_(slices.end()) {}

  void next_unit(std::uint32_t run, std::uint32_t unit) {
    const auto expected = run == run_ ? number_ + 1 : 1;
    if (unit != expected && !c_.cut_runs.contains(run))
      bad_ledger(c_, place_of(run, expected), "it is missing");
    run_ = run;
    number_ = unit;
    const auto unplanned = at_;
    while (at_ != end_ && key_of(*at_) < std::tuple(run, unit)) ++at_;
    if (at_ != unplanned) bad_unplanned(*unplanned);
    const auto own = at_;
    while (at_ != end_ && key_of(*at_) == std::tuple(run, unit)) ++at_;
    check_unit(c_, run, unit, own, at_);
  }
  void finish() const {
    if (at_ != end_) bad_unplanned(*at_);
  }

 private:
  static std::tuple<std::uint32_t, std::uint32_t> key_of(const slice_row& s) { return {s.id.run, s.id.unit}; }
  void bad_unplanned(const slice_row& s) const {
    bad_ledger(c_, place_of(s.id.run, s.id.unit), "it has slices, and was never planned");
  }

  const verify_context& c_;
  slice_rows::const_iterator at_, end_;
  std::uint32_t run_ = 0, number_ = 0;  ///< of the unit before
};

void check_runs(const verify_context& c) {
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const auto& r = c.runs[i];
    const auto place = fmt::format("run {}", r.run);
    if (r.run != i + 1) bad_ledger(c, place, "runs are not numbered without a gap");
    if (!r.finished && i + 1 < c.runs.size())
      bad_ledger(c, place, "a later run began before it was finished");
  }
}

}  // namespace

void check_sequence(const verify_context& c, ledger& books, const slice_rows& slices) {
  check_runs(c);
  unit_walk walk(c, slices);
  const auto read =
      books.for_each_unit([&](std::uint32_t run, std::uint32_t unit) { walk.next_unit(run, unit); });
  if (!read.ok()) bad_ledger(c, "", read.message);
  walk.finish();
  for (const auto& r : c.runs)
    if (const auto units = count_units(books, r.run);
        (r.finished && units == 0) || (!r.cut && units != r.units))
      bad_ledger(c, fmt::format("run {}", r.run),
                 fmt::format("its plan has {} units, and {} of them are there", r.units, units));
}

void check_tables(const verify_context& c, ledger& books) {
  const auto bad = [&](const std::string& place, const std::string& what) { bad_ledger(c, place, what); };
  if (const auto s = books.check_integrity(); !s.ok()) bad("", s.message);
  if (const auto n = impossible_documents(books); n > 0)
    bad("documents", fmt::format("{} rows hold values that are never written", n));
  const auto rows = count_documents(books);
  if (rows != count_documents_of_slices(books))
    bad("documents", fmt::format("there are {} rows, and the slices count another number", rows));
  if (const auto n = wrong_proofs(books); n > 0)
    bad("documents", fmt::format("{} rows are called proven or unproven against what their shards say", n));
  if (const auto n = wrong_repairs(books); n > 0)
    bad("repairs", fmt::format("{} name shards that cannot be repaired so", n));
  if (const auto n = unread_shards(books, c.open_run); n > 0)
    bad("shards", fmt::format("{} were not read to their ends although their run is finished", n));
  const auto b = books.books_of(0);
  const auto sum = std::accumulate(b.by_outcome.begin(), b.by_outcome.end(), std::uint64_t{0});
  if (sum != b.documents || b.documents != rows) bad("documents", "the books do not balance");
  if (const auto roster = books.roster();
      roster && roster->accounts != roster->archived + roster->dead + roster->missing)
    bad("roster", "its books do not balance");
}

}  // namespace outro
