#include <boost/json.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/tools.h"

namespace outro {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

enum class listing : std::uint8_t { overview, accounts, account, packs, slices, dead_letters, shards };

struct list_options {
  fs::path out;
  listing what = listing::overview;
  unsigned given = 0;  ///< how many listings were asked for
  std::string account;
  bool json = false;
};

/// One listing on its way out. Rows come one at a time and are written as they come, so that millions of them
/// take no memory.
class lister {
 public:
  lister(ledger& books, const list_options& options) : books_(books), options_(options) {}

  status run() {
    status s;
    switch (options_.what) {
      case listing::overview: overview(); break;
      case listing::accounts: s = accounts(); break;
      case listing::account: s = account(); break;
      case listing::packs: packs(); break;
      case listing::slices: slices(); break;
      case listing::dead_letters: s = dead_letters(); break;
      case listing::shards: s = shards(); break;
    }
    const auto written = out_.close();
    return s.ok() ? written : s;
  }

 private:
  static json::value or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

  void object(const json::object& o) { out_.write(json::serialize(o) + "\n"); }
  void line(const std::string& text) { out_.write(text + "\n"); }
  /// The names of the columns, for people only.
  void head(const std::string& text) {
    if (!options_.json) line(text);
  }

  /// Neighbouring rows are of the same shard, mostly.
  const std::string& shard_of(const document_row& r) {
    const auto key = std::tuple(r.run, r.unit, r.record.place.shard);
    if (shard_path_.empty() || key != shard_key_) {
      shard_key_ = key;
      shard_path_ = books_.shard_path(r.run, r.unit, r.record.place.shard);
    }
    return shard_path_;
  }

