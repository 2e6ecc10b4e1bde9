#include "engine/app/service/metrics_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace slipstream {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void counter(const std::string& name, const std::string& help, double value) {
    ClientMetric& metric = add(name, help, MetricType::Counter);
    metric.counter.value = value;
  }
  void gauge(const std::string& name, const std::string& help, double value) {
    ClientMetric& metric = add(name, help, MetricType::Gauge);
    metric.gauge.value = value;
  }
  // One for each shard.
  template <class Value>
  void shard_counters(const std::string& name, const std::string& help, const std::vector<CommitNote>& notes,
                      Value value) {
    for (const CommitNote& note : notes) {
      ClientMetric& metric = add(name, help, MetricType::Counter);
      metric.label.push_back({"shard", std::to_string(note.shard.value)});
      metric.counter.value = static_cast<double>(value(note));
    }
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  ClientMetric& add(const std::string& name, const std::string& help, MetricType type) {
    if (families_.empty() || families_.back().name != name) families_.push_back({name, help, type, {}});
    return families_.back().metric.emplace_back();
  }

  std::vector<MetricFamily> families_;
};

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / 1e6; }

void add_shards(Families& families, const std::vector<CommitNote>& notes) {
  const auto add = [&](const char* name, const char* help, std::uint64_t Counters::* counter) {
    families.shard_counters(name, help, notes,
                            [&](const CommitNote& note) { return note.counters.*counter; });
  };
  add("slipstream_events_received_total", "Input records read and committed.", &Counters::received);
  add("slipstream_events_folded_total", "Events that changed what figures rest on.", &Counters::folded);
  add("slipstream_events_duplicate_total", "Events that were known already.", &Counters::duplicates);
  add("slipstream_events_dead_lettered_total", "Records that were refused.", &Counters::dead_lettered);
  add("slipstream_events_forwarded_total", "Events sent on to the shard that they belong to.",
      &Counters::forwarded);
  add("slipstream_events_late_total", "Events of a window that had ended.", &Counters::late);
  add("slipstream_timers_fired_total", "Changes of figures by the clock alone.", &Counters::timers_fired);
  add("slipstream_alert_transitions_total", "Transitions of alerts.", &Counters::transitions);
  add("slipstream_numeric_errors_total",
      "Values left out for an overflow, a division by zero or a failed cast.", &Counters::numeric_errors);
  families.shard_counters("slipstream_commits_total", "Commits of the shard since its beginning.", notes,
                          [](const CommitNote& note) { return note.sequence.value; });
}

}  // namespace

std::string metrics_text(const MetricsSource& source) {
  Families families;
  add_shards(families, source.notes);
  families.gauge("slipstream_shards", "Shards that work here.", static_cast<double>(source.status.shards));
  if (source.status.backlog)
    families.gauge("slipstream_backlog_records", "Input records not folded and committed yet, about.",
                   static_cast<double>(*source.status.backlog));
  families.gauge("slipstream_log_available", "1: the log answers.", source.status.trouble ? 0 : 1);
  if (is_representable(source.status.clock) && is_representable(source.now))
    families.gauge("slipstream_clock_lag_seconds", "How far the figures' clock is behind the instance's.",
                   seconds_of(source.now - source.status.clock));
  families.gauge("slipstream_http_connections", "Open connections.",
                 static_cast<double>(source.http.connections));
  families.gauge("slipstream_http_streams", "Open event streams.", static_cast<double>(source.http.streams));
  families.gauge("slipstream_http_body_bytes", "Bodies of requests that are being read or not answered yet.",
                 static_cast<double>(source.http.body_bytes));
  families.counter("slipstream_http_requests_total", "Requests, refused ones included.",
                   static_cast<double>(source.http.requests));
  families.counter("slipstream_http_refused_total", "Requests refused by a limit or as malformed.",
                   static_cast<double>(source.http.refused));
  families.counter("slipstream_ingested_events_total", "Events taken over HTTP and durable.",
                   static_cast<double>(source.intake.events));
  families.counter("slipstream_ingest_requests_total", "Requests whose events are durable.",
                   static_cast<double>(source.intake.requests));
  families.gauge("slipstream_ingest_waiting_bytes", "Events accepted and not durable yet.",
                 static_cast<double>(source.intake.waiting_bytes));
  return families.text();
}

}  // namespace slipstream
