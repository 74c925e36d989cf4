#include "cli/plan_report.h"

#include <fmt/format.h>

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
  return fmt::format("{:.{}f}", value, digits);
}
std::string percent(double share, int digits = 0) {
  return fmt::format("{:.{}f} %", 100 * share, digits);
}
std::string size(double bytes) {
  return format_size(static_cast<std::uint64_t>(std::max(0.0, bytes)));
}
std::string count(double n) {
  return format_count(static_cast<std::uint64_t>(n + 0.5));
}
std::string duration(double seconds) {
  constexpr double day = 86'400;
  if (seconds < 100) return decimal(seconds, 1) + " s";
  if (seconds < 2 * day) return format_duration(seconds);
  return fmt::format("{} days {} h", count(std::floor(seconds / day)), count(std::fmod(seconds, day) / 3600));
}
std::string at(double ms) {
  return iso8601(static_cast<std::int64_t>(ms) / 1000 * 1000);
}
std::string headroom(double value) {
  return decimal(value, value < 100 ? 2 : 0);
}

/// "2.0; 80 % interval 1.8 to 2.3".
std::string interval_text(const with_interval& i, std::string (*text)(double)) {
  return fmt::format("{}; 80 % interval {} to {}", text(i.value), text(i.low), text(i.high));
}

std::string row(std::string_view name, std::string_view text) {
  return fmt::format("  {:<11}{}\n", name, text);
}

std::string limit_text(const plan_report& r) {
  static constexpr std::string_view names[] = {"CPU", "disk", "arrival of the dumps"};
  static constexpr std::string_view subjects[] = {"the CPUs", "the disks", "arrival"};
  const auto limit = static_cast<std::size_t>(r.answer.limit);
  std::string text(names[limit]);
  for (std::size_t i = 0; i < std::size(subjects); ++i)
    if (const auto share = r.answer.share_of_limit[i]; i != limit && share > 0)
      text += fmt::format("; {} alone would take {} of that time", subjects[i], percent(share));
  if (r.question.disk_read == 0 || r.question.disk_write == 0) text += "; disks not measured";
  return text;
}

/// Only a sample says how many bytes are written for a byte of JSON.
bool knows_disk(const plan_report& r) {
  return r.measures && r.question.stored_share > 0;
}

double written_bytes(const plan_report& r) {
  return r.question.json_bytes * r.question.output_share + static_cast<double>(r.ledger_bytes);
}

bool lacks_disk(const plan_report& r) {
  return knows_disk(r) && written_bytes(r) > static_cast<double>(r.disk_free);
}

std::string verdict_text(const plan_report& r) {
  const auto& a = r.answer;
  if (lacks_disk(r)) return "IT DOES NOT FIT ON THE DISK: make room, or name another with --out.\n";
  if (r.question.deadline_ms == 0) return {};
  if (a.headroom.low >= tight_headroom) return "It fits.\n";
  if (a.headroom.low >= 1)
    return "It fits, but tightly: by the low end, there is less than 1.5 times the time that it needs.\n";
  if (a.headroom.high >= 1) return "IT MAY NOT FIT: the deadline lies within the interval.\n";
  return "IT DOES NOT FIT.\n";
}

std::string remark_rows(const tune_sample& sample) {
  std::string rows;
  for (const auto& remark : remarks_on(sample)) rows += row("", remark);
  return rows;
}

std::string measured_rows(const plan_report& r) {
  const auto& m = *r.measures;
  const auto letters =
      m.dead_letters > 0 ? fmt::format("; {} dead letters", percent(m.dead_letters, 1)) : std::string();
  return row("sample", fmt::format("{} dumps, {} of JSON in {} shards; read from a copy{}",
                                   format_count(m.sample.documents), format_size(m.sample.json_bytes),
                                   m.sample.shards, letters)) +
         remark_rows(m.sample) +
         row("measured",
             fmt::format(
                 "{} rounds with {} threads: {:.0f} MB of JSON a second (± {}), and {} that every run "
                 "costs; other programs took {} of the CPUs",
                 m.rate.rounds.size(), m.threads, 1e-6 / r.cost.seconds,
                 percent(eighty_percent * r.cost.spread_error, 1), duration(r.cost.start),
                 percent(m.others)));
}

std::string disk_text(const plan_report& r) {
  const auto& q = r.question;
  if (!knows_disk(r))
    return q.arrival > 0 ? "not known without a sample; what arrives is taken for plain JSON"
                         : "not known without a sample";
  return fmt::format("{} are read, about {} written; {} free{}", size(q.json_bytes * q.stored_share),
                     size(written_bytes(r)), format_size(r.disk_free), lacks_disk(r) ? ": NOT ENOUGH" : "");
}

std::string memory_text(const plan_report& r) {
  return fmt::format("{} plus 8 times the largest dump{}", format_size(r.memory),
                     r.largest > 0 ? fmt::format(" ({} in the sample)", format_size(r.largest)) : "");
}

std::string level_text(const plan_report& r) {
  for (const auto& l : r.measures->levels)
    if (l.level == r.highest_level)
      return fmt::format(
          "{} is the highest measured that leaves a headroom of 1.5: {:.1f} times the time of level {}, {} "
          "of "
          "its output",
          l.level, l.seconds, r.level, percent(l.output));
  return "none leaves a headroom of 1.5";
}

std::string machines_text(unsigned machines) {
  if (machines == 0)
    return "no number of machines helps: the dumps come too late, or the deadline has passed";
  if (machines == 1) return "1 is enough";
  return fmt::format("{} like this one, each with its share of the shards", machines);
}

