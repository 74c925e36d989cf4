#include "jobs/verify/steps.h"

#include <tbb/parallel_for_each.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/options.h"
#include "base/output_names.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/verify/files.h"
#include "jobs/verify/pack.h"
#include "jobs/verify/settled.h"
#include "ledger/audit.h"
#include "output/ledger_at_rest.h"
#include "pack/recipe.h"

namespace outro {

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
  c_.never_begun = readable_ && c_.sealed && was_left_unbegun();
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

void verification::settle_letters() {
  // A damaged directory shows nothing, and the rows of an open run have no index yet.
  if (!readable_ || letters_ == 0 || c_.open_run != 0 || found_.damages() > 0) return;
  guarded([&] {
    bool any = false;
    for (const auto& r : c_.runs)
      for (const auto why : settled_reasons) any = any || c_.reader().books.has_dead_letter(r.run, why);
    if (!any) return;
    const auto rules = rules_of_runs(options_, c_.runs);
    if (!rules) {
      report_.notes.push_back("whether dead letters were archived later was not looked at: " +
                              rules.error().message);
      return;
    }
    std::set<shard_id> repaired;
    for (const auto& d : damaged_)
      if (d.repaired) repaired.insert(d.id);
    report_.settled_letters = count_settled_letters(c_, *rules, slices_, repaired);
    letters_ -= std::min(letters_, report_.settled_letters);
  });
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

bool verification::was_left_unbegun() const {
  const auto listed = c_.sums.find(std::string(ledger_name));
  if (listed == c_.sums.end() || !was_left_open(c_.ledger_path)) return false;
  const auto before = sum_before_it_was_opened(c_.ledger_path);
  return before && *before == listed->second;
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
  std::vector<mended_shard> mended;
  for (const auto& d : damaged_)
    if (d.repaired || is_accepted(d.id)) mended.push_back({d.id, d.repaired});
  const kept_back kept(books, mended);
  // The rows of an open run have no index yet, and it is a reason of its own.
  if (c_.open_run == 0) unproven_ = kept.accounts();
  letters_ = kept.letters();
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

}  // namespace outro
