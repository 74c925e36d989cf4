#include "jobs/verify/against.h"

#include <fmt/format.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "base/digest.h"
#include "base/units.h"
#include "base/utf8.h"
#include "frame/framer.h"
#include "jobs/verify/document.h"
#include "layout/load.h"
#include "layout/section.h"
#include "pack/recipe.h"
#include "source/reading_end.h"
#include "source/shard_reader.h"

namespace outro {

result<comparison_rules> rules_of_runs(const verify_options& options, const std::vector<run_row>& runs) {
  comparison_rules plan;
  auto rules = load_layout(options.layout);
  if (!rules) return rules.error();
  plan.rules = std::move(*rules);
  const auto own = to_hex(digest_of(plan.rules.source));
  bool used = false;
  constexpr std::int64_t day_ms = 86'400'000;
  for (const auto& r : runs) {
    const auto used_recipe = parse_recipe(r.recipe);
    if (!used_recipe || used_recipe->layout != own) continue;
    used = true;
    plan.max_document = std::max(plan.max_document, used_recipe->max_document);
    // A rebuilt ledger does not know when its runs began.
    plan.latest_ms = std::max(plan.latest_ms, (r.started_ms > 0 ? r.started_ms : now_ms()) + day_ms);
  }
  if (!used)
    return fail(failure::refused,
                fmt::format("no run in {} used the layout {} as it is now (digest {}); name the one that the "
                            "export used with --layout",
                            shown(options.out.native()), options.layout, own));
  constexpr std::uint64_t most = 1ULL << 30;
  constexpr std::uint64_t usual = 512ULL << 20;
  plan.max_document = plan.max_document == 0 ? usual : std::min(plan.max_document, most);
  return plan;
}

result<against_plan> plan_against(const verify_options& options, const std::vector<run_row>& runs) {
  auto rules = rules_of_runs(options, runs);
  if (!rules) return rules.error();
  against_plan plan;
  static_cast<comparison_rules&>(plan) = std::move(*rules);
  plan.accepted_shards = options.accepted_shards;
  if (auto s = check_apart(options.against, options.out); !s.ok()) return s;
  auto found = find_input(options.against);
  if (!found) return found.error();
  plan.hidden = std::move(found->hidden);
  plan.units = plan_units(std::move(found->shards));
  return plan;
}

namespace {

/// Reads the shards of one unit in order, a block at a time.
class dump_reader {
 public:
  dump_reader(verify_context& c, const unit& u, framing_limits limits) : c_(c), unit_(u), framer_(limits) {}

  ~dump_reader() { close(); }
  dump_reader(const dump_reader&) = delete;
  dump_reader& operator=(const dump_reader&) = delete;

  /// The next block, or none at the unit's end.
  std::shared_ptr<block> next() {
    while (ready_.empty() && !done_) step();
    if (ready_.empty()) return nullptr;
    auto first = std::make_shared<block>(std::move(ready_.front()));
    ready_.pop_front();
    return first;
  }

 private:
  static constexpr std::size_t piece_bytes = 1U << 20;

  void step() {
    if (!reader_) return open_next();
    const auto room = framer_.room(piece_bytes).first(piece_bytes);
    const auto before = reader_->consumed();
    const auto n = reader_->read(room);
    c_.progress.input_bytes += reader_->consumed() - before;
    // What arrived before the failure is compared all the same: the next step goes on with it.
    if (!n) return note_unreadable(n.error());
    framer_.filled(*n);
    if (*n == 0) end_shard();
    take();
  }

  void open_next() {
    if (shard_ == unit_.shards.size()) {
      framer_.end_unit();
      done_ = true;
      return take();
    }
    auto opened =
        shard_reader::open(unit_.shards[shard_], {.read_bytes = piece_bytes, .before_large_window = [this] {
                                                    c_.large_window.acquire();
                                                    has_large_window_ = true;
                                                  }});
    if (opened) {
      reader_ = std::move(*opened);
      return;
    }
    note_unreadable(opened.error());
    framer_.end_shard("", 0);
    ++shard_;
  }

  void note_unreadable(const status& failed) {
    c_.loss(shown(unit_.shards[shard_].path.native()), "", failed.message, "make it readable");
  }

  void end_shard() {
    framer_.end_shard(reader_->damage(), reader_->proven_end());
    close();
    ++shard_;
  }

  void close() {
    reader_.reset();
    if (has_large_window_) c_.large_window.release();
    has_large_window_ = false;
  }

  void take() {
    for (auto& b : framer_.take()) ready_.push_back(std::move(b));
  }

