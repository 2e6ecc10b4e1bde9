#include "engine/app/service/alert_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/app/decisions.h"

namespace slipstream {
namespace {

void write_alerts(Answer& answer, std::vector<AlertRecord> records, const AlertFilter& filter,
                  Language language, const Plan& plan) {
  std::erase_if(records, [&](const AlertRecord& record) { return !filter.wants(record); });
  const std::size_t begin = std::min(filter.skipped, records.size());
  const std::size_t end = begin + std::min(records.size() - begin, filter.rows_max);
  const std::vector<AlertRecord> page(records.begin() + static_cast<std::ptrdiff_t>(begin),
                                      records.begin() + static_cast<std::ptrdiff_t>(end));
  print_transitions(answer, page, language, &plan);
  if (end < records.size()) answer.next(count_cell(end));
}

const std::vector<std::string>& alert_parameters() {
  static const std::vector<std::string> names{"node",  "rule",   "severity", "alert", "active",
                                              "limit", "cursor", "lang",     "format"};
  return names;
}

}  // namespace

Result<Language> language_of(const Parameters& parameters) {
  const std::string language = parameters.text("lang");
  if (language.empty() || language == "en") return Language::english;
  if (language == "vi") return Language::vietnamese;
  return fail(ErrorCode::usage, fmt::format("lang: '{}' is neither en nor vi", language));
}

Result<AlertFilter> alert_filter(const Parameters& parameters) {
  AlertFilter filter{parameters.text("node"), parameters.text("rule"), parameters.text("severity"),
                     parameters.text("alert")};
  SLIPSTREAM_ASSIGN(filter.active, parameters.flag("active"));
  SLIPSTREAM_ASSIGN(filter.rows_max, parameters.count("limit", kRowsByDefault, kRowsMax));
  SLIPSTREAM_ASSIGN(const auto skipped, parameters.offset("cursor"));
  filter.skipped = static_cast<std::size_t>(skipped.value_or(0));
  return filter;
}

Result<std::vector<AlertRecord>> standing_alerts(const CommittedState& state) {
  std::vector<AlertRecord> records;
  for (const auto& shard : state.shards) {
    Result<> read;
    SLIPSTREAM_TRY(shard->scan(Family::alerts, kAlertKeysBegin, kAlertKeysEnd,
                               [&](std::string_view, std::string_view value) {
                                 auto record = read_alert_record(value);
                                 if (record) {
                                   records.push_back(*std::move(record));
                                 } else {
                                   read = tl::unexpected(record.error());
                                 }
                                 return read.has_value();
                               }));
    SLIPSTREAM_TRY(read);
  }
  sort_by_time(records);
  std::reverse(records.begin(), records.end());
  return records;
}

Result<HttpResponse> list_alerts(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, alert_parameters()));
  SLIPSTREAM_ASSIGN(const AlertFilter filter, alert_filter(parameters));
  SLIPSTREAM_ASSIGN(const Language language, language_of(parameters));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) -> Result<> {
    SLIPSTREAM_ASSIGN(std::vector<AlertRecord> records, standing_alerts(shown.state));
    add_state_facts(answer, shown);
    write_alerts(answer, std::move(records), filter, language, *context.plan);
    return {};
  });
}

Result<HttpResponse> alert_history(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, alert_parameters()));
  SLIPSTREAM_ASSIGN(const AlertFilter filter, alert_filter(parameters));
  SLIPSTREAM_ASSIGN(const Language language, language_of(parameters));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  Deployment& deployment = context.deployment;
  SLIPSTREAM_ASSIGN(std::vector<AlertRecord> records,
                    read_decisions(deployment.log(), deployment.topics(), deployment.partitions()));
  return answer_with(request, format, [&](Answer& answer) -> Result<> {
    write_alerts(answer, std::move(records), filter, language, *context.plan);
    return {};
  });
}

}  // namespace slipstream
