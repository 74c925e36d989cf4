/// Writes one account's dump: every section of the `xiami` layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "catalogue.h"
#include "distributions.h"
#include "faults.h"
#include "options.h"
#include "text_buffer.h"

namespace outro::generate {

constexpr std::uint64_t day_ms = 86'400'000;
/// The beginning of the service, in 2009: nothing in a dump is older.
constexpr std::uint64_t oldest_ms = 1'230'768'000'000;
/// Bytes that a document of a set size leaves for the sections after its listens.
constexpr std::size_t tail_reserve = 64 * 1024;

/// The amounts of each section in an account.
struct workload {
  log_normal favourites;
  log_normal playlists;
  log_normal playlist_tracks;
  log_normal listens;
  double entry_repeats = 0.4;   ///< probability that a playlist entry is an earlier track of the account
  double listen_repeats = 0.8;  ///< the same for a listen
  double notes = 0.03;          ///< share of playlist entries with a note
  log_normal small;             ///< comments, follows, albums, artists
  log_normal purchases;
  bool minimal = false;  ///< no optional sections at all

  static workload of(profile chosen);
  /// The rough size of one account in bytes: decides the number of accounts in a batch.
  [[nodiscard]] std::uint64_t expected_bytes() const;
};

/// The contents of one document or of many.
struct tally {
  std::uint64_t playlists = 0;
  std::uint64_t entries = 0;
  std::uint64_t listens = 0;
  std::uint64_t favourites = 0;
  std::uint64_t purchases = 0;  ///< of tracks
  std::uint64_t comments = 0;
  std::uint64_t follows = 0;
  std::uint64_t albums = 0;
  std::uint64_t artists = 0;
  std::uint64_t notes = 0;
  std::uint64_t distinct_tracks = 0;  ///< rendered for the account, not copied from an earlier entry

  tally& operator+=(const tally& other);
};

/// One document to write.
struct dump_request {
  std::uint64_t account = 0;  ///< index; the id is that plus the first id
  fault kind = fault::none;
  bool second_dump = false;  ///< of an account with `duplicate_id`
};

/// The truth about a document.
struct dump_facts {
  tally counts;
  std::string detail;    ///< of the fault, in a few words
  bool changed = false;  ///< differs from the generation before in more than its time
};

/// Not to be shared between threads; keeps its working memory from one account to the next.
class account_writer {
 public:
  account_writer(const options& wanted, const catalogue& tracks, const fault_plan& faults);

  /// Appends the document, without a line feed.
  void write(const dump_request& request, text_buffer& out, dump_facts& facts);

 private:
  struct place {
    std::size_t from = 0;
    std::size_t length = 0;
  };

  void put_user_id(bool as_string);
  void put_profile(random_stream& random);
  void put_favourites(random_stream& random);
  void put_playlists(random_stream& random);
  void put_playlist(random_stream& random, std::uint64_t number, std::uint64_t entries, bool repeat_page);
  void put_play_log(random_stream& random);
  void put_listen(random_stream& random, std::uint64_t& time);
  void put_purchases(random_stream& random);
  void put_comments(random_stream& random);
  void put_comment(random_stream& random, std::uint64_t now);
  void put_follows(random_stream& random);
  void put_extras(random_stream& random);
  void put_album(random_stream& random);
  void put_new_track(random_stream& random);
  void put_old_or_new_track(random_stream& random, double repeats);
  void fill_up(std::size_t begin);
  [[nodiscard]] std::uint64_t exported_at() const;
  [[nodiscard]] bool room_left(std::size_t share_of_hundred) const;

  const options& options_;
  const catalogue& catalogue_;
  const fault_plan& faults_;
  workload standard_;
  workload filled_;  ///< the contents of a document of a set size, without its filling
  zipf popularity_;
  std::vector<permutation> changes_;  ///< one for each generation so far: the changed accounts come first
  std::uint64_t changed_accounts_ = 0;

  // The document being written.
  const workload* load_ = nullptr;
  dump_request request_;
  text_buffer* out_ = nullptr;
  dump_facts* facts_ = nullptr;
  std::size_t begin_ = 0;
  std::uint64_t target_ = 0;  ///< bytes, 0 if free
  std::uint64_t base_time_ = 0;
  std::vector<std::uint64_t> revisions_;
  std::vector<place> seen_;
  std::vector<place> page_;
  std::uint64_t next_track_ = 0;
  bool has_next_track_ = false;
  track_facts scratch_;
};

}  // namespace outro::generate
