#include "report/profile.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace outro {

std::vector<std::pair<std::string, double>> rows_of(const cpu_profile& p) {
  std::vector<std::pair<std::string, double>> rows{{"prepare", p.prepare}};
  for (std::size_t i = 0; i < stage_count; ++i)
    rows.emplace_back(stage_names[i], static_cast<double>(p.stage_ns[i]) * 1e-9);
  rows.insert(
      rows.end(),
      {{"ledger", p.ledger}, {"wait (Asio)", p.wait}, {"catalogue", p.catalogue}, {"finish", p.finish}});
  double rest = p.total;
  for (const auto& [name, seconds] : rows) rest -= seconds;
  rows.emplace_back("rest", rest);
  return rows;
}

std::string profile_text(const cpu_profile& p) {
  std::string text = "CPU time by stage\n";
  const auto add = [&](std::string_view name, double seconds) {
    const double percent = p.total > 0 ? 100 * seconds / p.total : 0;
    text += fmt::format("  {:<12} {:9.2f} s  {:5.1f} %\n", name, seconds, percent);
  };
  for (const auto& [name, seconds] : rows_of(p)) add(name, seconds);
  add("process", p.total);
  return text;
}

boost::json::object profile_object(const cpu_profile& p) {
  boost::json::object seconds;
  for (const auto& [name, s] : rows_of(p)) seconds[name] = s;
  return {{"event", "profile"}, {"cpuSeconds", p.total}, {"stages", std::move(seconds)}};
}

}  // namespace outro