  void overview() {
    const auto runs = books_.runs();
    const auto b = books_.books_of(0);
    const auto accounts = books_.current_accounts();
    const auto of = [&](outcome o) { return b.by_outcome[static_cast<std::size_t>(o)]; };
    if (options_.json) {
      json::array all;
      for (const auto& r : runs)
        all.push_back(json::object{{"run", r.run},
                                   {"state", r.finished ? "finished" : "unfinished"},
                                   {"service", r.service},
                                   {"startedAt", iso8601(r.started_ms)},
                                   {"finishedAt", r.finished ? json::value(iso8601(r.finished_ms)) : json::value()}});
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
      line("run " + left(std::to_string(r.run), 4) + left(r.finished ? "finished" : "unfinished", 12) + r.service +
           "  " + iso8601(r.started_ms) + (r.finished ? " to " + iso8601(r.finished_ms) : ", the same command resumes it"));
    if (runs.empty()) line("no run was planned yet");
    line("documents     " + n(b.documents) + " = " + n(of(outcome::written)) + " written + " + n(of(outcome::unchanged)) +
         " unchanged + " + n(of(outcome::older)) + " older + " + n(of(outcome::dead_letter)) + " dead letters");
    line("accounts      " + n(accounts) + " have a current archive");
    line("packs         " + n(b.slices) + ", " + format_size(b.pack_bytes));
    if (b.unproven > 0) line("unproven      " + n(b.unproven) + " documents come from damaged shards");
    if (!b.damaged.empty()) line("damaged       " + n(b.damaged.size()) + " shards; see --shards");
    for (const auto& [why, count] : b.dead_by_reason) line("dead letters  " + left(why, 24) + n(count));
    line("More with --accounts, --account ID, --packs, --slices, --shards, --dead-letters.");
  }

  status accounts() {
    head(left("EXPORTED AT", 26) + left("PROVEN", 8) + left("PACK", 36) + right("OFFSET", 12) + right("BYTES", 12) + "  ACCOUNT");
    return books_.for_each_current([&](const document_row& r) {
      const auto& d = r.record;
      const auto exported = iso8601(d.exported_at), pack = pack_name(r.run, r.unit, r.slice);
      if (options_.json)
        object({{"account", d.account},
                {"exportedAt", or_null(exported)},
                {"run", r.run},
                {"pack", pack},
                {"offset", d.stored_offset},
                {"bytes", d.stored_bytes},
                {"proven", r.proven}});
      else
        line(left(exported.empty() ? "-" : exported, 26) + left(r.proven ? "yes" : "NO", 8) + left(pack, 36) +
             right(std::to_string(d.stored_offset), 12) + right(std::to_string(d.stored_bytes), 12) + "  " +
             printable(d.account));
      return out_.ok();
    });
  }

  status account() {
    const auto rows = books_.history_of(options_.account);
    if (rows.empty())
      return fail(failure::usage, "no dump of account " + printable(options_.account) + " was seen; dead letters whose "
                                  "account could not be read are in `outro list " + options_.out.string() + " --dead-letters`");
    head(right("RUN", 5) + "  " + left("OUTCOME", 34) + left("EXPORTED AT", 26) + left("PROVEN", 8) + left("CURRENT", 9) + "PLACE");
    bool current_told = false;  // the first written one is current
    for (const auto& r : rows) {
      const auto& d = r.record;
      const bool written = d.what == outcome::written, dead = d.what == outcome::dead_letter;
      const bool is_current = written && !current_told;
      current_told = current_told || written;
      const auto exported = iso8601(d.exported_at);
      if (options_.json) {
        json::object o{{"account", d.account},
                       {"run", r.run},
                       {"outcome", name_of(d.what)},
                       {"reason", dead ? json::value(name_of(d.why)) : json::value()},
                       {"exportedAt", or_null(exported)},
                       {"proven", r.proven},
                       {"current", is_current},
                       {"shard", shard_of(r)},
                       {"line", d.place.line},
                       {"offset", d.place.offset},
                       {"length", d.length}};
        if (written || dead) {
          o["file"] = written ? pack_name(r.run, r.unit, r.slice) : letters_name(r.run, r.unit, r.slice);
          o["fileOffset"] = d.stored_offset;
          o["fileBytes"] = d.stored_bytes;
        }
        object(o);
      } else {
        const auto what = std::string(name_of(d.what)) + (dead ? " " + std::string(name_of(d.why)) : "");
        line(right(std::to_string(r.run), 5) + "  " + left(what, 34) + left(exported.empty() ? "-" : exported, 26) +
             left(r.proven ? "yes" : "NO", 8) + left(is_current ? "yes" : "-", 9) + printable(shard_of(r)) + ":" +
             std::to_string(d.place.line));
      }
    }
    return {};
  }

  void packs() {
    head(left("PACK", 36) + right("BYTES", 14) + right("DOCUMENTS", 12) + "  SHA-256");
    for (const auto& s : books_.slices()) {
      const auto pack = pack_name(s.run, s.unit, s.slice);
      if (options_.json)
        object({{"pack", pack}, {"bytes", s.pack_bytes}, {"documents", s.documents}, {"sha256", s.pack_sha256}});
      else
        line(left(pack, 36) + right(std::to_string(s.pack_bytes), 14) + right(std::to_string(s.documents), 12) + "  " + s.pack_sha256);
    }
  }

  void slices() {
    head(right("RUN", 5) + right("UNIT", 8) + right("SLICE", 7) + right("BEGIN", 16) + right("END", 16) +
         right("DOCUMENTS", 12) + right("PACK BYTES", 14) + right("DEAD LETTER BYTES", 20));
    for (const auto& s : books_.slices()) {
      if (options_.json) {
        object({{"run", s.run},
                {"unit", s.unit},
                {"slice", s.slice},
                {"begin", s.begin},
                {"end", s.end},
                {"documents", s.documents},
                {"pack", pack_name(s.run, s.unit, s.slice)},
                {"packBytes", s.pack_bytes},
                {"deadLetters", s.letters_bytes == 0 ? json::value() : json::value(letters_name(s.run, s.unit, s.slice))},
                {"deadLetterBytes", s.letters_bytes}});
        continue;
      }
      const auto n = [](std::uint64_t value, std::size_t width) { return right(std::to_string(value), width); };
      line(n(s.run, 5) + n(s.unit, 8) + n(s.slice, 7) + n(s.begin, 16) + n(s.end, 16) + n(s.documents, 12) +
           n(s.pack_bytes, 14) + n(s.letters_bytes, 20));
    }
  }

  status dead_letters() {
    head(left("REASON", 24) + right("LENGTH", 12) + "  " + left("DEAD LETTERS (BYTES FROM-TO)", 66) + "PLACE (BYTE), ACCOUNT");
    const auto dead = "outcome = " + std::to_string(static_cast<int>(outcome::dead_letter));
    return books_.for_each_document(
        [&](const document_row& r) {
          const auto& d = r.record;
          const auto file = letters_name(r.run, r.unit, r.slice);
          if (options_.json)
            object({{"reason", name_of(d.why)},
                    {"run", r.run},
                    {"shard", shard_of(r)},
                    {"offset", d.place.offset},
                    {"line", d.place.line},
                    {"account", or_null(d.account)},
                    {"length", d.length},
                    {"file", file},
                    {"fileOffset", d.stored_offset},
                    {"fileBytes", d.stored_bytes}});
          else
            line(left(name_of(d.why), 24) + right(std::to_string(d.length), 12) + "  " +
                 left(file + " " + std::to_string(d.stored_offset) + "-" + std::to_string(d.stored_offset + d.stored_bytes), 66) +
                 printable(shard_of(r)) + ":" + std::to_string(d.place.line) + " (" + std::to_string(d.place.offset) + ")" +
                 (d.account.empty() ? "" : ", " + printable(d.account)));
          return out_.ok();
        },
        dead);
  }

  /// Straight from the table: a plan may have a hundred thousand shards, and the ledger hands out whole plans.
  status shards() {
    auto opened = database::open(options_.out / "ledger.sqlite", database::access::read);
    if (!opened) return opened.error();
    auto s = opened->prepare(
        "SELECT run, unit, shard, path, size, pipe, decoded_bytes, lines, blank_lines, proven_end, damage FROM shards "
        "ORDER BY run, unit, shard");
    head(right("RUN", 5) + right("UNIT", 8) + right("BYTES", 16) + right("DECODED", 16) + right("LINES", 12) + "  " +
         left("STATE", 10) + "PATH");
    while (out_.ok() && s.step()) {
      const bool ended = !s.is_null(10);
      const std::string damage(s.text(10)), path(s.text(3));
      const char* state = !ended ? "unread" : damage.empty() ? "read" : "DAMAGED";
      const auto number = [&](int column) { return ended ? json::value(s.integer(column)) : json::value(); };
      const auto shown = [&](int column, std::size_t width) {
        return right(ended || column < 6 ? std::to_string(s.integer(column)) : "-", width);
      };
      if (options_.json)
        object({{"run", s.integer(0)},
                {"unit", s.integer(1)},
                {"shard", s.integer(2)},
                {"path", path},
                {"bytes", s.integer(5) != 0 ? json::value() : json::value(s.integer(4))},
                {"state", !ended ? "unread" : damage.empty() ? "read" : "damaged"},
                {"decodedBytes", number(6)},
                {"lines", number(7)},
                {"blankLines", number(8)},
                {"provenEnd", number(9)},
                {"damage", or_null(damage)}});
      else
        line(shown(0, 5) + shown(1, 8) + (s.integer(5) != 0 ? right("-", 16) : shown(4, 16)) + shown(6, 16) + shown(7, 12) +
             "  " + left(state, 10) + printable(path) + (damage.empty() ? "" : ": " + printable(damage)));
    }
    return s.error();
  }

  ledger& books_;
  const list_options& options_;
  standard_output out_;
  std::tuple<std::uint32_t, std::uint32_t, std::uint32_t> shard_key_;
  std::string shard_path_;
};

status list(const list_options& options) {
  if (options.given > 1)
    return fail(failure::usage, "one listing at a time: --accounts, --account, --packs, --slices, --shards or --dead-letters");
  auto opened = open_ledger(options.out);
  if (!opened) return opened.error();
  return lister(*opened, options).run();
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<list_options>();
  auto* command = app.add_subcommand("list", "What an output directory holds; also beside a running export");
  const auto choose = [options](listing what) {
    return [options, what] { options->what = what, ++options->given; };
  };
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("OUT");
  command->add_flag_callback("--accounts", choose(listing::accounts), "Every account with its current archive: pack, offset, bytes");
  command->add_option_function<std::string>(
      "--account", [options, choose](const std::string& id) { options->account = id, choose(listing::account)(); },
      "Every dump of one account that was seen, and what became of it; the newest first")->type_name("ID");
  command->add_flag_callback("--packs", choose(listing::packs), "Every pack with its size and SHA-256");
  command->add_flag_callback("--slices", choose(listing::slices), "Every slice with its byte range in its unit");
  command->add_flag_callback("--shards", choose(listing::shards), "Every input file, and whether it was read to its end");
  command->add_flag_callback("--dead-letters", choose(listing::dead_letters),
                             "Every document that could not be exported: why, where it came from, where its bytes are kept");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer("Exit codes: 0; 1 the ledger cannot be read; 2 there is no ledger, or no such account.");
  command->callback([options, &exit_code] { exit_code = report(list(*options)); });
}

}  // namespace outro
