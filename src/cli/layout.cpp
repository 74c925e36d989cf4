#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "account/layout_report.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/sample.h"
#include "cli/tools.h"
#include "layout/load.h"

namespace outro {

namespace json = boost::json;

namespace {

struct check_options {
  std::string layout;
  std::string sample;
  std::uint64_t documents = 1000;
  bool json = false;
};

constexpr std::int64_t day_ms = 86'400'000;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& t : texts) all += (all.empty() ? "" : "; ") + t;
  return all;
}

json::array texts_json(const std::vector<std::string>& texts) {
  json::array all;
  for (const auto& t : texts) all.emplace_back(t);
  return all;
}

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

std::string percent(std::uint64_t part, std::uint64_t of) {
  return fmt::format("{:.1f} %", 100 * share(part, of));
}

std::string claims_text(const seen_path& p) {
  if (p.unclaimed) return "UNCLAIMED";
  return p.claims.empty() ? "-" : legible(joined(p.claims));
}

void write_paths(standard_output& out, const std::vector<seen_path>& paths, std::string_view title) {
  std::size_t width = title.size();
  for (const auto& p : paths) width = std::max(width, std::min<std::size_t>(p.path.size(), 48));
  const auto row = [&](std::string_view path, std::string_view times, std::string_view claims) {
    out.write(fmt::format("{}{}  {}\n", left(path, width), right(times, 12), claims));
  };
  out.write("\n");
  row(title, "TIMES", "CLAIMED AS");
  for (const auto& p : paths) row(legible(p.path), format_count(p.times), claims_text(p));
}

bool has_unclaimed(const std::vector<seen_path>& paths) {
  return std::any_of(paths.begin(), paths.end(), [](const seen_path& p) { return p.unclaimed; });
}

std::string unmatched_text(const unmatched_path& u) {
  return fmt::format("  {}{} ({}){}\n", u.is_needed ? "WARNING " : "", legible(u.path),
                     legible(joined(u.claims)), u.hint.empty() ? "" : "; " + legible(u.hint));
}

void write_text(standard_output& out, const layout& rules, const layout_report& r, const sample_end& end) {
  out.write(fmt::format("service   {}\n", rules.service));
  out.write(fmt::format("sample    {} documents: {} accepted, {} refused\n", format_count(r.documents),
                        format_count(r.accepted), format_count(r.documents - r.accepted)));
  for (const auto& [reason, n] : r.refused) out.write(fmt::format("  {:<24}{}\n", reason, format_count(n)));
  if (end.hidden.count > 0) out.write(fmt::format("  left out: {}\n", text_of(end.hidden)));
  for (const auto& damage : end.damaged) out.write(fmt::format("  DAMAGED {}\n", legible(damage)));
  write_paths(out, r.paths, "PATH");
  write_paths(out, r.track_keys, "KEY OF TRACK OBJECTS");
  out.write(fmt::format("\n{} track objects, {} rows. Share of these objects that have a\n",
                        format_count(r.tracks), format_count(r.track_rows)));
  for (std::size_t i = 0; i < role_count; ++i)
    if (!rules.roles[i].empty())
      out.write(fmt::format("  {:<14}{:>8}\n", role_names[i], percent(r.role_found[i], r.tracks)));
  if (has_unclaimed(r.paths) || has_unclaimed(r.track_keys))
    out.write("\nWhat is UNCLAIMED is kept, byte for byte, in library.json; it is in no CSV.\n");
  if (!r.unmatched.empty()) out.write("\nPaths of the layout that the sample has nothing at:\n");
  for (const auto& u : r.unmatched) out.write(unmatched_text(u));
}

