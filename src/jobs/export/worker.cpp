#include "jobs/export/worker.h"

#include <csignal>

namespace outro {

/// Scratch that a document above this size made is given back after it.
static constexpr std::size_t kept_document = 16U << 20;

worker::worker(const layout& rules, version_limits limits, int level, const std::string& recipe_id,
               std::shared_ptr<track_memory> memory, bool catalogue, std::string crash_on)
    : reader_(rules, limits, memory->seed()),
      archives_(rules, level, recipe_id, std::move(memory), catalogue),
      noter_(rules),
      catalogue_(catalogue),
      letters_(level),
      crash_on_(std::move(crash_on)) {}

reason worker::read(std::string_view document) {
  if (!crash_on_.empty() && document.find(crash_on_) != document.npos) (void)std::raise(SIGSEGV);
  return reader_.read(document, view_);
}

std::vector<std::string> worker::accounts_of(const block& input, const std::vector<bool>& crashing) {
  std::vector<std::string> accounts(input.documents.size());
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (!crashing.empty() && crashing[i]) continue;
    const auto& d = input.documents[i];
    if (read(input.bytes.view().substr(d.begin, d.length)) == reason::none) accounts[i] = view_.account;
  }
  return accounts;
}

block_result worker::work(const block& input, stage_clock& clock,
                          const std::vector<std::optional<known_archive>>& known,
                          const std::vector<bool>& crashing) {
  block_result out;
  if (!input.piece.empty()) bury_piece(input, out), clock.lap(stage::compress);
  for (std::size_t i = 0; i < input.documents.size(); ++i) {
    const auto& d = input.documents[i];
    const auto bytes = input.bytes.view().substr(d.begin, d.length);
    if (crashing.empty() || !crashing[i]) {
      archive(d, bytes, clock, known.empty() ? std::nullopt : known[i], out);
      continue;
    }
    document_record record;
    record.place = d.place;
    record.length = bytes.size();
    record.why = reason::crashed;
    bury(std::move(record), bytes, out);
    clock.lap(stage::compress);
  }
  return out;
}

/// Unchanged: what is there holds the same, for good. Older: what is there is newer, for good. An archive
/// whose source was damaged is neither, so that a proven copy can take its place.
static outcome outcome_of(const account_view& view, const std::optional<known_archive>& known) {
  if (!known || !known->proven) return outcome::written;
  if (known->same_recipe && known->content_digest == view.content_digest) return outcome::unchanged;
  return view.exported_at < known->exported_at ? outcome::older : outcome::written;
}

/// Of a dead letter, the account is only told where the whole document was read and names one.
static bool account_is_known(reason why) {
  return why == reason::none || why == reason::exported_at_duplicate || why == reason::exported_at_invalid ||
         why == reason::exported_at_range;
}

void worker::archive(const framed_document& place, std::string_view bytes, stage_clock& clock,
                     const std::optional<known_archive>& known, block_result& out) {
  document_record record;
  record.place = place.place;
  record.length = bytes.size();
  record.why = read(bytes);
  clock.lap(stage::read);
  if (account_is_known(record.why)) record.account = view_.account;
  if (record.why != reason::none) return bury(std::move(record), bytes, out);
  record.exported_at = view_.exported_at;
  record.digest = view_.digest;
  record.content_digest = view_.content_digest;
  record.what = outcome_of(view_, known);
  if (record.what == outcome::written) {
    record.stored_offset = out.archives.size();
    const auto facts = archives_.write(view_, out.archives, clock);
    if (facts.frame_bytes == 0) {
      record.why = reason::too_large;
      // What was not seen before will not be new again.
      if (catalogue_) noter_.describe(view_, archives_.recordings(), out.catalogue);
      return bury(std::move(record), bytes, out);
    }
    record.stored_bytes = facts.frame_bytes;
    out.frames.push_back({facts.frame_bytes, static_cast<std::uint32_t>(facts.tar_bytes), facts.checksum});
    out.totals += {facts.tar_bytes, facts.rows,     facts.references, facts.playlists,      facts.entries,
                   facts.listens,   facts.suspects, facts.defused,    facts.lone_surrogates};
    if (catalogue_) noter_.note(view_, archives_.recordings(), out.catalogue);
    clock.lap(stage::note);
  } else {
    skip_note(out);
  }
  out.documents.push_back(std::move(record));
  if (bytes.size() > kept_document) view_ = {};
}

void worker::skip_note(block_result& out) const {
  if (catalogue_) catalogue_noter::skip(out.catalogue);
}

/// Keeps the bytes of a document and a line feed, in frames of at most dead_letter_frame.
void worker::bury(document_record record, std::string_view bytes, block_result& out) {
  skip_note(out);
  record.what = outcome::dead_letter;
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

void worker::bury_piece(const block& input, block_result& out) {
  letters_.append(input.bytes.view(), out.letters);
  const auto& piece = input.piece.front();
  if (!piece.last) return;
  skip_note(out);
  document_record record;
  record.what = outcome::dead_letter;
  record.why = reason::too_large;
  record.place = piece.place;
  record.length = piece.length;
  record.digest = piece.digest;
  record.stored_bytes = out.letters.size();  // of the last piece; the slice adds the others
  out.documents.push_back(std::move(record));
}

}  // namespace outro
