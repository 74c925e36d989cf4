#include "jobs/verify/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/parallel_for_each.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/options.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/verify/files.h"
#include "jobs/verify/pack.h"
#include "ledger/audit.h"
#include "pack/recipe.h"

namespace outro {

/// The first ten, and how many more there are.
static std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most));
  const auto first = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  return names.size() <= most ? first
                              : fmt::format("{} and {} more", first, format_count(names.size() - most));
}

verification::verification(const verify_options& o)
    : options_(o),
      c_{.out = o.out, .memory = o.memory, .threads = o.threads, .found = found_},
      comparing_(o.slow_document_ms),
      restoring_(o.slow_document_ms) {
  c_.on_document = o.on_document;
  c_.ledger_path = o.out / ledger_name;
  report_.out = o.out.string();
}

/// What SQLite makes us throw on a damaged ledger is a finding.
template <class Check>
void verification::guarded(Check check) {
  try {
    check();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    c_.damage(std::string(ledger_name), "", e.what(), rebuild_remedy);
  }
}

status verification::open() {
  auto files = list_files(c_);
  if (!files) return files.error();
  files_ = std::move(*files);
  for (const auto& f : files_) {
    if (f.name == ledger_log_name && f.size > 0) c_.ledger_access = database::access::read;
    c_.progress.total_bytes += f.size;
  }
  auto failed = read_ledger();
  c_.sums = read_checksums(c_);
  if (failed.kind == failure::refused && is_sealed_ledger()) return failed;
  if (!failed.ok()) c_.damage(std::string(ledger_name), "", failed.message, rebuild_remedy);
  return {};
}

status verification::plan(std::optional<against_plan>& against) {
  if (options_.against.empty()) return {};
  if (!readable_ || c_.open_run != 0) {
    report_.notes.emplace_back(
        "the dumps were not compared: first the ledger must be whole and every run finished");
    return {};
  }
  auto planned = plan_against(options_, c_.runs);
  if (!planned) return planned.error();
  against = std::move(*planned);
  for (const auto& u : against->units)
    for (const auto& s : u.shards) {
      c_.progress.total_bytes += s.size;
      pipe_ = pipe_ || s.is_pipe;
    }
  return {};
}

void verification::read_everything() {
  check_listing(c_, files_, slice_files());
  tbb::task_group tasks;
  if (readable_) tasks.run([this] { guarded([&] { check_ledger(); }); });
  tasks.run(
      [this] { tbb::parallel_for_each(other_files(), [this](const found_file* f) { check_file(c_, *f); }); });
  check_slices();
  tasks.wait();
}

void verification::compare(const against_plan& plan) {
  guarded([&] { report_.against = compare_with_dumps(c_, plan, slices_); });
}

verify_report verification::finish(double seconds) {
  report_.seconds = seconds;
  const auto& p = c_.progress;
  report_.files = p.files;
  report_.file_bytes = p.file_bytes;
  report_.packs = p.packs;
  report_.archives = p.archives;
  report_.dump_bytes = p.dump_bytes;
  report_.findings = found_.kept();
  report_.finding_count = found_.count();
  judge();
  return std::move(report_);
}

progress_state verification::state(double seconds) const {
  const auto& p = c_.progress;
  progress_state s;
  s.seconds = seconds;
  s.total_input = pipe_ ? 0 : p.total_bytes.load();
  s.counts.input_bytes = p.file_bytes + p.input_bytes;
  s.counts.decoded_bytes = p.dump_bytes + p.document_bytes;
  s.counts.documents = p.archives + p.documents;
  s.counts.dead_letters = p.letters;
  s.memory_limit = options_.memory;
  return s;
}

std::vector<slow_document> verification::newly_slow(const std::vector<unit>& units, std::int64_t now) {
  std::vector<slow_document> all;
  const auto add = [&](const slow_watch::found& found, std::string file, const char* stage) {
    const auto& d = found.document;
    all.push_back({std::move(file), d.unit, d.place.offset, d.place.line, d.length, stage, found.since_ms});
  };
  for (const auto& found : comparing_.look(c_.places.comparing, now))
    if (found.is_new)
      add(found, shard_path(units, found.document.unit, found.document.place.shard), "compare");
  for (const auto& found : restoring_.look(c_.places.restoring, now))
    if (found.is_new) {
      add(found, pack_name(name_of(slice_of(found.document))), "restore");
      all.back().line = 0;
    }
  return all;
}

