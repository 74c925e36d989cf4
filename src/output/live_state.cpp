#include "output/live_state.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace outro {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 5> phase_names = {"running", "sealing", "finished", "stopped",
                                                         "failed"};
constexpr std::string_view format = "outro-live/1";

json::array to_json(slice_id id) {
  return {id.run, id.unit, id.number};
}
slice_id to_slice_id(const json::value& v) {
  const auto& a = v.as_array();
  return {a.at(0).to_number<std::uint32_t>(), a.at(1).to_number<std::uint32_t>(),
          a.at(2).to_number<std::uint32_t>()};
}
std::string text_of(const json::value& v) {
  return std::string(std::string_view(v.as_string()));
}

slow_document to_slow_document(const json::object& o) {
  const auto number = [&o](const char* key) { return o.at(key).to_number<std::uint64_t>(); };
  return {text_of(o.at("file")),
          o.at("unit").to_number<std::uint32_t>(),
          number("offset"),
          number("line"),
          number("bytes"),
          text_of(o.at("stage")),
          o.at("sinceMs").to_number<std::int64_t>()};
}

live_state parse(const json::object& o) {
  live_state s;
  const auto number = [&o](const char* key, auto& into) {
    into = o.at(key).to_number<std::remove_reference_t<decltype(into)>>();
  };
  number("pid", s.pid);
  number("processStart", s.process_start);
  if (o.contains("boot") && o.contains("place")) {  // an earlier version has neither
    s.boot = text_of(o.at("boot"));
    number("pidNamespace", s.pid_namespace);
    const auto& place = o.at("place").as_array();
    s.device = place.at(0).to_number<std::uint64_t>();
    s.inode = place.at(1).to_number<std::uint64_t>();
  }
  s.folder = text_of(o.at("folder"));
  for (const auto& a : o.at("command").as_array()) s.command.push_back(text_of(a));
  const auto phase = std::find(phase_names.begin(), phase_names.end(), text_of(o.at("phase")));
  if (phase == phase_names.end()) throw std::invalid_argument("phase");
  s.now = static_cast<live_state::phase>(phase - phase_names.begin());
  s.error = text_of(o.at("error"));
  number("exitCode", s.exit_code);
  number("startedMs", s.started_ms);
  number("beatMs", s.beat_ms);
  number("movedMs", s.moved_ms);
  number("lastCommitMs", s.last_commit_ms);
  number("run", s.run);
  number("documents", s.counts.documents);
  number("deadLetters", s.counts.dead_letters);
  number("decodedBytes", s.counts.decoded_bytes);
  number("inputBytes", s.counts.input_bytes);
  number("inputTotal", s.input_total);
  number("outputBytes", s.counts.output_bytes);
  number("slices", s.counts.slices);
  if (o.contains("deadlineMs") && o.contains("finishMs")) {  // an earlier version has neither
    number("deadlineMs", s.deadline_ms);
    number("finishMs", s.finish_ms);
  }
  for (const auto& v : o.at("inFlight").as_array()) {
    const auto& a = v.as_array();
    s.in_flight.push_back({to_slice_id(a.at(0)), text_of(a.at(1)), a.at(2).to_number<std::uint64_t>()});
  }
  for (const auto& v : o.at("suspects").as_array()) {
    const auto& a = v.as_array();
    s.suspects.push_back({to_slice_id(a.at(0)), a.at(1).to_number<unsigned>()});
  }
  if (const auto* slow = o.if_contains("slowDocuments"))  // an earlier version has none
    for (const auto& v : slow->as_array()) s.slow.push_back(to_slow_document(v.as_object()));
  return s;
}

}  // namespace

std::string_view name_of(live_state::phase p) {
  return phase_names[static_cast<std::size_t>(p)];
}

std::string to_text(const live_state& s) {
  json::array command, in_flight, suspects, slow;
  for (const auto& d : s.slow) slow.push_back(fields_of(d, s.beat_ms));
  for (const auto& a : s.command) command.emplace_back(a);
  for (const auto& f : s.in_flight) in_flight.push_back(json::array{to_json(f.id), f.shard, f.offset});
  for (const auto& x : s.suspects) suspects.push_back(json::array{to_json(x.id), x.ends});
  return json::serialize(json::object{{"format", format},
                                      {"pid", s.pid},
                                      {"processStart", s.process_start},
                                      {"boot", s.boot},
                                      {"pidNamespace", s.pid_namespace},
                                      {"place", json::array{s.device, s.inode}},
                                      {"folder", s.folder},
                                      {"command", command},
                                      {"phase", name_of(s.now)},
                                      {"error", s.error},
                                      {"exitCode", s.exit_code},
                                      {"startedMs", s.started_ms},
                                      {"beatMs", s.beat_ms},
                                      {"movedMs", s.moved_ms},
                                      {"lastCommitMs", s.last_commit_ms},
                                      {"run", s.run},
                                      {"documents", s.counts.documents},
                                      {"deadLetters", s.counts.dead_letters},
                                      {"decodedBytes", s.counts.decoded_bytes},
                                      {"inputBytes", s.counts.input_bytes},
                                      {"inputTotal", s.input_total},
                                      {"outputBytes", s.counts.output_bytes},
                                      {"slices", s.counts.slices},
                                      {"deadlineMs", s.deadline_ms},
                                      {"finishMs", s.finish_ms},
                                      {"inFlight", in_flight},
                                      {"suspects", suspects},
                                      {"slowDocuments", slow}});
}

std::optional<live_state> parse_live_state(std::string_view text) {
  try {
    json::parse_options any_bytes;
    any_bytes.allow_invalid_utf8 = true;  // names of files may be in any encoding
    const auto value = json::parse(json::string_view(text.data(), text.size()), {}, any_bytes);
    if (text_of(value.as_object().at("format")) != format) return std::nullopt;
    return parse(value.as_object());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<suspect_slice> inherited_suspects(const live_state& before, std::uint32_t run) {
  std::vector<suspect_slice> suspects;
  for (const auto& s : before.suspects)
    if (s.id.run == run) suspects.push_back(s);
  if (before.now != live_state::phase::running) return suspects;
  for (const auto& f : before.in_flight) {
    if (f.id.run != run) continue;
    const auto same =
        std::find_if(suspects.begin(), suspects.end(), [&](const auto& s) { return s.id == f.id; });
    if (same != suspects.end())
      ++same->ends;
    else
      suspects.push_back({f.id, 1});
  }
  return suspects;
}

}  // namespace outro
