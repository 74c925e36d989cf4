#include "jobs/export/worker.h"

#include <malloc.h>

#include <algorithm>
#include <csignal>
#include <new>
#include <utility>

#include "account/work_limit.h"

namespace outro {

worker::worker(const layout& rules, worker_settings settings, std::shared_ptr<track_memory> memory)
    : rules_(rules),
      crash_on_(std::move(settings.crash_on)),
      before_document_(std::move(settings.before_document)),
      in_work_(std::move(settings.in_work)),
      mine_(in_work_->add()),
      catalogue_(settings.catalogue),
      reader_(rules, settings.limits, std::move(settings.digests)),
      archives_(rules, settings.level, std::move(settings.recipe_id), std::move(memory), settings.catalogue),
      noter_(rules),
      letters_(settings.level) {}

reason worker::read(std::string_view document, account_view& view) {
  if (!crash_on_.empty() && document.find(crash_on_) != document.npos) (void)std::raise(SIGSEGV);
  if (before_document_) before_document_(document);
  return reader_.read(document, view);
}

/// A document as it came, before anything is known of what is in it.
static document_record record_of(const framed_document& document) {
  document_record record;
  record.place = document.place;
  record.length = document.length;
  return record;
}

static std::string_view bytes_of(const block& input, std::size_t i) {
  const auto& d = input.documents[i];
  return input.bytes.view().substr(d.begin, d.length);
}

/// Why a document becomes a dead letter unread; none where it is to be read.
static reason found_before(const std::vector<reason>& ends, std::size_t i) {
  return ends.empty() ? reason::none : ends[i];
}

/// What a huge document took goes back to the system too, wherever it lies between others' memory.
/// `taken`: bytes; to fetch the pages of a few megabytes anew would cost more than they are worth.
static void trim_heaps(std::int64_t taken) {
  constexpr std::int64_t huge = 16 << 20;
  if (taken > huge) (void)::malloc_trim(0);
}

void worker::release() {
  view_ = {};
  reader_.release();
  archives_.release();
  noter_.release();
  scratch_ = 0;
}

/// Documents of different kinds make different scratch grow, each a little: together it has a bound as well.
/// `grown`: what a document's work has left allocated, for the result as well.
void worker::keep_bounded_scratch(std::int64_t grown, const block_result& out, std::uint64_t out_before) {
  constexpr std::int64_t most = 6 << 20;
  scratch_ += grown - static_cast<std::int64_t>(counted_bytes(out) - out_before);
  if (scratch_ <= most) return;
  const auto taken = scratch_;
  release();
  trim_heaps(taken);
}

/// What a document asks for that outgrew its share: half as much again each time would be many tries.
static std::uint64_t next_share(const block_progress& at) {
  return free_work + 3 * at.granted + 2 * free_work;
}

/// Works on document `at.next`. One for which there is no memory ends its own work, not the run: it is tried
/// again when nobody is before it, and then becomes a dead letter.
template <class Work>
void worker::attempt(const block& input, block_progress& at, stage_clock& clock, block_result& out,
                     Work work) {
  const result_mark before(out);
  const auto& document = input.documents[at.next];
  const document_in_work::scope in_work(mine_, at.unit, document.place, document.length);
  clock.show(mine_.stage_now());
  const auto used_before = at.used;
  const auto out_before = counted_bytes(out);
  work_meter meter(at.used, share_of(at));
  try {
    work();
    keep_bounded_scratch(at.used - used_before, out, out_before);
  } catch (const std::bad_alloc&) {
    meter.lift();
    const auto taken = at.used;
    before.take_back(out);
    // What was not seen before will not be new again.
    if (catalogue_ && unnoted_ != nullptr) noter_.describe(*unnoted_, archives_.recordings(), out.catalogue);
    unnoted_ = nullptr;
    release();
    trim_heaps(taken);
    if (meter.has_refused()) {
      at.wanted = next_share(at);
      return;
    }
    if (!at.is_first) {
      at.wants_first = true;
      return;
    }
    auto record = record_of(input.documents[at.next]);
    record.reason = reason::out_of_memory;
    write_dead_letter(std::move(record), bytes_of(input, at.next), out);
    clock.lap(stage::compress);
  }
  if (!at.goes_on()) return;
  ++at.next;
  at.is_first = false;
}

void worker::archive(const block& input, block_progress& at, stage_clock& clock, block_result& out,
                     const std::vector<reason>& ends) {
  if (!input.piece.empty()) {
    write_dead_piece(input, out);
    clock.lap(stage::compress);
  }
  while (at.next < input.documents.size() && at.goes_on())
    attempt(input, at, clock, out, [&] {
      const auto bytes = bytes_of(input, at.next);
      auto record = record_of(input.documents[at.next]);
      record.reason = found_before(ends, at.next);
      if (record.reason == reason::none) record.reason = read(bytes, view_);
      if (record.reason == reason::none) record.counts = counts_of(rules_, view_);
      clock.lap(stage::read);
      clock.begins(stage::render);
      const bool is_large = view_.noted_work > free_work || bytes.size() > free_work;
      finish(std::move(record), bytes, view_, at, clock, out);
      if (!is_large) return;
      const auto taken = at.used;
      release();
      trim_heaps(taken);
    });
}

std::vector<walked_document> worker::walk(const block& input, block_progress& at, stage_clock& clock,
                                          const std::vector<reason>& ends) {
  std::vector<walked_document> walked;
  std::uint64_t work = 0;
  work_meter meter(at.used, share_of(at));
  try {
    for (auto i = at.next; i < input.documents.size() && work <= free_work; ++i) {
      const auto& document = input.documents[i];
      const document_in_work::scope in_work(mine_, at.unit, document.place, document.length);
      walked_document w;
      w.reason = found_before(ends, i);
      if (w.reason == reason::none) w.reason = read(bytes_of(input, i), w.view);
      if (w.reason == reason::none && !w.view.redacted.empty()) w.redacted = reader_.take_redacted();
      work += w.view.noted_work;
      walked.push_back(std::move(w));
    }
  } catch (const std::bad_alloc&) {
    meter.lift();
    release();
    if (walked.empty() && meter.has_refused())
      at.wanted = next_share(at);
    else if (walked.empty() && at.is_first)
      walked.emplace_back().reason = reason::out_of_memory;
    else
      at.wants_first = walked.empty();
  }
  if (work > free_work) reader_.release();
  clock.lap(stage::read);
  return walked;
}

/// Of the kind that lost most, how many percent are left. Of a handful nothing can be said.
static std::uint8_t kept_percent(const document_counts& now, const document_counts& before) {
  constexpr std::uint64_t least_compared = 5;
  std::uint64_t kept = document_record::not_compared;
  const auto compare = [&](std::uint64_t n, std::uint64_t had) {
    if (had >= least_compared) kept = std::min(kept, n >= had ? 100 : 100 * n / had);
  };
  compare(now.entries, before.entries);
  compare(now.favourites, before.favourites);
  compare(now.listens, before.listens);
  return static_cast<std::uint8_t>(kept);
}

/// Compares a document with what earlier runs have of it and of its account.
static void note_earlier(const account_view& view, const earlier_document& earlier, document_record& record,
                         block_result& out) {
  if (!earlier.current) return;
  const auto& current = earlier.current->record;
  ++out.known;
  record.is_older = view.exported_at < current.exported_at;
  if (record.is_older && view.exported_at) out.older = {*view.exported_at, *current.exported_at};
  record.kept_percent = kept_percent(record.counts, current.counts);
  if (!earlier.same) return;
  record.outcome = outcome::unchanged;
  record.counts.suspects = earlier.same->record.counts.suspects;
  record.volatile_only = earlier.same->record.digest != view.digest;
}

void worker::archive(const block& input, std::size_t first, const std::vector<walked_document>& walked,
                     const std::vector<earlier_document>& earlier, block_progress& at, stage_clock& clock,
                     block_result& out) {
  while (at.next < first + walked.size() && at.goes_on())
    attempt(input, at, clock, out, [&] {
      const auto& w = walked[at.next - first];
      auto record = record_of(input.documents[at.next]);
      record.reason = w.reason;
      if (record.reason == reason::none) {
        record.counts = counts_of(rules_, w.view);
        note_earlier(w.view, earlier[at.next - first], record, out);
      }
      finish(std::move(record), bytes_of(input, at.next), w.view, at, clock, out);
    });
}

std::string account_of(reason why, const account_view& view) {
  const bool is_known = why == reason::none || why == reason::too_large ||
                        why == reason::exported_at_duplicate || why == reason::exported_at_invalid ||
                        why == reason::exported_at_range;
  return is_known ? view.account : std::string();
}

/// Archives a document that was walked, unless its outcome or its reason is another.
void worker::finish(document_record record, std::string_view bytes, const account_view& view,
                    block_progress& at, stage_clock& clock, block_result& out) {
  record.account = account_of(record.reason, view);
  if (record.reason != reason::none) {
    write_dead_letter(std::move(record), bytes, out);
    clock.lap(stage::compress);
    return;
  }
  record.exported_at = view.exported_at;
  record.digest = view.digest;
  record.content_digest = view.content_digest;
  if (record.outcome != outcome::written) {
    skip_note(out);
    out.documents.push_back(std::move(record));
    return;
  }
  write_archive(std::move(record), bytes, view, at, clock, out);
}

void worker::write_archive(document_record record, std::string_view bytes, const account_view& view,
                           block_progress& at, stage_clock& clock, block_result& out) {
  const auto noted = view.noted_work;
  const auto left_of = [noted](std::uint64_t work) { return work - std::min(work, noted); };
  const tar_room room{std::min(max_tar_bytes, left_of(free_work + at.granted)),
                      std::min(max_tar_bytes, left_of(most_work(bytes.size())))};
  record.stored_offset = out.archives.size();
  unnoted_ = &view;
  const auto facts = archives_.write(view, room, out.archives, clock, [&](std::uint64_t tar_bytes) {
    if (at.needs) at.needs(static_cast<std::uint64_t>(std::max<std::int64_t>(at.used, 0)) + tar_bytes);
  });
  if (facts.frame_bytes == 0) {
    // What was not seen before will not be new again.
    if (catalogue_) noter_.describe(view, archives_.recordings(), out.catalogue);
    unnoted_ = nullptr;
    archives_.release();
    if (facts.tar_bytes <= room.most) {
      at.wanted = noted + facts.tar_bytes;
      return;
    }
    record.reason = reason::too_large;
    return write_dead_letter(std::move(record), bytes, out);
  }
  record.stored_bytes = facts.frame_bytes;
  record.counts.suspects = facts.suspects;
  out.frames.push_back({facts.frame_bytes, static_cast<std::uint32_t>(facts.tar_bytes), facts.checksum});
  out.totals += {facts.tar_bytes, facts.rows,     facts.references, facts.playlists,      facts.entries,
                 facts.listens,   facts.suspects, facts.defused,    facts.lone_surrogates};
  clock.begins(stage::note);
  if (catalogue_) noter_.note(view, archives_.recordings(), out.catalogue);
  unnoted_ = nullptr;
  clock.lap(stage::note);
  out.documents.push_back(std::move(record));
  if (noted + facts.tar_bytes > free_work) archives_.release();
}

void worker::skip_note(block_result& out) const {
  if (catalogue_) catalogue_noter::skip(out.catalogue);
}

/// Keeps the bytes of a document and a line feed, in frames of at most dead_letter_frame.
void worker::write_dead_letter(document_record record, std::string_view bytes, block_result& out) {
  skip_note(out);
  record.outcome = outcome::dead_letter;
  record.digest = digest_of(bytes);
  record.content_digest = sure_digest_of(bytes);
  record.counts = {};
  record.kept_percent = document_record::not_compared;
  record.is_older = false;
  record.stored_offset = out.letters.size();
  // A huge document is not copied: it may be one that there is no memory for. Behind it in its block is its
  // own line feed.
  std::string copy;
  std::string_view line(bytes.data(), bytes.size() + 1);
  if (line.back() != '\n') line = copy.append(bytes).append("\n");
  for (std::size_t at = 0; at < line.size(); at += dead_letter_frame)
    letters_.append(line.substr(at, dead_letter_frame), out.letters);
  record.stored_bytes = out.letters.size() - record.stored_offset;
  out.documents.push_back(std::move(record));
}

void worker::write_dead_piece(const block& input, block_result& out) {
  letters_.append(input.bytes.view(), out.letters);
  const auto& piece = input.piece.front();
  if (!piece.last) return;
  skip_note(out);
  document_record record;
  record.outcome = outcome::dead_letter;
  record.reason = reason::too_large;
  record.place = piece.place;
  record.length = piece.length;
  record.digest = piece.digest;
  record.content_digest = piece.sure_digest;
  record.stored_bytes = out.letters.size();  // of the last piece; the slice adds the others
  out.documents.push_back(std::move(record));
}

}  // namespace outro