status verification::read_ledger() {
  try {
    auto probe = ledger::open(c_.ledger_path, c_.ledger_access);
    if (!probe) return probe.error();
    readers_ = std::make_unique<tbb::enumerable_thread_specific<ledger_reader>>(
        [this] { return ledger_reader(c_.ledger_path, c_.ledger_access); });
    c_.readers = readers_.get();
    auto& reader = c_.reader();
    c_.runs = reader.books.runs();
    for (const auto& r : c_.runs) c_.recipe_ids.push_back(recipe_id(r.recipe));
    for (const auto& r : c_.runs)
      if (r.cut) c_.cut_runs.insert(r.run);
    if (!c_.runs.empty() && !c_.runs.back().finished) c_.open_run = c_.runs.back().run;
    c_.sealed = !c_.runs.empty() && c_.open_run == 0;
    slices_ = reader.books.slices();
    report_.runs = c_.runs;
    readable_ = true;
    return {};
  } catch (const std::runtime_error& e) {
    slices_.clear();
    return fail(failure::corrupt, e.what());
  }
}

bool verification::is_sealed_ledger() const {
  const auto listed = c_.sums.find(std::string(ledger_name));
  const auto file = open_at_rest(c_.ledger_path);
  if (listed == c_.sums.end() || !file) return false;
  const auto sum = hash_all(file->get(), c_.ledger_path, [](std::string_view) {});
  return sum && *sum == listed->second;
}

std::vector<std::string> verification::slice_files() const {
  std::vector<std::string> names;
  for (const auto& s : slices_) {
    names.push_back(pack_name(name_of(s.id)));
    if (s.letters_bytes > 0) names.push_back(letters_name(name_of(s.id)));
  }
  return names;
}

std::vector<const found_file*> verification::other_files() const {
  const auto of_slices = slice_files();
  const std::set<std::string> read_elsewhere(of_slices.begin(), of_slices.end());
  std::vector<const found_file*> others;
  for (const auto& f : files_)
    if (!read_elsewhere.contains(f.name) && !is_unlisted(kind_of_output(f.name))) others.push_back(&f);
  return others;
}

void verification::check_ledger() {
  auto& books = c_.reader().books;
  check_tables(c_, books);
  check_sequence(c_, books, slices_);
  report_.totals = books.books_of(0);
  report_.accounts = books.current_accounts();
  report_.roster = books.roster();
  damaged_ = books.damaged_rows(static_cast<std::uint32_t>(c_.runs.size()) + 1);
  mended_shards repaired, mended;
  for (const auto& d : damaged_) {
    if (d.repaired) repaired.push_back(d.id);
    if (d.repaired || is_accepted(d.id)) mended.push_back(d.id);
  }
  unproven_ = accounts_at_risk(c_, books, mended);
  letters_ = standing_letters(books, repaired);
  if (auto s = books.for_each_suspect([&](const document_row&) { return ++report_.suspect_accounts, true; });
      !s.ok())
    throw std::runtime_error(s.message);
}

void verification::check_slices() {
  std::uint64_t largest = 1;
  for (const auto& f : files_)
    if (kind_of_output(f.name) == output_kind::pack)
      largest = std::max(largest, std::min(f.size, c_.pack_in_memory()));
  constexpr std::uint64_t row_bytes = 600;
  std::uint64_t documents = 0;
  for (const auto& s : slices_) documents = std::max(documents, std::min(s.documents, max_slice_documents));
  const auto lanes = std::clamp<std::uint64_t>(
      (options_.memory - fixed_memory(options_.threads)) / 2 / (largest + documents * row_bytes), 1,
      options_.threads);
  run_lanes(lanes, slices_.size(), [this](std::size_t i) { guarded([&] { check_slice(c_, slices_[i]); }); });
}

bool verification::is_accepted(const shard_id& id) const {
  const auto& accepted = options_.accepted_shards;
  return std::find(accepted.begin(), accepted.end(), id) != accepted.end();
}

/// Says what nobody can show before it takes the operator's word.
void verification::judge_accepted_shard(const damaged_row& shard) {
  std::string unmatched = "none of its documents was compared with other dumps";
  if (report_.against) {
    const auto& counts = report_.against->unmatched_of_accepted;
    const auto at = static_cast<std::size_t>(
        std::find(options_.accepted_shards.begin(), options_.accepted_shards.end(), shard.id) -
        options_.accepted_shards.begin());
    if (at < counts.size())
      unmatched = fmt::format("{} of it {} not in the dumps that were compared",
                              plural(counts[at], "document"), counts[at] == 1 ? "is" : "are");
  }
  report_.notes.push_back(
      fmt::format("damaged shard {} ({}) is accepted; {}, and what lay behind the damage is "
                  "unknown",
                  name_of(shard.id), shown(shard.path), unmatched));
}

