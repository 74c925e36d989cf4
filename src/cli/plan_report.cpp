#include "cli/plan_report.h"

#include <boost/json.hpp>
#include <cmath>

#include "base/json_text.h"
#include "base/units.h"
#include "cli/tools.h"
#include "report/deadline.h"

namespace outro {

namespace {

namespace json = boost::json;

std::string decimal(double value, int digits) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}
std::string percent(double share, int digits = 0) {
  return decimal(100 * share, digits) + " %";
}
std::string size(double bytes) {
  return format_size(static_cast<std::uint64_t>(std::max(0.0, bytes)));
}
std::string count(double n) {
  return format_count(static_cast<std::uint64_t>(n + 0.5));
}
std::string duration(double seconds) {
  if (seconds < 100) return decimal(seconds, 1) + " s";
  if (seconds >= 2 * 86'400.0)
    return count(std::floor(seconds / 86'400)) + " days " + count(std::fmod(seconds, 86'400) / 3600) + " h";
  return format_duration(seconds);
}
std::string at(double ms) {
  return iso8601(static_cast<std::int64_t>(ms) / 1000 * 1000);
}
std::string headroom(double value) {
  return decimal(value, value < 100 ? 2 : 0);
}
std::string row(const char* name, const std::string& text) {
  return "  " + left(name, 11) + text + "\n";
}

std::string limit_text(const plan_report& r) {
  static constexpr const char* names[] = {"CPU", "disk", "arrival of the dumps"};
  const auto& a = r.answer;
  std::string text = names[static_cast<std::size_t>(a.limit)];
  const auto alone = [&](window_limit l, const char* what) {
    const auto share = a.share_of_limit[static_cast<std::size_t>(l)];
    if (l != a.limit && share > 0)
      text += std::string("; ") + what + " alone would take " + percent(share) + " of that time";
  };
  alone(window_limit::cpu, "the CPUs");
  alone(window_limit::disk, "the disks");
  alone(window_limit::arrival, "arrival");
  if (r.question.disk_read == 0 || r.question.disk_write == 0) text += "; disks not measured";
  return text;
}

/// Only a sample says what becomes of a byte of JSON.
bool knows_disk(const plan_report& r) {
  return r.measures && r.question.stored_share > 0;
}

bool lacks_disk(const plan_report& r) {
  const auto& q = r.question;
  return knows_disk(r) && q.json_bytes * q.output_share + static_cast<double>(r.ledger_bytes) >
                              static_cast<double>(r.disk_free);
}

std::string verdict_text(const plan_report& r) {
  const auto& a = r.answer;
  if (lacks_disk(r)) return "IT DOES NOT FIT ON THE DISK: make room, or name another with --out.\n";
  if (r.question.deadline_ms == 0) return {};
  if (a.headroom.low >= tight_headroom) return "It fits.\n";
  if (a.headroom.low >= 1)
    return "It fits, but tightly: less than half again the time that is needed, by the low end.\n";
  if (a.headroom.high >= 1) return "IT MAY NOT FIT: the deadline lies within the interval.\n";
  return "IT DOES NOT FIT.\n";
}

std::string measured_rows(const plan_report& r) {
  const auto& m = *r.measures;
  std::string t =
      row("sample", count(static_cast<double>(m.sample.documents)) + " dumps, " +
                        format_size(m.sample.json_bytes) + " of JSON in " + std::to_string(m.sample.shards) +
                        " shards; read from a copy" +
                        (m.dead_letters > 0 ? "; " + percent(m.dead_letters, 1) + " dead letters" : ""));
  return t +
         row("measured", count(static_cast<double>(m.rate.rounds.size())) + " rounds with " +
                             std::to_string(m.threads) + " threads: " + decimal(1e-6 / r.cost.seconds, 0) +
                             " MB of JSON a second (± " + percent(eighty_percent * r.cost.spread_error, 1) +
                             "), and " + duration(r.cost.start) + " that every run costs; others took " +
                             percent(m.others) + " of the CPUs");
}

}  // namespace

std::string text_of(const plan_report& r) {
  const auto& q = r.question;
  const auto& a = r.answer;
  std::string t = r.measures ? measured_rows(r) : row("measured", "nothing: by the figures that were given");
  const auto out = q.json_bytes * q.output_share;
  t += row("work", count(q.accounts) + " dumps, " + size(q.json_bytes) + " of JSON (± " +
                       percent(eighty_percent * q.size_error, 1) + ")");
  t += row("needs", duration(a.seconds.value) + "; 80 % interval " + duration(a.seconds.low) + " to " +
                        duration(a.seconds.high));
  t += row("finish", at(a.finish_ms.value) + "; 80 % interval " + at(a.finish_ms.low) + " to " +
                         at(a.finish_ms.high) +
                         (q.hours.hours < 24 ? ", at " + decimal(q.hours.hours, 1) + " hours a day" : ""));
  if (q.deadline_ms > 0)
    t += row("deadline", at(static_cast<double>(q.deadline_ms)) + ": headroom " + headroom(a.headroom.value) +
                             ", 80 % interval " + headroom(a.headroom.low) + " to " +
                             headroom(a.headroom.high));
  t += row("limit", limit_text(r));
  if (!knows_disk(r))
    t += row("disk", std::string("not known without a sample") +
                         (q.arrival > 0 ? "; what arrives is taken for plain JSON" : ""));
  else
    t += row("disk", size(q.json_bytes * q.stored_share) + " are read, about " +
                         size(out + static_cast<double>(r.ledger_bytes)) + " written; " +
                         format_size(r.disk_free) + " free" + (lacks_disk(r) ? ": NOT ENOUGH" : ""));
  if (r.memory > 0)
    t += row("memory", format_size(r.memory) + " plus 8 times the largest dump" +
                           (r.largest > 0 ? " (" + format_size(r.largest) + " in the sample)" : ""));
  if (r.measures && q.deadline_ms > 0 && !r.measures->levels.empty()) {
    std::string text = "none leaves a headroom of 1.5";
    for (const auto& l : r.measures->levels)
      if (l.level == r.highest_level)
        text = std::to_string(l.level) +
               " is the highest measured that leaves a headroom of 1.5: " + decimal(l.seconds, 1) +
               " times the time of level " + std::to_string(r.level) + ", " + percent(l.output) +
               " of its output";
    t += row("level", text);
  }
  if (q.deadline_ms > 0)
    t += row(
        "machines",
        a.machines == 0   ? "no number of machines helps: the dumps come too late, or the deadline has passed"
        : a.machines == 1 ? "1 is enough"
                          : std::to_string(a.machines) + " like this one, each with its share of the shards");
  if (r.change_rate >= 0)
    t += row("daily",
             "at " + percent(r.change_rate, 1) + " changed a day: " + duration(r.delta_changed_seconds) +
                 " where only those are dumped again" +
                 (r.delta_all_seconds > 0 ? ", " + duration(r.delta_all_seconds) + " where all are" : ""));
  t += "\nThe interval holds the true value 80 times of 100. Its parts, as standard errors:\n";
  t += row("runs", percent(r.cost.spread_error, 1) + " how much they differ");
  t += row("size", percent(q.size_error, 1) + " what an average dump is");
  t += row("tracks", percent(r.cost.model_error, 1) + " how far they repeat themselves in a larger run");
  t += r.measures
           ? row("machine", percent(drift_error) + " that it isn't as fast later as it is now (stated)")
           : row("figures", percent(given_error) + " of those that were given (stated)");
  if (const auto verdict = verdict_text(r); !verdict.empty()) t += "\n" + verdict;
  return t;
}

std::string json_of(const plan_report& r) {
  const auto& q = r.question;
  const auto& a = r.answer;
  const auto interval = [](const with_interval& i) {
    return json::object{{"value", i.value}, {"low", i.low}, {"high", i.high}};
  };
  const auto instants = [](const with_interval& i) {
    return json::object{{"value", at(i.value)}, {"low", at(i.low)}, {"high", at(i.high)}};
  };
  static constexpr const char* limits[] = {"cpu", "disk", "arrival"};
  const auto out = q.json_bytes * q.output_share;
  json::object o{
      {"format", "outro-plan/1"},
      {"accounts", q.accounts},
      {"jsonBytes", q.json_bytes},
      {"secondsNeeded", interval(a.seconds)},
      {"finish", instants(a.finish_ms)},
      {"limit", limits[static_cast<std::size_t>(a.limit)]},
      {"inputBytes", q.json_bytes * q.stored_share},
      {"outputBytes", knows_disk(r) ? json::value(out + static_cast<double>(r.ledger_bytes)) : nullptr},
      {"diskFree", r.disk_free},
      {"fitsOnDisk", knows_disk(r) ? json::value(!lacks_disk(r)) : nullptr},
      {"memory", r.memory},
      {"standardErrors", json::object{{"spread", r.cost.spread_error},
                                      {"size", q.size_error},
                                      {"tracks", r.cost.model_error},
                                      {"stated", r.measures ? drift_error : given_error}}}};
  if (q.deadline_ms > 0) {
    o["deadline"] = at(static_cast<double>(q.deadline_ms));
    o["headroom"] = interval(a.headroom);
    o["machines"] = a.machines;
  }
  if (r.change_rate >= 0)
    o["daily"] = json::object{{"changeRate", r.change_rate}, {"secondsForChanged", r.delta_changed_seconds}};
  if (r.change_rate >= 0 && r.delta_all_seconds > 0)
    o["daily"].as_object()["secondsForAll"] = r.delta_all_seconds;
  if (r.measures) {
    const auto& m = *r.measures;
    json::array rounds, levels;
    for (const auto& x : m.rate.rounds)
      rounds.push_back(json::object{{"start", x.start}, {"once", x.once}, {"copies", x.copies}});
    for (const auto& l : m.levels)
      levels.push_back(json::object{{"level", l.level}, {"time", l.seconds}, {"output", l.output}});
    o["measured"] = json::object{{"documents", m.sample.documents},
                                 {"jsonBytes", m.sample.json_bytes},
                                 {"bytesPerSecond", 1 / r.cost.seconds},
                                 {"startSeconds", r.cost.start},
                                 {"threads", m.threads},
                                 {"copies", m.rate.copies},
                                 {"rounds", std::move(rounds)},
                                 {"levels", std::move(levels)},
                                 {"diskReadBytesPerSecond", m.disk_read},
                                 {"diskWriteBytesPerSecond", m.disk_write},
                                 {"othersShareOfCpu", m.others}};
    if (q.deadline_ms > 0) o["highestLevel"] = r.highest_level;
  }
  return serialized(o) + "\n";
}

}  // namespace outro
