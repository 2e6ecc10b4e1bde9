#include "engine/app/output/alert_table.h"

#include <fmt/format.h>

namespace slipstream {
namespace {

int digits_of(const Plan* plan, std::string_view kpi) {
  if (plan != nullptr)
    for (const KpiPlan& known : plan->kpis)
      if (known.name == kpi) return known.precision;
  return KpiPlan{}.precision;
}

std::string_view new_phase(const AlertTransition& t) {
  return t.kind == TransitionKind::phase ? name_of(t.to) : name_of(t.kind);
}

std::string_view sentence(const AlertTransition& t, Language language) {
  return language == Language::vietnamese ? t.sentence_vi : t.sentence_en;
}

// When, what and where on a line; below it the sentence, and the id by which people act on the alert.
void print_for_people(Answer& answer, const std::vector<AlertRecord>& records, Language language,
                      const Zone& zone) {
  for (const AlertRecord& record : records) {
    const AlertTransition& t = record.transition;
    const AlertSubject& subject = record.state.subject;
    answer.line(fmt::format("{}  {} -> {}  {}  {}  {}  {}", format_timestamp(t.at, zone), name_of(t.from),
                            new_phase(t), t.severity, subject.rule, subject.node, subject.period_label));
    answer.line(fmt::format("    {}", sentence(t, language)));
    answer.line(fmt::format("    alert {}", t.alert_id));
  }
  answer.line(records.empty() ? "(none)" : fmt::format("({} in all)", records.size()));
}

}  // namespace

std::vector<AnswerColumn> transition_columns() {
  return {text_column("at"),       text_column("severity"),   text_column("node"),      text_column("period"),
          text_column("rule"),     text_column("kpi"),        text_column("from"),      text_column("to"),
          number_column("value"),  number_column("expected"), number_column("target"),  number_column("gap"),
          text_column("sentence"), text_column("alert"),      text_column("transition")};
}

std::vector<Cell> transition_cells(const AlertRecord& record, Language language, const Plan* plan) {
  const Zone zone = plan != nullptr ? plan->zone : Zone();
  const AlertTransition& t = record.transition;
  const AlertSubject& subject = record.state.subject;
  const int digits = digits_of(plan, subject.kpi);
  return {time_cell(t.at, zone),
          text_cell(t.severity),
          text_cell(subject.node),
          optional_text_cell(subject.period_label),
          text_cell(subject.rule),
          text_cell(subject.kpi),
          text_cell(name_of(t.from)),
          text_cell(new_phase(t)),
          number_cell(t.judgement.value, digits),
          number_cell(t.judgement.expected, digits),
          number_cell(t.judgement.target, digits),
          number_cell(t.judgement.gap, digits),
          text_cell(sentence(t, language)),
          text_cell(t.alert_id),
          text_cell(t.id)};
}

void print_transitions(Answer& answer, const std::vector<AlertRecord>& records, Language language,
                       const Plan* plan) {
  if (answer.format() == OutputFormat::table)
    return print_for_people(answer, records, language, plan != nullptr ? plan->zone : Zone());
  answer.section("alerts", transition_columns());
  for (const AlertRecord& record : records)
    answer.row(transition_cells(record, language, plan));
}

}  // namespace slipstream
