#include "pack/slice_record.h"

#include <zstd.h>

#include <cstdio>
#include <stdexcept>

#include "base/bytes.h"

namespace outro {

namespace {

// The magic numbers of skippable frames end in a digit that is free; the seek table takes E.
constexpr std::uint32_t slice_record_magic = ZSTD_MAGIC_SKIPPABLE_START | 0xA;
constexpr std::string_view signature = "outro-slice/3\n";
/// No record of ours exceeds these, so a crafted one cannot ask for unbounded memory. `max_body` holds the
/// most documents with the longest accounts, and the ends of millions of empty shards. `max_ratio` is far
/// above how well documents compress, because each has offsets and digests of its own.
constexpr std::uint64_t max_body = 256U << 20, max_ratio = 256, small_body = 1U << 20;

void put_digest(std::string& out, const digest128& d) {
  out.append(d.view());
}
digest128 get_digest(field_reader& in) {
  digest128 d;
  const auto bytes = in.get_bytes(d.bytes.size());
  std::copy(bytes.begin(), bytes.end(), d.bytes.begin());
  return d;
}

constexpr std::uint8_t flag_older = 1, flag_volatile = 2;

/// The totals in the order of their fields.
template <class Totals, class Each>
void for_each_total(Totals& t, Each each) {
  each(t.tar_bytes);
  each(t.rows);
  each(t.references);
  each(t.playlists);
  each(t.entries);
  each(t.listens);
  each(t.suspects);
  each(t.defused);
  each(t.lone_surrogates);
}

void put_shard(std::string& out, const shard_id& id) {
  put(out, id.run);
  put(out, id.unit);
  put(out, id.number);
}
shard_id get_shard(field_reader& in) {
  shard_id id;
  id.run = in.get<std::uint32_t>();
  id.unit = in.get<std::uint32_t>();
  id.number = in.get<std::uint32_t>();
  return id;
}

shard_end get_shard_end(field_reader& in) {
  shard_end s;
  s.shard = in.get<std::uint32_t>();
  s.decoded_bytes = in.get<std::uint64_t>();
  s.proven_end = in.get<std::uint64_t>();
  s.lines = in.get<std::uint64_t>();
  s.blank_lines = in.get<std::uint64_t>();
  s.byte_order_mark = in.get<std::uint8_t>() != 0;
  s.damage = in.get_text();
  s.remains.decoded = in.get_text();
  s.remains.proven = in.get_text();
  for (auto repairs = in.get<std::uint32_t>(); repairs > 0 && in.ok(); --repairs)
    s.repairs.push_back(get_shard(in));
  return s;
}

void put_document(std::string& out, const document_record& d) {
  put(out, static_cast<std::uint8_t>(d.outcome));
  put(out, static_cast<std::uint8_t>(d.reason));
  put(out, static_cast<std::uint8_t>(d.exported_at ? 1 : 0));
  put(out, static_cast<std::uint8_t>(d.account.size()));
  out.append(d.account);
  put(out, d.exported_at.value_or(0));
  put(out, d.place.shard);
  put(out, d.place.offset);
  put(out, d.place.line);
  put(out, d.length);
  put(out, d.stored_offset);
  put(out, d.stored_bytes);
  put_digest(out, d.digest);
  put_digest(out, d.content_digest);
  put(out, d.counts.entries);
  put(out, d.counts.favourites);
  put(out, d.counts.listens);
  put(out, d.counts.suspects);
  put(out, d.kept_percent);
  put(out, static_cast<std::uint8_t>((d.is_older ? flag_older : 0) | (d.volatile_only ? flag_volatile : 0)));
}

/// False where a field holds what no writer puts there.
bool get_document(field_reader& in, document_record& d) {
  const auto became = in.get<std::uint8_t>();
  const auto why = in.get<std::uint8_t>();
  const auto dated = in.get<std::uint8_t>();
  d.account = in.get_bytes(in.get<std::uint8_t>());
  const auto exported_at = in.get<std::int64_t>();
  if (dated != 0) d.exported_at = exported_at;
  d.place.shard = in.get<std::uint32_t>();
  d.place.offset = in.get<std::uint64_t>();
  d.place.line = in.get<std::uint64_t>();
  d.length = in.get<std::uint64_t>();
  d.stored_offset = in.get<std::uint64_t>();
  d.stored_bytes = in.get<std::uint64_t>();
  d.digest = get_digest(in);
  d.content_digest = get_digest(in);
  d.counts.entries = in.get<std::uint32_t>();
  d.counts.favourites = in.get<std::uint32_t>();
  d.counts.listens = in.get<std::uint32_t>();
  d.counts.suspects = in.get<std::uint32_t>();
  d.kept_percent = in.get<std::uint8_t>();
  const auto flags = in.get<std::uint8_t>();
  d.is_older = (flags & flag_older) != 0;
  d.volatile_only = (flags & flag_volatile) != 0;
  d.outcome = static_cast<outcome>(became);
  d.reason = static_cast<reason>(why);
  return in.ok() && became < outcome_names.size() && why < reason_names.size() && dated <= 1 &&
         flags <= (flag_older | flag_volatile);
}

}  // namespace

bool document_record::operator==(const document_record& o) const {
  return account == o.account && exported_at == o.exported_at && digest == o.digest &&
         content_digest == o.content_digest && outcome == o.outcome && reason == o.reason &&
         place.shard == o.place.shard && place.offset == o.place.offset && place.line == o.place.line &&
         length == o.length && stored_offset == o.stored_offset && stored_bytes == o.stored_bytes &&
         counts == o.counts && kept_percent == o.kept_percent && is_older == o.is_older &&
         volatile_only == o.volatile_only;
}

slice_totals& slice_totals::operator+=(const slice_totals& other) {
  tar_bytes += other.tar_bytes;
  rows += other.rows;
  references += other.references;
  playlists += other.playlists;
  entries += other.entries;
  listens += other.listens;
  suspects += other.suspects;
  defused += other.defused;
  lone_surrogates += other.lone_surrogates;
  return *this;
}

std::string encode(const slice_record& r) {
  std::string body;
  body.reserve(256 + r.documents.size() * 122);
  put(body, r.id.run);
  put(body, r.id.unit);
  put(body, r.id.number);
  put(body, r.units);
  put(body, static_cast<std::uint8_t>(r.end.last_of_unit ? 1 : 0));
  put(body, r.begin);
  put(body, r.end.offset);
  put_digest(body, r.end.digest);
  put_text(body, r.recipe);
  for_each_total(r.totals, [&](std::uint64_t n) { put(body, n); });
  put(body, static_cast<std::uint32_t>(r.end.shards.size()));
  for (const auto& s : r.end.shards) {
    put(body, s.shard);
    put(body, s.decoded_bytes);
    put(body, s.proven_end);
    put(body, s.lines);
    put(body, s.blank_lines);
    put(body, static_cast<std::uint8_t>(s.byte_order_mark ? 1 : 0));
    put_text(body, s.damage);
    put_text(body, s.remains.decoded);
    put_text(body, s.remains.proven);
    put(body, static_cast<std::uint32_t>(s.repairs.size()));
    for (const auto& repaired : s.repairs) put_shard(body, repaired);
  }
  put(body, static_cast<std::uint32_t>(r.documents.size()));
  for (const auto& d : r.documents) put_document(body, d);

  std::string packed(ZSTD_compressBound(body.size()), '\0');
  const auto n = ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), 1);
  if (ZSTD_isError(n) != 0) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(n));
  packed.resize(n);

  std::string frame;
  put(frame, slice_record_magic);
  put(frame, static_cast<std::uint32_t>(signature.size() + sizeof(std::uint64_t) + packed.size()));
  frame.append(signature);
  put(frame, static_cast<std::uint64_t>(XXH3_64bits(packed.data(), packed.size())));
  frame.append(packed);
  return frame;
}

