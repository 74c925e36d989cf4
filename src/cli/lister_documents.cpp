#include <boost/json.hpp>

#include "base/output_names.h"
#include "base/utf8.h"
#include "cli/lister.h"
#include "pack/outcome.h"
#include "pack/slice_id.h"

namespace outro {

namespace json = boost::json;

static json::value or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

/// Neighbouring rows are of the same shard, mostly.
const std::string& lister::shard_of(const document_row& r) {
  const auto key = std::tuple(r.slice.run, r.slice.unit, r.record.place.shard);
  if (shard_path_.empty() || key != shard_key_) {
    shard_key_ = key;
    shard_path_ = books_.shard_path(r.slice.run, r.slice.unit, r.record.place.shard);
  }
  return shard_path_;
}

status lister::accounts() {
  head(left("EXPORTED AT", 26) + left("PROVEN", 8) + left("PACK", 36) + right("OFFSET", 12) +
       right("BYTES", 12) + "  ACCOUNT");
  return books_.for_each_current([&](const document_row& r) {
    const auto& d = r.record;
    const auto exported = iso8601(d.exported_at), pack = pack_name(name_of(r.slice));
    if (options_.json)
      object({{"account", d.account},
              {"exportedAt", or_null(exported)},
              {"run", r.slice.run},
              {"pack", pack},
              {"offset", d.stored_offset},
              {"bytes", d.stored_bytes},
              {"proven", r.proven}});
    else
      line(left(exported.empty() ? "-" : exported, 26) + left(r.proven ? "yes" : "NO", 8) + left(pack, 36) +
           right(std::to_string(d.stored_offset), 12) + right(std::to_string(d.stored_bytes), 12) + "  " +
           shown(d.account));
    return out_.ok();
  });
}

status lister::account() {
  const auto rows = books_.history_of(options_.account);
  if (rows.empty())
    return fail(failure::usage, "no dump of account " + shown(options_.account) +
                                    " was seen; dead letters whose "
                                    "account could not be read are in `outro list " +
                                    shown(options_.out.native()) + " --dead-letters`");
  head(right("RUN", 5) + "  " + left("OUTCOME", 34) + left("EXPORTED AT", 26) + left("PROVEN", 8) +
       left("CURRENT", 9) + "PLACE");
  bool current_told = false;  // the first written one is current
  for (const auto& r : rows) {
    const auto& d = r.record;
    const bool written = d.outcome == outcome::written, dead = d.outcome == outcome::dead_letter;
    const bool is_current = written && !current_told;
    current_told = current_told || written;
    const auto exported = iso8601(d.exported_at);
    if (options_.json) {
      json::object o{{"account", d.account},
                     {"run", r.slice.run},
                     {"outcome", name_of(d.outcome)},
                     {"reason", dead ? json::value(name_of(d.reason)) : json::value()},
                     {"exportedAt", or_null(exported)},
                     {"proven", r.proven},
                     {"current", is_current},
                     {"shard", shard_of(r)},
                     {"line", d.place.line},
                     {"offset", d.place.offset},
                     {"length", d.length}};
      if (written || dead) {
        o["file"] = written ? pack_name(name_of(r.slice)) : letters_name(name_of(r.slice));
        o["fileOffset"] = d.stored_offset;
        o["fileBytes"] = d.stored_bytes;
      }
      object(o);
    } else {
      const auto what = std::string(name_of(d.outcome)) + (dead ? " " + std::string(name_of(d.reason)) : "");
      line(right(std::to_string(r.slice.run), 5) + "  " + left(what, 34) +
           left(exported.empty() ? "-" : exported, 26) + left(r.proven ? "yes" : "NO", 8) +
           left(is_current ? "yes" : "-", 9) + shown(shard_of(r)) + ":" + std::to_string(d.place.line));
    }
  }
  return {};
}

status lister::dead_letters() {
  head(left("REASON", 24) + right("LENGTH", 12) + "  " + left("DEAD LETTERS (BYTES FROM-TO)", 66) +
       "PLACE (BYTE), ACCOUNT");
  return books_.for_each_dead_letter([&](const document_row& r) {
    const auto& d = r.record;
    const auto file = letters_name(name_of(r.slice));
    if (options_.json)
      object({{"reason", name_of(d.reason)},
              {"run", r.slice.run},
              {"shard", shard_of(r)},
              {"offset", d.place.offset},
              {"line", d.place.line},
              {"account", or_null(d.account)},
              {"length", d.length},
              {"file", file},
              {"fileOffset", d.stored_offset},
              {"fileBytes", d.stored_bytes}});
    else
      line(left(name_of(d.reason), 24) + right(std::to_string(d.length), 12) + "  " +
           left(file + " " + std::to_string(d.stored_offset) + "-" +
                    std::to_string(d.stored_offset + d.stored_bytes),
                66) +
           shown(shard_of(r)) + ":" + std::to_string(d.place.line) + " (" + std::to_string(d.place.offset) +
           ")" + (d.account.empty() ? "" : ", " + shown(d.account)));
    return out_.ok();
  });
}

}  // namespace outro
