#include "engine/app/output/alert_table.h"

namespace slipstream {
namespace {

constexpr int kFigureDigits = 2;

}  // namespace

void print_transitions(Answer& answer, const std::vector<AlertRecord>& records, Language language,
                       const Zone& zone) {
  answer.section("alerts", {text_column("at"), text_column("severity"), text_column("node"),
                            text_column("period"), text_column("rule"), text_column("kpi"),
                            text_column("from"), text_column("to"), number_column("value"),
                            number_column("expected"), number_column("target"), number_column("gap"),
                            text_column("sentence"), text_column("alert"), text_column("transition")});
  for (const AlertRecord& record : records) {
    const AlertTransition& t = record.transition;
    const AlertSubject& subject = record.state.subject;
    const std::string_view to = t.kind == TransitionKind::phase ? name_of(t.to) : name_of(t.kind);
    answer.row({time_cell(t.at, zone), text_cell(t.severity), text_cell(subject.node),
                optional_text_cell(subject.period_label), text_cell(subject.rule), text_cell(subject.kpi),
                text_cell(name_of(t.from)), text_cell(to), number_cell(t.judgement.value, kFigureDigits),
                number_cell(t.judgement.expected, kFigureDigits),
                number_cell(t.judgement.target, kFigureDigits), number_cell(t.judgement.gap, kFigureDigits),
                text_cell(language == Language::vietnamese ? t.sentence_vi : t.sentence_en),
                text_cell(t.alert_id), text_cell(t.id)});
  }
}

}  // namespace slipstream
