// Identities that survive a restart: of the definitions as a whole, and of each view's rows.
#pragma once

#include <string>

#include "engine/definition/document.h"
#include "engine/definition/plan.h"

namespace slipstream {

// Sets Plan::version, Plan::state_version, Plan::views_version and every ViewPlan::id.
//
// The version is a hash of everything that is written, titles included, but not of how it is laid out:
// comments, the order of keys, quotes, flow or block style, and white space between the words of a text make
// no difference. A view's id is a hash of what shapes its rows and their bytes: titles, units, KPIs, targets
// and alerts can change and the rows stay. The state version is a hash of all that shapes a shard's state:
// definitions of one state version go on with the same state. The views' version is a hash of the state
// version and of which views are published.
void assign_version(const Document& document, Plan& plan);

// 16 hex digits: a hash of what an alert at a node with this target (null: none) rests on, that is the rule,
// its KPI, the KPI's view and the target. Titles, units, digits and names are not in it, nor which nodes a
// rule or target is for, nor how often it is judged.
std::string basis_of(const Plan& plan, const AlertPlan& alert, const TargetPlan* target);

}  // namespace slipstream
