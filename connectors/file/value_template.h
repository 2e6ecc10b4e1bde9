// Reads the small texts of a mapping: values and conditions. Remembers the columns they use.
#pragma once

#include <optional>
#include <string_view>

#include "connectors/file/mapping.h"
#include "engine/definition/report.h"

namespace slipstream {

class TemplateReader {
 public:
  TemplateReader(Mapping& mapping, Report& report) : mapping_(mapping), report_(report) {}

  // "column", "text with {column}", "=constant". Errors are reported at their place within the text.
  std::optional<ValueTemplate> read_value(const Setting& at);
  // "column", "column = 'text'", "column <> 'text'".
  std::optional<RowCondition> read_condition(const Setting& at);
  // Index of the column in Mapping::columns.
  std::size_t use_column(std::string_view name);

 private:
  std::optional<std::string> text_of(const Setting& at);
  std::optional<TemplatePart> read_reference(const Setting& at, std::string_view text, std::size_t offset);
  std::optional<ValueTemplate> read_braces(const Setting& at, std::string_view text);
  void refuse(const Setting& at, std::size_t offset, std::string message, std::string hint);

  Mapping& mapping_;
  Report& report_;
};

}  // namespace slipstream
