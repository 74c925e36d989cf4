#include "cli/lister.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"
#include "pack/slice_id.h"

namespace outro {

namespace json = boost::json;

status lister::run() {
  status s;
  switch (options_.what) {
    case listing::overview:
      overview();
      break;
    case listing::accounts:
      s = accounts();
      break;
    case listing::account:
      s = account();
      break;
    case listing::packs:
      packs();
      break;
    case listing::slices:
      slices();
      break;
    case listing::dead_letters:
      s = dead_letters();
      break;
    case listing::shards:
      s = shards();
      break;
  }
  const auto written = out_.close();
  return s.ok() ? written : s;
}

void lister::object(const json::object& o) {
  out_.write(serialized(o) + "\n");
}

void lister::overview() {
  const auto runs = books_.runs();
  const auto b = books_.books_of(0);
  const auto accounts = books_.current_accounts();
  const auto of = [&](outcome o) { return b.by_outcome[static_cast<std::size_t>(o)]; };
  if (options_.json) {
    json::array all;
    for (const auto& r : runs)
      all.push_back(
          json::object{{"run", r.run},
                       {"state", r.cut        ? "cut"
                                 : r.finished ? "finished"
                                              : "unfinished"},
                       {"service", r.service},
                       {"startedAt", r.started_ms > 0 ? iso8601(r.started_ms) : ""},
                       {"finishedAt", r.finished && r.started_ms > 0 ? json::value(iso8601(r.finished_ms))
                                                                     : json::value()}});
    json::object dead;
    for (const auto& [why, n] : b.dead_by_reason) dead[why] = n;
    return object({{"runs", std::move(all)},
                   {"documents", b.documents},
                   {"written", of(outcome::written)},
                   {"unchanged", of(outcome::unchanged)},
                   {"older", of(outcome::older)},
                   {"deadLetters", of(outcome::dead_letter)},
                   {"deadLettersByReason", std::move(dead)},
                   {"unproven", b.unproven},
                   {"accounts", accounts},
                   {"packs", b.slices},
                   {"packBytes", b.pack_bytes},
                   {"damagedShards", b.damaged.size()}});
  }
  const auto n = [](std::uint64_t value) { return format_count(value); };
  for (const auto& r : runs)
    line("run " + left(std::to_string(r.run), 4) +
         left(r.cut        ? "cut short"
              : r.finished ? "finished"
                           : "unfinished",
              12) +
         legible(r.service) + "  " +
         (r.started_ms == 0 ? "(when is not known since a rebuild)"
          : r.finished      ? iso8601(r.started_ms) + " to " + iso8601(r.finished_ms)
                            : iso8601(r.started_ms) + ", the same command resumes it"));
  if (runs.empty()) line("no run was planned yet");
  line("documents     " + n(b.documents) + " = " + n(of(outcome::written)) + " written + " +
       n(of(outcome::unchanged)) + " unchanged + " + n(of(outcome::older)) + " older + " +
       plural(of(outcome::dead_letter), "dead letter"));
  line("accounts      " + n(accounts) + " with a current archive");
  line("packs         " + n(b.slices) + ", " + format_size(b.pack_bytes));
  if (b.unproven > 0) line("unproven      " + plural(b.unproven, "document") + " from damaged shards");
  if (!b.damaged.empty()) line("damaged       " + plural(b.damaged.size(), "shard") + "; see --shards");
  for (const auto& [why, count] : b.dead_by_reason) line("dead letters  " + left(why, 24) + n(count));
  line("More with --accounts, --account ID, --packs, --slices, --shards, --dead-letters.");
}

void lister::packs() {
  head(left("PACK", 36) + right("BYTES", 14) + right("DOCUMENTS", 12) + "  SHA-256");
  for (const auto& s : books_.slices()) {
    const auto pack = pack_name(name_of(s.id));
    if (options_.json)
      object(
          {{"pack", pack}, {"bytes", s.pack_bytes}, {"documents", s.documents}, {"sha256", s.pack_sha256}});
    else
      line(left(pack, 36) + right(std::to_string(s.pack_bytes), 14) + right(std::to_string(s.documents), 12) +
           "  " + legible(s.pack_sha256));
  }
}

void lister::slices() {
  head(right("RUN", 5) + right("UNIT", 8) + right("SLICE", 7) + right("BEGIN", 16) + right("END", 16) +
       right("DOCUMENTS", 12) + right("PACK BYTES", 14) + right("DEAD LETTER BYTES", 20));
  for (const auto& s : books_.slices()) {
    if (options_.json) {
      object(
          {{"run", s.id.run},
           {"unit", s.id.unit},
           {"slice", s.id.number},
           {"begin", s.begin},
           {"end", s.end},
           {"documents", s.documents},
           {"pack", pack_name(name_of(s.id))},
           {"packBytes", s.pack_bytes},
           {"deadLetters", s.letters_bytes == 0 ? json::value() : json::value(letters_name(name_of(s.id)))},
           {"deadLetterBytes", s.letters_bytes}});
      continue;
    }
    const auto n = [](std::uint64_t value, std::size_t width) { return right(std::to_string(value), width); };
    line(n(s.id.run, 5) + n(s.id.unit, 8) + n(s.id.number, 7) + n(s.begin, 16) + n(s.end, 16) +
         n(s.documents, 12) + n(s.pack_bytes, 14) + n(s.letters_bytes, 20));
  }
}

static json::object described(const shard_row& s) {
  const auto of_end = [&](std::uint64_t shard_end::*field) {
    return s.end ? json::value((*s.end).*field) : json::value();
  };
  const auto damage = s.end ? s.end->damage : std::string();
  return {{"run", s.run},
          {"unit", s.unit},
          {"shard", s.number},
          {"path", s.planned.path.native()},
          {"bytes", s.planned.is_pipe ? json::value() : json::value(s.planned.size)},
          {"state", !s.end           ? "unread"
                    : damage.empty() ? "read"
                                     : "damaged"},
          {"decodedBytes", of_end(&shard_end::decoded_bytes)},
          {"lines", of_end(&shard_end::lines)},
          {"blankLines", of_end(&shard_end::blank_lines)},
          {"provenEnd", of_end(&shard_end::proven_end)},
          {"damage", damage.empty() ? json::value() : json::value(damage)}};
}

/// One at a time: a plan may have a hundred thousand shards.
status lister::shards() {
  head(right("RUN", 5) + right("UNIT", 8) + right("BYTES", 16) + right("DECODED", 16) + right("LINES", 12) +
       "  " + left("STATE", 10) + "PATH");
  return books_.for_each_shard([&](const shard_row& s) {
    if (options_.json) {
      object(described(s));
      return out_.ok();
    }
    const auto damage = s.end ? s.end->damage : std::string();
    const char* state = !s.end ? "unread" : damage.empty() ? "read" : "DAMAGED";
    const auto bytes = s.planned.is_pipe ? "-" : std::to_string(s.planned.size);
    const auto decoded = s.end ? std::to_string(s.end->decoded_bytes) : "-";
    const auto lines = s.end ? std::to_string(s.end->lines) : "-";
    line(fmt::format("{:>5}{:>8}{:>16}{:>16}{:>12}  {:<10}{}{}{}", s.run, s.unit, bytes, decoded, lines,
                     state, shown(s.planned.path.native()), damage.empty() ? "" : ": ", legible(damage)));
    return out_.ok();
  });
}

}  // namespace outro