std::string daily_text(const plan_report& r) {
  auto text = fmt::format("at {} changed a day: {} where only those are dumped again",
                          percent(r.change_rate, 1), duration(r.delta_changed_seconds));
  if (r.delta_all_seconds > 0) text += fmt::format(", {} where all are", duration(r.delta_all_seconds));
  return text;
}

std::string time_rows(const plan_report& r) {
  const auto& q = r.question;
  const auto& a = r.answer;
  auto t = row("work", fmt::format("{} dumps, {} of JSON (± {})", count(q.accounts), size(q.json_bytes),
                                   percent(eighty_percent * q.size_error, 1)));
  t += row("needs", interval_text(a.seconds, duration));
  t += row("finish",
           interval_text(a.finish_ms, at) +
               (q.hours.hours < 24 ? fmt::format(", at {:.1f} hours a day", q.hours.hours) : std::string()));
  if (q.deadline_ms > 0)
    t += row("deadline", fmt::format("{}: headroom {}", at(static_cast<double>(q.deadline_ms)),
                                     interval_text(a.headroom, headroom)));
  return t;
}

std::string error_rows(const plan_report& r) {
  auto t = row("runs", fmt::format("{} how much they differ", percent(r.cost.spread_error, 1)));
  t += row("size", fmt::format("{} how far the sample's average dump is from that of all",
                               percent(r.question.size_error, 1)));
  t += row("tracks",
           fmt::format("{} how far they repeat themselves in a larger run", percent(r.cost.model_error, 1)));
  if (r.measures)
    t += row("machine", fmt::format("{} how its speed changes from day to day (stated, not measured)",
                                    percent(drift_error)));
  else
    t += row("figures",
             fmt::format("{} of those that were given (stated, not measured)", percent(given_error)));
  return t;
}

json::object interval_json(const with_interval& i) {
  return {{"value", i.value}, {"low", i.low}, {"high", i.high}};
}

json::object instants_json(const with_interval& i) {
  return {{"value", at(i.value)}, {"low", at(i.low)}, {"high", at(i.high)}};
}

json::object measured_json(const plan_report& r) {
  const auto& m = *r.measures;
  json::array rounds, levels;
  for (const auto& x : m.rate.rounds)
    rounds.push_back(json::object{{"start", x.start}, {"once", x.once}, {"copies", x.copies}});
  for (const auto& l : m.levels)
    levels.push_back(json::object{{"level", l.level}, {"time", l.seconds}, {"output", l.output}});
  return {{"documents", m.sample.documents},
          {"jsonBytes", m.sample.json_bytes},
          {"leftOut", m.sample.hidden.count},
          {"damagedShards", m.sample.damaged.size()},
          {"bytesPerSecond", 1 / r.cost.seconds},
          {"startSeconds", r.cost.start},
          {"threads", m.threads},
          {"copies", m.rate.copies},
          {"rounds", std::move(rounds)},
          {"levels", std::move(levels)},
          {"diskReadBytesPerSecond", m.disk_read},
          {"diskWriteBytesPerSecond", m.disk_write},
          {"othersShareOfCpu", m.others}};
}

}  // namespace

std::string text_of(const plan_report& r) {
  const bool has_deadline = r.question.deadline_ms > 0;
  auto t = r.measures ? measured_rows(r) : row("measured", "nothing: by the figures that were given");
  t += time_rows(r);
  t += row("limit", limit_text(r));
  t += row("disk", disk_text(r));
  if (r.memory > 0) t += row("memory", memory_text(r));
  if (r.measures && has_deadline && !r.measures->levels.empty()) t += row("level", level_text(r));
  if (has_deadline) t += row("machines", machines_text(r.answer.machines));
  if (r.change_rate >= 0) t += row("daily", daily_text(r));
  t += "\nThe interval holds the true value 80 times of 100. Its parts, as standard errors:\n";
  t += error_rows(r);
  if (const auto verdict = verdict_text(r); !verdict.empty()) t += "\n" + verdict;
  return t;
}

std::string json_of(const plan_report& r) {
  const auto& q = r.question;
  const auto& a = r.answer;
  static constexpr const char* limits[] = {"cpu", "disk", "arrival"};
  json::object o{{"format", "outro-plan/1"},
                 {"accounts", q.accounts},
                 {"jsonBytes", q.json_bytes},
                 {"secondsNeeded", interval_json(a.seconds)},
                 {"finish", instants_json(a.finish_ms)},
                 {"limit", limits[static_cast<std::size_t>(a.limit)]},
                 {"inputBytes", q.json_bytes * q.stored_share},
                 {"outputBytes", knows_disk(r) ? json::value(written_bytes(r)) : nullptr},
                 {"diskFree", r.disk_free},
                 {"fitsOnDisk", knows_disk(r) ? json::value(!lacks_disk(r)) : nullptr},
                 {"memory", r.memory},
                 {"standardErrors", json::object{{"spread", r.cost.spread_error},
                                                 {"size", q.size_error},
                                                 {"tracks", r.cost.model_error},
                                                 {"stated", r.measures ? drift_error : given_error}}}};
  if (q.deadline_ms > 0) {
    o["deadline"] = at(static_cast<double>(q.deadline_ms));
    o["headroom"] = interval_json(a.headroom);
    o["machines"] = a.machines;
  }
  if (r.change_rate >= 0) {
    json::object daily{{"changeRate", r.change_rate}, {"secondsForChanged", r.delta_changed_seconds}};
    if (r.delta_all_seconds > 0) daily["secondsForAll"] = r.delta_all_seconds;
    o["daily"] = std::move(daily);
  }
  if (r.measures) {
    o["measured"] = measured_json(r);
    if (q.deadline_ms > 0) o["highestLevel"] = r.highest_level;
  }
  return serialized(o) + "\n";
}

}  // namespace outro
