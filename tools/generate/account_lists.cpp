/// The sections that hold tracks: favourites, playlists and the play log.
#include <algorithm>

#include "account.h"

namespace outro::generate {

namespace {
constexpr std::uint64_t page_size = 20;
}

void account_writer::put_favourites(random_stream& random) {
  text_buffer& out = *out_;
  const std::uint64_t songs = load_->favourites(random);
  out.put(",\"favorites\":{\"songs\":[");
  for (std::uint64_t i = 0; i < songs; ++i) {
    if (i > 0) out.put(',');
    out.put("{\"gmtCreate\":");
    out.put_number(base_time_ - random.below(base_time_ - oldest_ms));
    out.put(",\"song\":");
    put_new_track(random);
    out.put('}');
  }
  out.put(']');
  facts_->counts.favourites += songs;
  if (!load_->minimal) {
    const std::uint64_t albums = load_->small(random);
    out.put(",\"albums\":[");
    for (std::uint64_t i = 0; i < albums; ++i) {
      if (i > 0) out.put(',');
      out.put("{\"gmtCreate\":");
      out.put_number(base_time_ - random.below(base_time_ - oldest_ms));
      out.put(",\"album\":");
      put_album(random);
      out.put('}');
    }
    const std::uint64_t artists = load_->small(random);
    out.put("],\"artists\":[");
    for (std::uint64_t i = 0; i < artists; ++i) {
      if (i > 0) out.put(',');
      catalogue_.describe_artist(random.below(catalogue_.artists()), scratch_.artists[0]);
      out.put("{\"gmtCreate\":");
      out.put_number(base_time_ - random.below(base_time_ - oldest_ms));
      out.put(",\"artist\":{\"artistId\":");
      out.put_number(catalogue::artist_id(scratch_.artists[0].index));
      out.put(",\"artistName\":\"");
      out.put_escaped(scratch_.artists[0].name);
      out.put("\",\"alias\":\"\",\"countLikes\":");
      out.put_number(random.below(100'000));
      out.put("}}");
    }
    const std::uint64_t collects = load_->small(random) / 2;
    out.put("],\"collects\":[");
    for (std::uint64_t i = 0; i < collects; ++i) {
      if (i > 0) out.put(',');
      out.put("{\"gmtCreate\":");
      out.put_number(base_time_ - random.below(base_time_ - oldest_ms));
      out.put(",\"collect\":{\"listId\":");
      out.put_number(random.between(1'000'000, 900'000'000));
      out.put(",\"collectName\":\"");
      out.put(phrases::collect_name(random));
      out.put("\",\"userId\":");
      out.put_number(random.between(1, 40'000'000));
      out.put("}}");
    }
    out.put(']');
    facts_->counts.albums += albums;
    facts_->counts.artists += artists;
  }
  out.put('}');
}

void account_writer::put_album(random_stream& random) {
  const std::uint64_t album = random.below(catalogue_.albums());
  scratch_.album.clear();
  catalogue_.append_album_name(album, scratch_.album);
  catalogue_.describe_artist(catalogue_.artist_of_album(album), scratch_.artists[0]);
  text_buffer& out = *out_;
  out.put("{\"albumId\":");
  out.put_number(catalogue::album_id(album));
  out.put(",\"albumName\":\"");
  out.put_escaped(scratch_.album);
  out.put("\",\"artistId\":");
  out.put_number(catalogue::artist_id(scratch_.artists[0].index));
  out.put(",\"artistName\":\"");
  out.put_escaped(scratch_.artists[0].name);
  out.put("\",\"songCount\":");
  out.put_number(random.between(1, 20));
  out.put(",\"gmtPublish\":");
  out.put_number(random.between(oldest_ms - 200'000'000'000, base_time_));
  out.put('}');
}

void account_writer::put_playlists(random_stream& random) {
  std::uint64_t playlists = load_->playlists(random);
  const bool repeat_page = request_.kind == fault::repeated_pages;
  if (repeat_page) playlists = std::max<std::uint64_t>(playlists, 1);
  if (load_->minimal && playlists == 0) return;
  text_buffer& out = *out_;
  out.put(",\"collects\":[");
  for (std::uint64_t i = 0; i < playlists || (target_ > 0 && room_left(40)); ++i) {
    if (i > 0) out.put(',');
    std::uint64_t entries = load_->playlist_tracks(random);
    // Short enough that one list alone cannot exceed a small target.
    if (target_ > 0)
      entries = random.between(1, std::min<std::uint64_t>(1'000, (target_ - tail_reserve) / 10'000));
    // A page that repeats itself needs a full page.
    if (repeat_page && i == 0) entries = page_size + entries % 200;
    put_playlist(random, i, entries, repeat_page && i == 0);
  }
  out.put(']');
}

void account_writer::put_playlist(random_stream& random, std::uint64_t number, std::uint64_t entries,
                                  bool repeat_page) {
  text_buffer& out = *out_;
  const std::uint64_t list_id = request_.account * 1'000 % 900'000'000 + number;
  const std::uint64_t created = base_time_ - random.below(base_time_ - oldest_ms);
  out.put("{\"listId\":");
  out.put_number(list_id);
  out.put(",\"collectName\":\"");
  out.put(phrases::collect_name(random));
  out.put("\",\"description\":\"");
  out.put(phrases::description(random));
  out.put("\",\"tags\":[");
  const std::uint64_t tags = random.below(4);
  for (std::uint64_t t = 0; t < tags; ++t) {
    out.put(t > 0 ? std::string_view(",\"") : "\"");
    out.put(phrases::tag(random));
    out.put('"');
  }
  out.put("],\"gmtCreate\":");
  out.put_number(created);
  out.put(",\"gmtModify\":");
  out.put_number(created + random.below(base_time_ - created + 1));
  out.put(",\"isPublic\":");
  out.put(random.chance(0.8) ? std::string_view("true") : "false");
  out.put(",\"songCount\":");
  out.put_number(entries);
  ++facts_->counts.playlists;
  if (entries == 0) {
    out.put(random.chance(0.5) ? std::string_view(",\"songs\":null}") : ",\"songs\":[]}");
    return;
  }
  out.put(",\"songs\":[");
  page_.clear();
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (i > 0) out.put(',');
    const std::size_t from = out.size();
    out.put("{\"gmtCreate\":");
    out.put_number(created + random.below(base_time_ - created + 1));
    if (random.chance(load_->notes)) {
      out.put(",\"description\":\"");
      out.put(phrases::note(random));
      out.put('"');
      ++facts_->counts.notes;
    }
    out.put(",\"song\":");
    put_old_or_new_track(random, load_->entry_repeats);
    out.put('}');
    if (repeat_page && i < page_size) page_.push_back({from, out.size() - from});
  }
  std::uint64_t found = entries;
  if (repeat_page) {
    random_stream pages(options_.seed, purpose::fault, request_.account, 3);
    for (std::uint64_t times = pages.between(1, 5); times > 0; --times) {
      for (const place& entry : page_) {
        out.put(',');
        out.repeat(entry.from, entry.length);
      }
      found += page_.size();
    }
    facts_->detail = "list " + std::to_string(list_id) + " declared " + std::to_string(entries) + " found " +
                     std::to_string(found);
  }
  out.put("]}");
  facts_->counts.entries += found;
}

void account_writer::put_play_log(random_stream& random) {
  const std::uint64_t listens = load_->listens(random);
  if (load_->minimal && listens == 0 && revisions_.empty() && !request_.second_dump) return;
  text_buffer& out = *out_;
  out.put(",\"playLog\":[");
  const std::uint64_t step = (base_time_ - oldest_ms) / 4 / (listens + 1);
  std::uint64_t time = oldest_ms + random.below((base_time_ - oldest_ms) / 2);
  bool first = true;
  const auto listen = [&](random_stream& from, std::uint64_t pace) {
    if (!first) out.put(',');
    first = false;
    time += 30'000 + from.below(pace * 2 + 1);
    put_listen(from, time);
  };
  for (std::uint64_t i = 0; i < listens || (target_ > 0 && room_left(100)); ++i) {
    listen(random, target_ > 0 ? 1000 : step);
  }
  // Later listens are appended, so that the rest of the document stays the same.
  has_next_track_ = false;
  for (const std::uint64_t revision : revisions_) {
    random_stream later(options_.seed, purpose::account_revision, request_.account, revision);
    time = std::max(time, options_.exported_at + (revision - 1) * day_ms);
    for (std::uint64_t more = later.between(1, load_->minimal ? 1 : 30); more > 0; --more)
      listen(later, 200'000);
  }
  if (request_.second_dump) {
    random_stream other(options_.seed, purpose::second_dump, request_.account, 1);
    for (std::uint64_t more = other.between(1, load_->minimal ? 1 : 5); more > 0; --more)
      listen(other, 200'000);
  }
  has_next_track_ = false;
  out.put(']');
}

void account_writer::put_listen(random_stream& random, std::uint64_t& time) {
  text_buffer& out = *out_;
  out.put("{\"playedAt\":");
  out.put_number(time);
  out.put(",\"msPlayed\":");
  out.put_number(random.between(1'000, 300'000));
  out.put(",\"song\":");
  put_old_or_new_track(random, load_->listen_repeats);
  out.put('}');
  ++facts_->counts.listens;
}

}  // namespace outro::generate
