/// The small sections of a dump: profile, purchases, comments, follows, and members that no layout names.
#include "account.h"

namespace outro::generate {

void account_writer::put_profile(random_stream& random) {
  text_buffer& out = *out_;
  out.put(",\"profile\":{\"nickName\":\"");
  out.put(phrases::nick_name(random));
  if (random.chance(0.7)) out.put_number(random.below(10'000));
  out.put('"');
  if (load_->minimal) {
    out.put('}');
    return;
  }
  const std::uint64_t id = options_.first_id + request_.account;
  out.put(",\"avatar\":\"http:\\/\\/pic.xiami.net\\/images\\/avatar_new\\/");
  out.put_number(id % 997);
  out.put("\\/");
  out.put_number(id);
  out.put(".jpg\",\"gender\":\"");
  const std::uint64_t gender = random.below(3);
  out.put(gender == 0 ? std::string_view("M") : (gender == 1 ? "F" : ""));
  out.put("\",\"gmtBirthday\":");
  if (random.chance(0.3)) {
    out.put("null");
  } else {
    out.put_number(random.between(10'000, 1'200'000) * 1'000'000);
  }
  out.put(",\"province\":\"");
  out.put(phrases::province(random));
  out.put("\",\"city\":\"");
  out.put(phrases::city(random));
  out.put("\",\"signature\":\"");
  if (random.chance(0.4)) out.put(phrases::comment(random));
  out.put("\",\"gmtCreate\":");
  out.put_number(random.between(oldest_ms, base_time_ - 400 * day_ms));
  out.put(",\"visits\":");
  // More visits in each generation that changed the account.
  out.put_number(random.below(5'000) + revisions_.size());
  out.put(",\"isVip\":");
  out.put(random.chance(0.1) ? std::string_view("true") : "false");
  out.put(",\"level\":");
  out.put_number(random.below(12));
  out.put(",\"description\":null,\"email\":\"user");
  out.put_number(id);
  out.put("@example.com\",\"accessToken\":\"");
  // A secret that the service should never have put into a dump.
  for (int i = 0; i < 2; ++i) out.put_number(random.next());
  out.put("\"}");
}

void account_writer::put_purchases(random_stream& random) {
  text_buffer& out = *out_;
  const std::uint64_t songs = load_->purchases(random);
  const std::uint64_t albums = load_->purchases(random);
  if (songs + albums == 0 && random.chance(0.5)) return;
  out.put(",\"purchases\":{\"songs\":[");
  for (std::uint64_t i = 0; i < songs; ++i) {
    if (i > 0) out.put(',');
    out.put("{\"gmtCreate\":");
    out.put_number(random.between(oldest_ms, base_time_));
    out.put(",\"price\":");
    out.put(random.chance(0.5) ? std::string_view("2.00") : "1.5e0");
    out.put(",\"orderId\":\"");
    out.put_number(random.next());
    out.put("\",\"song\":");
    put_new_track(random);
    out.put('}');
  }
  out.put("],\"albums\":[");
  for (std::uint64_t i = 0; i < albums; ++i) {
    if (i > 0) out.put(',');
    out.put("{\"gmtCreate\":");
    out.put_number(random.between(oldest_ms, base_time_));
    out.put(",\"price\":15.00,\"album\":");
    put_album(random);
    out.put('}');
  }
  out.put("]}");
  facts_->counts.purchases += songs;
}

void account_writer::put_comments(random_stream& random) {
  text_buffer& out = *out_;
  const std::uint64_t comments = load_->small(random);
  out.put(",\"comments\":[");
  for (std::uint64_t i = 0; i < comments; ++i) {
    if (i > 0) out.put(',');
    put_comment(random, base_time_);
  }
  facts_->counts.comments += comments;
  for (const std::uint64_t revision : revisions_) {
    random_stream later(options_.seed, purpose::account_revision, request_.account, revision + 1'000'000);
    if (!later.chance(0.2)) continue;
    if (facts_->counts.comments > 0) out.put(',');
    put_comment(later, options_.exported_at + (revision - 1) * day_ms);
    ++facts_->counts.comments;
  }
  out.put(']');
}

void account_writer::put_comment(random_stream& random, std::uint64_t now) {
  static constexpr std::string_view types[] = {"song", "album", "collect", "artist"};
  text_buffer& out = *out_;
  out.put("{\"commentId\":");
  out.put_number(random.between(1'000'000, 400'000'000));
  out.put(",\"objectId\":");
  out.put_number(random.between(1'000, 2'000'000'000));
  out.put(",\"objectType\":\"");
  out.put(types[random.below(4)]);
  out.put("\",\"message\":\"");
  out.put(phrases::comment(random));
  if (random.chance(0.3)) out.put(phrases::note(random));
  out.put("\",\"gmtCreate\":");
  out.put_number(now - random.below(day_ms * 300));
  out.put(",\"likes\":");
  out.put_number(random.below(random.chance(0.05) ? 5'000 : 10));
  out.put('}');
}

void account_writer::put_follows(random_stream& random) {
  text_buffer& out = *out_;
  const std::uint64_t follows = load_->small(random) * 2;
  out.put(",\"follows\":[");
  for (std::uint64_t i = 0; i < follows; ++i) {
    if (i > 0) out.put(',');
    out.put("{\"userId\":");
    out.put_number(random.between(1, 40'000'000));
    out.put(",\"nickName\":\"");
    out.put(phrases::nick_name(random));
    out.put_number(random.below(10'000));
    out.put("\"}");
  }
  out.put(']');
  facts_->counts.follows += follows;
}

/// Membership, and members that a reader does not know but must carry: odd numbers, duplicate keys below the
/// top level, a lone surrogate, white space.
void account_writer::put_extras(random_stream& random) {
  text_buffer& out = *out_;
  out.put(",\"membership\":{\"type\":\"");
  out.put(random.chance(0.1) ? std::string_view("svip") : "none");
  out.put("\",\"autoRenew\":false,\"expires\":");
  if (random.chance(0.1)) {
    out.put_number(base_time_ + random.below(day_ms * 365));
  } else {
    out.put("null");
  }
  out.put('}');
  if (random.chance(0.3)) {
    out.put(",\"settings\":{\"quality\":\"high\",\"theme\":\"dark\",\"lastSongIds\":[");
    const std::uint64_t ids = random.below(4);
    for (std::uint64_t i = 0; i < ids; ++i) {
      if (i > 0) out.put(',');
      out.put_number(random.between(1'768'000'000, 1'777'000'000));
    }
    out.put("],\"password\":\"\"}");
  }
  if (random.chance(0.02)) {
    out.put(
        ", \"legacy\" : { \"score\" : -1.50E+02 , \"big\":123456789012345678901234567890,\"tiny\":1e-400,");
    out.put(
        "\"k\":1,\"k\":2,\"\":[ ],\"lone\":\"\\ud83d\",\"nul\":\"\\u0000\",\"deep\":[[[[{\"$t\":0}]]]] }");
  }
}

}  // namespace outro::generate
