#include "engine/definition/load.h"

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/version.h"

namespace slipstream {
namespace {

// Two views must not share an id. With 32 bits this is one chance in millions for hundreds of views.
void check_view_ids(const Plan& plan, Report& report) {
  for (std::size_t i = 0; i < plan.views.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (plan.views[i].id == plan.views[j].id)
        report.add(ErrorCode::invalid_value, Mark{}, "views." + plan.views[i].name,
                   "its identity collides with that of view '" + plan.views[j].name + "'",
                   "rename one of the two");
}

}  // namespace

std::shared_ptr<const Plan> load_definitions(const Document& document, const std::string& file,
                                             Diagnostics& diagnostics) {
  Report report(file, diagnostics);
  const std::size_t before = report.count();
  const auto top = Section::open({&document, ""}, keys::kTop, report);
  if (!top) return nullptr;
  Loading loading(report);
  load_calendar(*top, loading);
  load_organisation(*top, loading);
  load_indicators(*top, loading);
  load_columns(*top, loading);
  load_views(*top, loading);
  load_kpis(*top, loading);
  load_targets(*top, loading);
  load_alerts(*top, loading);
  if (report.count() == before) {
    assign_version(document, loading.plan);
    check_view_ids(loading.plan, report);
  }
  if (report.count() > before) return nullptr;
  return std::make_shared<const Plan>(std::move(loading.plan));
}

}  // namespace slipstream
