// The calendar, the organisation and the declared columns: what the views stand on.
#include <fmt/format.h>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"

namespace slipstream {
namespace {

constexpr std::array<Relation, 3> kRelations = {Relation::tasks, Relation::measurements,
                                                Relation::observations};

void load_fiscal_year_start(const Setting& at, Loading& loading) {
  const auto text = read_text(at, loading.report);
  if (!text) return;
  // 1970 has no 29 February, and so no fiscal year begins there.
  const auto date = parse_date("1970-" + *text);
  if (date)
    loading.plan.fiscal_year_start = *date;
  else
    loading.report.add(ErrorCode::invalid_value, at, fmt::format("'{}' is not a day of every year", *text),
                       "write month and day like 04-01");
}

void load_root(const Setting& at, Loading& loading) {
  const auto root = read_text(at, loading.report);
  if (!root) return;
  if (root->find_first_of("/*") != std::string::npos)
    loading.report.add(ErrorCode::invalid_value, at, "the root's name must not contain '/' or '*'");
  else
    loading.plan.organisation.root = *root;
}

void load_columns_of(Relation relation, const Setting& at, Loading& loading) {
  auto& declared = loading.plan.extra_columns[relation];
  for (const Named& named : open_names(at, loading.report)) {
    bool built_in = false;
    for (const Column& column : relation_columns(relation))
      built_in = built_in || column.name == named.name;
    if (built_in) {
      loading.report.add(ErrorCode::duplicate_name, named.mark, named.value.path,
                         fmt::format("{} has a column '{}' already", name_of(relation), named.name),
                         "choose another name");
      continue;
    }
    if (!check_not_reserved(named, loading.report)) continue;
    static constexpr std::array<std::string_view, 6> kTypes = {"boolean", "integer",   "decimal",
                                                               "text",    "timestamp", "interval"};
    const auto word = read_word(named.value, kTypes, loading.report);
    // A column of no type fits every expression: its own error is enough.
    declared.push_back({named.name, word ? *parse_type(kTypes[*word]) : Type::null});
  }
}

}  // namespace

void load_calendar(const Section& top, Loading& loading) {
  if (const auto at = top.find("name")) loading.plan.name = read_text(*at, loading.report).value_or("");
  if (const auto at = top.require("time_zone", "time_zone: Europe/Amsterdam")) {
    const auto text = read_text(*at, loading.report);
    if (text) {
      if (auto zone = Zone::find(*text))
        loading.plan.zone = *std::move(zone);
      else
        loading.report.add(ErrorCode::unknown_name, *at, zone.error().message,
                           "a name like Asia/Ho_Chi_Minh");
    }
  }
  if (const auto at = top.find("fiscal_year_start")) load_fiscal_year_start(*at, loading);
}

void load_organisation(const Section& top, Loading& loading) {
  const auto at = top.find("organisation");
  if (!at) return;
  const auto section = Section::open(*at, keys::kOrganisation, loading.report);
  if (!section) return;
  static constexpr std::array<std::string_view, 2> kTrees = {"paths", "events"};
  OrganisationPlan& plan = loading.plan.organisation;
  if (const auto root = section->find("root")) load_root(*root, loading);
  if (const auto tree = section->find("tree"))
    plan.tree = read_enum<TreeSource>(*tree, kTrees, loading.report).value_or(TreeSource::paths);
  if (const auto wait = section->find("wait")) {
    plan.wait_max = read_duration(*wait, loading.report);
    if (plan.tree != TreeSource::events)
      loading.report.add(ErrorCode::invalid_value, *wait, "only a tree from events has nodes to wait for",
                         "write 'tree: events' or leave 'wait' out");
  }
}

void load_columns(const Section& top, Loading& loading) {
  const auto at = top.find("columns");
  const auto section = at ? Section::open(*at, keys::kColumns, loading.report) : std::nullopt;
  for (const Relation relation : kRelations) {
    const auto declared = section ? section->find(name_of(relation)) : std::nullopt;
    if (declared) load_columns_of(relation, *declared, loading);
    Scope& scope = loading.plan.scopes[relation];
    scope.columns = relation_columns(relation);
    const auto extra = loading.plan.extra_columns.find(relation);
    if (extra != loading.plan.extra_columns.end())
      scope.columns.insert(scope.columns.end(), extra->second.begin(), extra->second.end());
  }
}

}  // namespace slipstream
