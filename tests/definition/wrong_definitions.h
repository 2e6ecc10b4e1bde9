// Definitions that must be refused, each with the codes expected at its marks, in the order of the text.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace slipstream {

struct WrongDefinition {
  const char* name;
  std::vector<const char*> codes;
  const char* text;  // marked (tests/definition/marked_text.h)
};

inline void PrintTo(const WrongDefinition& wrong, std::ostream* out) { *out << wrong.name; }

std::span<const WrongDefinition> wrong_structure();   // YAML, keys, calendar, organisation, columns
std::span<const WrongDefinition> wrong_views();       // views, windows, measures
std::span<const WrongDefinition> wrong_judgements();  // KPIs, targets, alerts

}  // namespace slipstream
