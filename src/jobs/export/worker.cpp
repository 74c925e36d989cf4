#include "jobs/export/worker.h"

#include <csignal>
#include <utility>

namespace outro {

/// Scratch that a document above this size made is given back after it.
static constexpr std::size_t kept_document = 16U << 20;

worker::worker(const layout& rules, worker_settings settings, std::shared_ptr<track_memory> memory)
    : crash_on_(std::move(settings.crash_on)),
      catalogue_(settings.catalogue),
      reader_(rules, settings.limits, std::move(settings.digests)),
      archives_(rules, settings.level, std::move(settings.recipe_id), std::move(memory), settings.catalogue),
      noter_(rules),
      letters_(settings.level) {}

reason worker::read(std::string_view document, account_view& view) {
  if (!crash_on_.empty() && document.find(crash_on_) != document.npos) (void)std::raise(SIGSEGV);
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

static bool is_crashing(const std::vector<bool>& crashing, std::size_t i) {
  return !crashing.empty() && crashing[i];
}

block_result worker::archive(const block& input, stage_clock& clock, const std::vector<bool>& crashing) {
  block_result out;
  if (!input.piece.empty()) {
    write_dead_piece(input, out);
    clock.lap(stage::compress);
  }
  for (std::size_t i = 0; i < input.documents.size(); ++i) {
    const auto bytes = bytes_of(input, i);
    auto record = record_of(input.documents[i]);
    record.reason = is_crashing(crashing, i) ? reason::crashed : read(bytes, view_);
    clock.lap(stage::read);
    finish(std::move(record), bytes, view_, clock, out);
    if (bytes.size() > kept_document) view_ = {};
  }
  return out;
}

std::vector<walked_document> worker::walk(const block& input, stage_clock& clock,
                                          const std::vector<bool>& crashing) {
  std::vector<walked_document> walked(input.documents.size());
  for (std::size_t i = 0; i < walked.size(); ++i) {
    auto& w = walked[i];
    w.reason = is_crashing(crashing, i) ? reason::crashed : read(bytes_of(input, i), w.view);
    if (w.reason == reason::none && !w.view.redacted.empty()) w.redacted = reader_.take_redacted();
  }
  clock.lap(stage::read);
  return walked;
}

/// Unchanged: what is there holds the same, for good. Older: what is there is newer, for good. An archive
/// whose source was damaged is neither, so that a proven copy can take its place.
static outcome outcome_of(const account_view& view, const std::optional<known_archive>& known) {
  if (!known || !known->proven) return outcome::written;
  if (known->same_recipe && known->content_digest == view.content_digest) return outcome::unchanged;
  return view.exported_at < known->exported_at ? outcome::older : outcome::written;
}

block_result worker::archive(const block& input, const std::vector<walked_document>& walked,
                             const std::vector<std::optional<known_archive>>& known, stage_clock& clock) {
  block_result out;
  for (std::size_t i = 0; i < input.documents.size(); ++i) {
    auto record = record_of(input.documents[i]);
    record.reason = walked[i].reason;
    if (record.reason == reason::none) record.outcome = outcome_of(walked[i].view, known[i]);
    finish(std::move(record), bytes_of(input, i), walked[i].view, clock, out);
  }
  return out;
}

std::string account_of(reason why, const account_view& view) {
  const bool is_known = why == reason::none || why == reason::exported_at_duplicate ||
                        why == reason::exported_at_invalid || why == reason::exported_at_range;
  return is_known ? view.account : std::string();
}

/// Archives a document that was walked, unless its outcome or its reason is another.
void worker::finish(document_record record, std::string_view bytes, const account_view& view,
                    stage_clock& clock, block_result& out) {
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
  record.stored_offset = out.archives.size();
  const auto facts = archives_.write(view, out.archives, clock);
  if (facts.frame_bytes == 0) {
    record.reason = reason::too_large;
    // What was not seen before will not be new again.
    if (catalogue_) noter_.describe(view, archives_.recordings(), out.catalogue);
    return write_dead_letter(std::move(record), bytes, out);
  }
  record.stored_bytes = facts.frame_bytes;
  out.frames.push_back({facts.frame_bytes, static_cast<std::uint32_t>(facts.tar_bytes), facts.checksum});
  out.totals += {facts.tar_bytes, facts.rows,     facts.references, facts.playlists,      facts.entries,
                 facts.listens,   facts.suspects, facts.defused,    facts.lone_surrogates};
  if (catalogue_) noter_.note(view, archives_.recordings(), out.catalogue);
  clock.lap(stage::note);
  out.documents.push_back(std::move(record));
}

void worker::skip_note(block_result& out) const {
  if (catalogue_) catalogue_noter::skip(out.catalogue);
}

/// Keeps the bytes of a document and a line feed, in frames of at most dead_letter_frame.
void worker::write_dead_letter(document_record record, std::string_view bytes, block_result& out) {
  skip_note(out);
  record.outcome = outcome::dead_letter;
  record.digest = digest_of(bytes);
  record.content_digest = {};
  record.stored_offset = out.letters.size();
  std::string line(bytes);
  line += '\n';
  for (std::size_t at = 0; at < line.size(); at += dead_letter_frame)
    letters_.append(std::string_view(line).substr(at, dead_letter_frame), out.letters);
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
  record.stored_bytes = out.letters.size();  // of the last piece; the slice adds the others
  out.documents.push_back(std::move(record));
}

}  // namespace outro
