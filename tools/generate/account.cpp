#include "account.h"

namespace outro::generate {

namespace {
constexpr std::uint64_t hour_ms = 3'600'000;
}  // namespace

workload workload::of(profile chosen) {
  workload load;
  switch (chosen) {
    case profile::standard:
      load.favourites = {3.2, 1.3};
      load.playlists = {0.9, 0.9};
      load.playlist_tracks = {2.8, 1.0, 1'000};
      load.listens = {4.2, 1.3, 20'000};
      load.small = {0.9, 0.8, 200};
      load.purchases = {-0.6, 0.9, 100};
      break;
    case profile::small:
      load.favourites = {0.2, 0.8, 50};
      load.playlists = {-0.5, 0.8, 5};
      load.playlist_tracks = {0.2, 0.7, 20};
      load.listens = {0.2, 0.7, 50};
      load.small = {-1.0, 0.7, 5};
      load.purchases = {-2.0, 0.7, 3};
      break;
    case profile::tiny_docs:
      load.favourites = {-2.0, 0.7, 2};
      load.playlists = {-9.0, 0.1, 0};
      load.playlist_tracks = {0.0, 0.1, 1};
      load.listens = {-2.0, 0.7, 2};
      load.small = {-9.0, 0.1, 0};
      load.purchases = {-9.0, 0.1, 0};
      load.minimal = true;
      break;
  }
  return load;
}

std::uint64_t workload::expected_bytes() const {
  if (minimal) return 110;
  return listens.mu > 1 ? 130'000 : 2'000;
}

tally& tally::operator+=(const tally& other) {
  playlists += other.playlists;
  entries += other.entries;
  listens += other.listens;
  favourites += other.favourites;
  purchases += other.purchases;
  comments += other.comments;
  follows += other.follows;
  albums += other.albums;
  artists += other.artists;
  notes += other.notes;
  distinct_tracks += other.distinct_tracks;
  return *this;
}

account_writer::account_writer(const options& wanted, const catalogue& tracks, const fault_plan& faults)
    : options_(wanted),
      catalogue_(tracks),
      faults_(faults),
      standard_(workload::of(wanted.profile)),
      filled_(workload::of(profile::small)),
      popularity_(tracks.size(), 0.85) {
  changed_accounts_ = static_cast<std::uint64_t>(wanted.delta * static_cast<double>(wanted.accounts) + 0.5);
  if (changed_accounts_ == 0) return;
  for (std::uint64_t g = 1; g <= wanted.generation; ++g) {
    changes_.emplace_back(wanted.accounts, hash(wanted.seed, purpose::delta_order, g));
  }
}

std::uint64_t account_writer::exported_at() const {
  random_stream random(options_.seed, purpose::exported_at, request_.account);
  std::uint64_t time = options_.exported_at + options_.generation * day_ms - random.below(6 * hour_ms);
  if (request_.kind == fault::duplicate_id &&
      request_.second_dump != faults_.second_is_newer(request_.account)) {
    time -= random.between(1, hour_ms);  // the older of the two
  }
  return time;
}

/// Whether a document of a set size is still below a share of that size.
bool account_writer::room_left(std::size_t share_of_hundred) const {
  const std::size_t wanted = (target_ - tail_reserve) / 100 * share_of_hundred;
  return out_->size() - begin_ < wanted;
}

void account_writer::write(const dump_request& request, text_buffer& out, dump_facts& facts) {
  request_ = request;
  out_ = &out;
  facts_ = &facts;
  facts.counts = {};
  facts.detail.clear();
  begin_ = out.size();
  seen_.clear();
  has_next_track_ = false;
  target_ = request.kind == fault::oversized ? options_.oversized_size
                                             : (request.kind == fault::huge ? options_.huge : 0);
  load_ = target_ > 0 ? &filled_ : &standard_;
  revisions_.clear();
  for (std::size_t g = 0; g < changes_.size(); ++g) {
    if (request.account < options_.accounts && changes_[g].place_of(request.account) < changed_accounts_) {
      revisions_.push_back(g + 1);
    }
  }
  facts.changed = !revisions_.empty() && revisions_.back() == options_.generation;

  random_stream random(options_.seed, purpose::account, request.account);
  random_stream broken(options_.seed, purpose::fault, request.account, request.second_dump ? 2 : 1);
  // The second dump of an account spells its id the other way, when it can.
  const bool as_string = (to_unit(hash(options_.seed, purpose::string_id, request.account)) <
                          options_.string_ids) != (request.second_dump && options_.string_ids > 0);
  const bool id_last = random.chance(0.1);
  const bool with_id = request.kind != fault::missing_id;
  out.put('{');
  if (with_id && !id_last) {
    put_user_id(as_string);
    out.put(',');
  }
  base_time_ = options_.exported_at - random.below(6 * hour_ms);
  out.put("\"exportedAt\":");
  out.put_number(exported_at());
  put_profile(random);
  put_favourites(random);
  put_playlists(random);
  put_play_log(random);
  if (!load_->minimal) {
    put_purchases(random);
    put_comments(random);
    put_follows(random);
    put_extras(random);
  }
  if (request.kind == fault::duplicate_key) {
    const bool other = broken.chance(0.5);
    facts.detail = other ? "other-value" : "same-value";
    out.put(",\"userId\":");
    out.put_number(options_.first_id + request.account + (other ? 1 : 0));
  }
  if (request.kind == fault::duplicate_id) {
    facts.detail = request.second_dump == faults_.second_is_newer(request.account) ? "current" : "older";
  }
  if (request.kind == fault::deep) facts.detail = "depth " + std::to_string(put_deep_member(out, broken));
  if (with_id && id_last) {
    out.put(',');
    put_user_id(as_string);
  }
  if (target_ > 0) fill_up(begin_);
  out.put('}');
  if (request.kind == fault::malformed) facts.detail = break_grammar(out, begin_, broken);
  if (request.kind == fault::bad_utf8) facts.detail = break_utf8(out, begin_, broken);
  if (request.kind == fault::truncated) cut_in_the_middle(out, begin_);
}

void account_writer::put_user_id(bool as_string) {
  const std::uint64_t id = options_.first_id + request_.account;
  out_->put("\"userId\":");
  if (as_string) out_->put('"');
  out_->put_number(id);
  if (as_string) out_->put('"');
}

/// Fills a document up to its exact size with one member of padding; the closing brace follows.
void account_writer::fill_up(std::size_t begin) {
  constexpr std::string_view head = ",\"syncCache\":\"";
  out_->put(head);
  const std::size_t used = out_->size() - begin + 2;
  if (used < target_) out_->put_fill('A', target_ - used);
  out_->put('"');
}

void account_writer::put_new_track(random_stream& random) {
  std::uint64_t track = popularity_(random);
  if (catalogue_.has_planted_recordings()) {
    // An account with one release of a recording often has another one.
    if (has_next_track_) {
      track = next_track_;
      has_next_track_ = false;
    } else if (const track_kind kind = catalogue_.kind_of(track);
               (kind == track_kind::duplicate || kind == track_kind::trap) && random.chance(0.3)) {
      next_track_ = catalogue_.base_of(track);
      has_next_track_ = true;
    }
  }
  const std::size_t from = out_->size();
  catalogue_.render(track, *out_, scratch_);
  seen_.push_back({from, out_->size() - from});
  ++facts_->counts.distinct_tracks;
}

void account_writer::put_old_or_new_track(random_stream& random, double repeats) {
  const bool again = random.chance(repeats);
  if (again && !seen_.empty()) {
    const place& earlier = seen_[random.below(seen_.size())];
    out_->repeat(earlier.from, earlier.length);
  } else {
    put_new_track(random);
  }
}

}  // namespace outro::generate