void verification::judge_damaged_shards() {
  std::vector<std::string> names;
  std::uint64_t repaired = 0;
  for (const auto& d : damaged_) {
    if (d.repaired)
      ++repaired;
    else if (is_accepted(d.id))
      judge_accepted_shard(d);
    else
      names.push_back(fmt::format("{} {}", name_of(d.id), shown(d.path)));
  }
  if (repaired > 0)
    report_.notes.push_back(
        fmt::format("{} {} made good: later runs read whole shards that begin with the same "
                    "bytes",
                    plural(repaired, "damaged shard"), repaired == 1 ? "was" : "were"));
  if (!names.empty())
    report_.reasons.push_back(fmt::format(
        "{} {} damaged ({}): fetch or repair what is damaged, and export it again; a whole shard that begins "
        "with the same bytes shows by itself that it is the repair. Where nothing can be fetched, compare "
        "with "
        "what there is (--against) and accept each shard by its number: --accept-damaged-shard {}",
        plural(names.size(), "shard"), names.size() == 1 ? "was" : "were", first_of(names),
        names.front().substr(0, names.front().find(' '))));
  for (const auto& id : options_.accepted_shards)
    if (std::none_of(damaged_.begin(), damaged_.end(), [&](const auto& d) { return d.id == id; }))
      report_.notes.push_back(fmt::format("there is no damaged shard {} to accept", name_of(id)));
  if (unproven_ > 0)
    report_.reasons.push_back(
        fmt::format("{} {} archives from damaged shards only: fetch these again and export them",
                    plural(unproven_, "account"), unproven_ == 1 ? "has" : "have"));
}

/// Packs that are lost take documents with them that nobody can name. A comparison shows of its own dumps
/// that they are safe, and nothing of what else the run had read.
void verification::judge_cut_runs() {
  const auto& accepted = options_.accepted_cut_runs;
  for (const auto run : c_.cut_runs) {
    const auto what = fmt::format(
        "run {} was cut short, as far as the packs tell from which the ledger was "
        "rebuilt: what else it had read is not known",
        run);
    if (std::find(accepted.begin(), accepted.end(), run) != accepted.end())
      report_.notes.push_back(fmt::format("{}; accepted", what));
    else
      report_.reasons.push_back(
          fmt::format("{}; export all of its dumps again, compare with them (--against), then accept it: "
                      "--accept-cut-run {}",
                      what, run));
  }
}

void verification::judge_comparison() {
  if (!report_.against) {
    if (report_.reasons.empty())
      report_.notes.emplace_back("nothing was compared with the source itself; --against DUMP… does");
    return;
  }
  const auto& a = *report_.against;
  if (a.documents == 0) report_.reasons.emplace_back("the dumps to compare with hold no document");
  if (a.volatile_only > 0)
    report_.notes.push_back(
        fmt::format("{} {} from {} archive in volatile values only (the layout's `volatile` paths); the "
                    "newer values are not "
                    "kept",
                    plural(a.volatile_only, "document"), a.volatile_only == 1 ? "differs" : "differ",
                    a.volatile_only == 1 ? "its" : "their"));
  if (a.hidden.count > 0)
    report_.notes.push_back(fmt::format("not compared, as an export leaves them out: {}", text_of(a.hidden)));
  if (a.unmatched > 0)
    report_.notes.push_back(fmt::format("{} of all runs {} not in these dumps; other dumps may hold them",
                                        plural(a.unmatched, "document"), a.unmatched == 1 ? "is" : "are"));
}

void verification::judge() {
  auto& reasons = report_.reasons;
  if (report_.finding_count > 0) reasons.push_back(plural(report_.finding_count, "finding"));
  // A damaged directory does not say what was exported.
  const bool intact = found_.damages() == 0;
  if (readable_ && intact && c_.runs.empty())
    reasons.emplace_back("no run was ever begun");
  else if (readable_ && intact && report_.totals.documents == 0)
    reasons.emplace_back("not one document was exported");
  if (c_.open_run != 0)
    reasons.push_back(fmt::format("run {} is not finished: run the same `outro export` again", c_.open_run));
  judge_cut_runs();
  if (letters_ > 0 && !options_.accept_dead_letters)
    reasons.push_back(
        fmt::format("{} {}, not archived: repair and export them, or accept them with --accept-dead-letters",
                    plural(letters_, "document"),
                    letters_ == 1 ? "is kept as a dead letter" : "are kept as dead letters"));
  if (report_.roster && report_.roster->missing > 0)
    reasons.push_back(fmt::format("{} of the roster {} missing: find their dumps and export them",
                                  plural(report_.roster->missing, "account"),
                                  report_.roster->missing == 1 ? "is" : "are"));
  judge_damaged_shards();
  judge_comparison();
  if (report_.suspect_accounts > 0)
    report_.notes.push_back(fmt::format(
        "{} {} playlists that hold another number of entries than they declare; `outro list {} --suspects`",
        plural(report_.suspect_accounts, "account"), report_.suspect_accounts == 1 ? "has" : "have",
        report_.out));
  report_.exit_code = found_.damages() > 0 ? 1 : reasons.empty() ? 0 : 3;
}

}  // namespace outro