result<slice_record> decode_slice_record(std::string_view frame) {
  const auto bad = [](const char* what) {
    return fail(failure::corrupt, std::string("the slice record is damaged: ") + what);
  };
  field_reader outer(frame);
  if (outer.get<std::uint32_t>() != slice_record_magic) return bad("its frame is not ours");
  if (outer.get<std::uint32_t>() != outer.left()) return bad("its size is wrong");
  if (outer.get_bytes(signature.size()) != signature)
    return bad("its signature is not ours, or of another version");
  const auto checksum = outer.get<std::uint64_t>();
  const auto packed = outer.get_bytes(outer.left());
  if (!outer.ok() || checksum != XXH3_64bits(packed.data(), packed.size()))
    return bad("its checksum is wrong");
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > max_body ||
      (size > small_body && size / max_ratio > packed.size()))
    return bad("its body's size is impossible");
  std::string body(size, '\0');
  if (ZSTD_decompress(body.data(), body.size(), packed.data(), packed.size()) != size) return bad("its body");

  field_reader in(body);
  slice_record r;
  r.id.run = in.get<std::uint32_t>();
  r.id.unit = in.get<std::uint32_t>();
  r.id.number = in.get<std::uint32_t>();
  r.units = in.get<std::uint32_t>();
  r.end.last_of_unit = in.get<std::uint8_t>() != 0;
  r.begin = in.get<std::uint64_t>();
  r.end.offset = in.get<std::uint64_t>();
  r.end.digest = get_digest(in);
  r.recipe = in.get_text();
  for_each_total(r.totals, [&](std::uint64_t& n) { n = in.get<std::uint64_t>(); });
  for (auto shards = in.get<std::uint32_t>(); shards > 0 && in.ok(); --shards)
    r.end.shards.push_back(get_shard_end(in));
  auto documents = in.get<std::uint32_t>();
  if (documents > max_slice_documents) return bad("it has more documents than a slice takes");
  for (; documents > 0 && in.ok(); --documents) {
    document_record d;
    if (!get_document(in, d)) return bad("a document's fields");
    r.documents.push_back(std::move(d));
  }
  if (!in.ok() || in.left() != 0) return bad("its body ends in the wrong place");
  return r;
}

}  // namespace outro
