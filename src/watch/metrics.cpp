#include "watch/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

namespace outro {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Collects families. A metric without a value is left out, not shown as zero.
class metric_list {
 public:
  void counter(const char* name, const char* help, double value, labels of = {}) {
    auto& m = metric(name, help, MetricType::Counter, std::move(of));
    m.counter.value = value;
  }
  void gauge(const char* name, const char* help, double value, labels of = {}) {
    auto& m = metric(name, help, MetricType::Gauge, std::move(of));
    m.gauge.value = value;
  }
  /// An instant in milliseconds since 1970, where there is one.
  void instant(const char* name, const char* help, std::int64_t ms) {
    if (ms > 0) gauge(name, help, static_cast<double>(ms) / 1000);
  }
  void histogram(const char* name, const char* help, const size_counts& sizes) {
    auto& h = metric(name, help, MetricType::Histogram, {}).histogram;
    for (std::size_t i = 0; i < size_buckets; ++i) {
      h.sample_count += sizes.buckets[i];
      const bool last = i + 1 == size_buckets;
      h.bucket.push_back({h.sample_count, last ? std::numeric_limits<double>::infinity()
                                               : static_cast<double>(size_limit(i))});
    }
    h.sample_sum = static_cast<double>(sizes.sum);
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  /// Metrics of one name come one after another and share a family.
  ClientMetric& metric(const char* name, const char* help, MetricType type, labels of) {
    if (families_.empty() || families_.back().name != name) families_.push_back({name, help, type, {}});
    auto& m = families_.back().metric.emplace_back();
    m.label = std::move(of);
    return m;
  }

  std::vector<MetricFamily> families_;
};

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

}  // namespace

std::string metrics_text(const watch_state& s, double cpu_seconds, std::int64_t now_ms) {
  const auto& p = s.progress;
  const auto well = health_of(s.live, true, now_ms);
  metric_list m;
  m.gauge("outro_info", "What runs here; always 1.", 1, {{"version", OUTRO_VERSION}, {"service", s.service}});
  m.gauge("outro_healthy", "1 while things move, 0 when nothing has for a while.",
          well == health::hung ? 0 : 1);
  m.gauge("outro_sealing", "1 when all slices are committed and index and checksums are being made.",
          s.live.now == live_state::phase::sealing ? 1 : 0);
  m.gauge("outro_run", "Number of the run.", s.live.run);
  m.instant("outro_start_timestamp_seconds", "When this process began.", s.live.started_ms);
  m.instant("outro_moved_timestamp_seconds", "When something was last read or finished.", s.live.moved_ms);
  m.instant("outro_commit_timestamp_seconds", "When a slice was last committed.", s.live.last_commit_ms);
  m.counter("outro_cpu_seconds_total", "User and system CPU time of this process.", cpu_seconds);
  m.counter("outro_input_bytes_total", "Bytes read from shards, compressed as they are.",
            number(p.counts.input_bytes));
  if (p.total_input > 0)
    m.gauge("outro_input_expected_bytes", "Bytes on disk of all shards that this process has to read.",
            number(p.total_input));
  m.counter("outro_decoded_bytes_total", "Bytes of JSON in documents that are done.",
            number(p.counts.decoded_bytes));
  constexpr auto documents = "outro_documents_total";
  constexpr auto documents_help = "Documents that are done, by outcome.";
  m.counter(documents, documents_help, number(p.counts.written), {{"outcome", "written"}});
  m.counter(documents, documents_help, number(p.counts.unchanged), {{"outcome", "unchanged"}});
  m.counter(documents, documents_help, number(p.counts.dead_letters), {{"outcome", "dead_letter"}});
  for (std::size_t i = 1; i < p.counts.dead_by_reason.size(); ++i)  // 0: no reason
    m.counter("outro_dead_letters_total", "Documents that could not be exported, by reason.",
              number(p.counts.dead_by_reason[i]), {{"reason", std::string(reason_names[i])}});
  m.counter("outro_output_bytes_total", "Bytes of archives and dead letters.", number(p.counts.output_bytes));
  m.counter("outro_slices_total", "Slices committed.", number(s.live.counts.slices));
  m.gauge("outro_memory_reserved_bytes", "Memory reserved for what is in flight.", number(p.memory_used));
  m.gauge("outro_memory_limit_bytes", "Most that may be reserved.", number(p.memory_limit));
  m.instant("outro_deadline_timestamp_seconds", "The deadline that was given.", p.deadline_ms);
  if (const auto left = seconds_left(p); p.finish_ms > 0 || left >= 0)
    m.instant("outro_finish_timestamp_seconds", "When the run will be finished, as it looks now.",
              p.finish_ms > 0 ? p.finish_ms : now_ms + static_cast<std::int64_t>(1000 * left));
  if (p.headroom > 0)
    m.gauge("outro_headroom_ratio", "Time left until the deadline over time needed.", p.headroom);
  for (std::size_t i = 0; i < stage_count; ++i)
    m.counter("outro_stage_cpu_seconds_total", "CPU time of the workers, by stage.",
              number(p.counts.stage_ns[i]) * 1e-9, {{"stage", std::string(stage_names[i])}});
  m.gauge("outro_workers", "Worker threads: what the stages' CPU time a second can sum up to.", p.threads);
  constexpr auto queue_help = "Blocks that wait to enter a stage.";
  m.gauge("outro_queue_blocks", queue_help, number(p.counts.blocks_waiting), {{"before", "archive"}});
  m.gauge("outro_queue_blocks", queue_help, number(p.counts.blocks_unwritten), {{"before", "write"}});
  m.histogram("outro_document_bytes", "Sizes of documents in the input.", p.counts.document_sizes);
  m.histogram("outro_archive_bytes", "Compressed sizes of archives.", p.counts.archive_sizes);
  return m.text();
}

}  // namespace outro