void write_json(standard_output& out, const layout& rules, const layout_report& r, const sample_end& end) {
  const auto object = [&out](const json::object& o) { out.write(serialized(o) + "\n"); };
  json::object refused;
  for (const auto& [reason, n] : r.refused) refused[reason] = n;
  object({{"kind", "sample"},
          {"service", rules.service},
          {"documents", r.documents},
          {"accepted", r.accepted},
          {"refused", std::move(refused)},
          {"damagedShards", texts_json(end.damaged)},
          {"leftOut", end.hidden.count},
          {"trackObjects", r.tracks},
          {"trackRows", r.track_rows},
          {"clean", r.is_clean() && end.damaged.empty()}});
  const auto paths = [&](const std::vector<seen_path>& all, const char* kind) {
    for (const auto& p : all)
      object({{"kind", kind},
              {"path", p.path},
              {"times", p.times},
              {"claims", texts_json(p.claims)},
              {"unclaimed", p.unclaimed}});
  };
  paths(r.paths, "path");
  paths(r.track_keys, "trackKey");
  for (std::size_t i = 0; i < role_count; ++i)
    if (!rules.roles[i].empty())
      object({{"kind", "role"},
              {"role", std::string(role_names[i])},
              {"found", r.role_found[i]},
              {"share", share(r.role_found[i], r.tracks)}});
  for (const auto& u : r.unmatched)
    object({{"kind", "unmatched"},
            {"path", u.path},
            {"claims", texts_json(u.claims)},
            {"needed", u.is_needed},
            {"hint", u.hint.empty() ? json::value() : json::value(u.hint)}});
}

int check(const check_options& o) {
  const auto rules = load_layout(o.layout);
  if (!rules) return report(rules.error());
  forbid_core_dumps();
  version_limits limits;
  limits.latest_ms = now_ms() + day_ms;
  layout_sampler sampler(*rules, limits);
  const auto end = read_sample(o.sample, o.documents, [&](std::string_view document, reason refusal) {
    if (refusal == reason::none)
      sampler.add(document);
    else
      sampler.add_refused(refusal);
  });
  if (!end) return report(end.error());
  if (end->documents == 0)
    return report(fail(failure::usage, end->damaged.empty() ? fmt::format("{} holds no documents", o.sample)
                                                            : legible(joined(end->damaged))));
  const auto found = sampler.report();
  standard_output out;
  if (o.json)
    write_json(out, *rules, found, *end);
  else
    write_text(out, *rules, found, *end);
  if (auto s = out.close(); !s.ok()) return report(s);
  return found.is_clean() && end->damaged.empty() ? 0 : 3;
}

int show(const std::string& name) {
  const auto toml = built_in_layout(name);
  if (toml.empty())
    return report(fail(failure::usage,
                       fmt::format("there is no built-in layout {}; the only one is xiami", legible(name))));
  standard_output out;
  out.write(toml);
  return report(out.close());
}

}  // namespace

void add_layout(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "layout", "Where a service's dumps keep things: check a layout, or show a built-in one");
  command->require_subcommand(1);

  auto options = std::make_shared<check_options>();
  auto* checking =
      command->add_subcommand("check", "What a layout claims in real dumps, and what it leaves unclaimed");
  checking->add_option("layout", options->layout, "A built-in layout (xiami), or a .toml file")
      ->required()
      ->type_name("FILE|NAME");
  checking->add_option("--sample", options->sample, "Dumps, as for export: a file, a directory or -")
      ->required()
      ->type_name("DUMP");
  checking->add_option("--documents", options->documents, "How many documents to look at (default 1000)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  checking->add_flag("--json", options->json, "One JSON object a line");
  checking->footer(R"(A path is listed with how often it occurs; below an unclaimed one nothing is listed.
Exit codes: 0; 2 the layout or the sample cannot be used; 3 documents were refused, or the sample has nothing
where the account id, its version, tracks, playlists, entries or a role of tracks should be.)");
  checking->callback([options, &exit_code] { exit_code = check(*options); });

  auto name = std::make_shared<std::string>();
  auto* showing = command->add_subcommand("show", "Print a built-in layout, to start one's own from");
  showing->add_option("layout", *name, "xiami")->required()->type_name("NAME");
  showing->callback([name, &exit_code] { exit_code = show(*name); });
}

}  // namespace outro