  verify_context& c_;
  const unit& unit_;
  framer framer_;
  std::size_t shard_ = 0;
  bool has_large_window_ = false;
  std::optional<shard_reader> reader_;  ///< of shard `shard_`; none between shards
  bool done_ = false;
  std::deque<block> ready_;
};

struct atomic_counts {
  std::atomic<std::uint64_t> documents{0}, bytes{0}, lost{0}, volatile_only{0};
  std::array<std::atomic<std::uint64_t>, outcome_names.size()> by_outcome{};
};

using comparers = tbb::enumerable_thread_specific<document_comparer>;

/// Compares all documents of a block, and notes the damage of the shards that end in it.
void compare_block(verify_context& c, comparers& all, atomic_counts& counts, const unit& u, const block& b) {
  auto& comparer = all.local();
  const auto count = [&](const document_match& match, const document_place& place, std::uint64_t length) {
    ++counts.documents;
    ++c.progress.documents;
    counts.bytes += length;
    c.progress.document_bytes += length;
    if (match.problem == nullptr) {
      if (match.volatile_only) ++counts.volatile_only;
      ++counts.by_outcome[static_cast<std::size_t>(match.outcome)];
      return;
    }
    ++counts.lost;
    c.loss(shown(u.shards[place.shard].path.native()),
           comparer.account().empty()
               ? fmt::format("line {}", place.line)
               : fmt::format("line {}, account {}", place.line, shown(comparer.account())),
           match.problem, "export this dump: `outro export` with the same --out");
  };
  for (const auto& d : b.documents)
    count(comparer.compare(b.bytes.view().substr(d.begin, d.length), u.number, d.place), d.place, d.length);
  for (const auto& p : b.piece)
    if (p.last) count(comparer.compare_oversize(p), p.place, p.length);
  for (const auto& e : b.end)
    for (const auto& s : e.shards)
      if (!s.damage.empty())
        c.loss(shown(u.shards[s.shard].path.native()),
               fmt::format("behind byte {} of its decoded bytes", s.decoded_bytes),
               s.damage.starts_with(changed_mark) ? "it changed while it was read: " + s.damage
                                                  : fmt::format("it cannot be read to its end: {}", s.damage),
               "repair the shard or fetch it again, then export it");
}

}  // namespace

/// Documents of a shard that the dumps don't hold.
static std::uint64_t unmatched_of(verify_context& c, const std::vector<slice_row>& slices,
                                  const matched_documents& matched, const shard_id& shard) {
  std::uint64_t n = 0;
  for (const auto& s : slices) {
    if (s.id.run != shard.run || s.id.unit != shard.unit) continue;
    for (const auto& row : c.reader().books.documents_of(s.id))
      if (row.record.place.shard == shard.number && !matched.is_marked(s.id, row.index)) ++n;
  }
  return n;
}

against_counts compare_with_dumps(verify_context& c, const against_plan& plan,
                                  const std::vector<slice_row>& slices) {
  matched_documents matched(slices);
  rare_finder rare(c.ledger_path, c.ledger_access);
  comparers all([&] {
    return document_comparer(c, plan.rules, version_limits{.latest_ms = plan.latest_ms}, rare, matched);
  });
  atomic_counts counts;
  framing_limits limits;
  limits.slice_bytes = 1ULL << 60;  // documents are compared one by one, wherever slices were cut
  limits.max_document = plan.max_document;

  // Several units at a time, and a few blocks of each. A reader that finds too many bytes in flight compares
  // a block itself: no thread ever waits for memory, so there is no deadlock.
  const auto lanes = std::min<std::size_t>(
      {c.threads, plan.units.size(), std::max<std::uint64_t>(1, c.memory / (64U << 20))});
  std::atomic<std::uint64_t> in_flight{0};
  run_lanes(lanes, plan.units.size(), [&](std::size_t i) {
    const auto& u = plan.units[i];
    dump_reader reader(c, u, limits);
    const auto read = [&](tbb::flow_control& flow) -> std::shared_ptr<block> {
      while (auto b = reader.next()) {
        if (in_flight.load() + b->bytes.capacity() <= c.memory / 2) {
          in_flight += b->bytes.capacity();
          return b;
        }
        compare_block(c, all, counts, u, *b);
      }
      flow.stop();
      return nullptr;
    };
    const auto compare = [&](const std::shared_ptr<block>& b) {
      compare_block(c, all, counts, u, *b);
      in_flight -= b->bytes.capacity();
    };
    // Isolated, so that a thread that waits here does not begin another unit.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_pipeline(
          2 * c.threads + 2,
          tbb::make_filter<void, std::shared_ptr<block>>(tbb::filter_mode::serial_in_order, read) &
              tbb::make_filter<std::shared_ptr<block>, void>(tbb::filter_mode::parallel, compare));
    });
  });

  against_counts out;
  out.documents = counts.documents;
  out.bytes = counts.bytes;
  out.lost = counts.lost;
  out.volatile_only = counts.volatile_only;
  for (std::size_t i = 0; i < out.by_outcome.size(); ++i) out.by_outcome[i] = counts.by_outcome[i];
  out.unmatched = matched.unmatched();
  for (const auto& id : plan.accepted_shards)
    out.unmatched_of_accepted.push_back(unmatched_of(c, slices, matched, id));
  out.hidden = plan.hidden;
  return out;
}

}  // namespace outro
