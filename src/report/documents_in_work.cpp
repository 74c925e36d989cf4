#include "report/documents_in_work.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/units.h"
#include "base/utf8.h"
#include "report/progress.h"

namespace outro {

void document_in_work::begins(std::uint32_t unit, const document_place& place, std::uint64_t length) {
  constexpr auto relaxed = std::memory_order_relaxed;
  // Whoever looks reads the number before and after the rest: what is written between two numbers that are
  // the same is of that document. The number is 0 here.
  std::atomic_thread_fence(std::memory_order_release);
  unit_.store(unit, relaxed);
  shard_.store(place.shard, relaxed);
  offset_.store(place.offset, relaxed);
  line_.store(place.line, relaxed);
  length_.store(length, relaxed);
  stage_.store(stage::read, relaxed);
  number_.store(++begun_, std::memory_order_release);
}

std::optional<document_in_work::seen> document_in_work::look() const {
  constexpr auto relaxed = std::memory_order_relaxed;
  seen s;
  s.number = number_.load(std::memory_order_acquire);
  if (s.number == 0) return std::nullopt;
  s.unit = unit_.load(relaxed);
  s.place = {shard_.load(relaxed), offset_.load(relaxed), line_.load(relaxed)};
  s.length = length_.load(relaxed);
  s.stage = stage_.load(relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (number_.load(relaxed) != s.number) return std::nullopt;
  return s;
}

document_in_work& documents_in_work::add() {
  const std::lock_guard lock(mutex_);
  return threads_.emplace_back();
}

std::map<std::size_t, document_in_work::seen> documents_in_work::look() const {
  const std::lock_guard lock(mutex_);
  std::map<std::size_t, document_in_work::seen> all;
  for (std::size_t i = 0; i < threads_.size(); ++i)
    if (const auto s = threads_[i].look()) all.emplace(i, *s);
  return all;
}

std::string text_of(const slow_document& d, std::int64_t now_ms) {
  const auto line = d.line > 0 ? fmt::format("line {}, ", d.line) : "";
  return fmt::format("{}: {}byte {}: a document of {} has been in work for {}, now in the stage \"{}\"",
                     shown(d.file), line, d.offset, format_size(d.bytes),
                     format_duration(static_cast<double>(now_ms - d.since_ms) / 1000), d.stage);
}

boost::json::object fields_of(const slow_document& d, std::int64_t now_ms) {
  return {{"file", d.file},        {"unit", d.unit},
          {"offset", d.offset},    {"line", d.line},
          {"bytes", d.bytes},      {"stage", d.stage},
          {"sinceMs", d.since_ms}, {"seconds", static_cast<double>(now_ms - d.since_ms) / 1000}};
}

std::vector<slow_watch::found> slow_watch::look(const documents_in_work& in_work, std::int64_t now_ms) {
  std::vector<found> slow;
  std::map<std::size_t, known> now;
  for (const auto& [thread, document] : in_work.look()) {
    auto& k = now[thread];
    const auto before = threads_.find(thread);
    k = before != threads_.end() && before->second.number == document.number
            ? before->second
            : known{document.number, now_ms, false};
    if (now_ms - k.since_ms < limit_ms_) continue;
    slow.push_back({document, k.since_ms, !k.told});
    k.told = true;
  }
  threads_ = std::move(now);
  return slow;
}

}  // namespace outro
