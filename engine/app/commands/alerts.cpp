// `slipstream alerts`: what the engine has decided, from the journal of decisions.
#include <set>

#include "engine/app/answers/asked.h"
#include "engine/app/commands/command.h"
#include "engine/app/decisions.h"
#include "engine/app/output/alert_table.h"

namespace slipstream {
namespace {

struct AlertsArguments {
  std::optional<std::string> node;
  std::string rule;
  bool active = false;
  std::string language = "en";
};

bool is_wanted(const AlertsArguments& arguments, const AlertRecord& record) {
  return (!arguments.node || record.state.subject.node == *arguments.node) &&
         (arguments.rule.empty() || record.state.subject.rule == arguments.rule) &&
         (!arguments.active || is_active(record.state.phase));
}

// Every rule that has decided something, and those of the definitions.
std::vector<std::string> known_rules(const std::vector<AlertRecord>& records, const Plan* plan) {
  std::set<std::string> rules;
  for (const AlertRecord& record : records)
    rules.insert(record.state.subject.rule);
  if (plan != nullptr)
    for (std::string& name : rule_names(*plan))
      rules.insert(std::move(name));
  return {rules.begin(), rules.end()};
}

Result<ExitCode> show_alerts(Session& session, const AlertsArguments& arguments, bool history) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
  std::shared_ptr<const Plan> plan;
  if (!settings->definitions.empty()) {
    SLIPSTREAM_ASSIGN(plan, session.plan());
  }
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(std::vector<AlertRecord> records,
                    read_decisions(deployment->log(), deployment->topics(), deployment->partitions()));
  SLIPSTREAM_TRY(require_rule(known_rules(records, plan.get()), arguments.rule));
  if (!history) records = latest_of_each(records);
  std::erase_if(records, [&](const AlertRecord& record) { return !is_wanted(arguments, record); });
  Answer answer = session.answer();
  print_transitions(answer, records, arguments.language == "vi" ? Language::vietnamese : Language::english,
                    plan.get());
  return ExitCode::ok;
}

void add_options(Command command, AlertsArguments& arguments) {
  command.add_option("--node", &arguments.node, "alerts of this node only");
  command.add_option("--rule", &arguments.rule, "alerts of this rule only");
  command.add_option("--lang", &arguments.language, "language of the sentences: en or vi")
      .one_of({"en", "vi"});
}

}  // namespace

void add_alerts_command(const CommandLine& line) {
  const auto arguments = std::make_shared<AlertsArguments>();
  const Command group = line.add_group("alerts", "Show alerts: as they stand, or every transition");
  const Command list = line.add(
      group, "list", "Each alert as it stands, the newest first",
      "  slipstream alerts list --active\n  slipstream alerts list --node \"Phường An Hải\" --lang vi",
      [&session = line.session, arguments] { return show_alerts(session, *arguments, false); });
  add_options(list, *arguments);
  list.add_flag("--active", arguments->active, "only those pending, firing or recovering");
  const Command history =
      line.add(group, "history", "Every transition in order",
               "  slipstream alerts history --output json\n  slipstream alerts history --rule tasks_slipping",
               [&session = line.session, arguments] { return show_alerts(session, *arguments, true); });
  add_options(history, *arguments);
}

}  // namespace slipstream
