// Answers of commands as a table for people, JSON for programs, CSV for spreadsheets.
//
// An answer is a list of facts (what it is as of, which definitions) and sections of rows. JSON is one
// object: the facts as members, each section an array of objects. CSV has the main section alone, under its
// column names; an answer without one has its facts there, one a row. A table buffers its first rows to find
// the widths; JSON and CSV buffer nothing, however long the answer. Belongs to one thread.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/cell.h"

namespace slipstream {

enum class OutputFormat : std::uint8_t { table, json, csv };

struct AnswerColumn {
  enum class Align : std::uint8_t { left, right };
  std::string name;
  Align align = Align::left;
};
AnswerColumn text_column(std::string name);
AnswerColumn number_column(std::string name);

class Answer {
 public:
  static constexpr std::size_t kRowsForWidths = 500;

  Answer(std::FILE* out, OutputFormat format) : out_(out), format_(format) {}
  Answer(std::string& text, OutputFormat format) : text_(&text), format_(format) {}
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  // Facts come before the first section and after the last.
  void fact(std::string_view name, const Cell& cell);
  // A fact: there is more, and this is the cursor to it.
  void next(const Cell& cursor);
  enum class Part : std::uint8_t { main, beside };
  void section(std::string_view name, std::vector<AnswerColumn> columns, Part part = Part::main);
  void row(std::vector<Cell> cells);
  // A line for people only.
  void line(std::string_view text);
  // Ends the answer: closes what is open. False when writing failed.
  bool finish();

  OutputFormat format() const { return format_; }
  std::size_t rows() const { return rows_; }             // of the present section
  const std::string& cursor() const { return cursor_; }  // of next(); empty: this was all

 private:
  void close_section();
  void flush_table();
  void write_table_row(const std::vector<Cell>& cells);
  void write_json_row(const std::vector<Cell>& cells);
  void write_csv_row(const std::vector<Cell>& cells);
  void write_csv_facts();
  void write_json_name(std::string_view name);
  void write(std::string_view text);

  std::FILE* out_ = nullptr;  // one of both
  std::string* text_ = nullptr;
  OutputFormat format_;
  std::vector<AnswerColumn> columns_;
  std::vector<std::vector<Cell>> buffered_;  // table: until the widths are known
  std::vector<std::size_t> widths_;
  bool in_section_ = false;
  bool in_main_ = false;
  bool had_main_ = false;
  std::vector<std::pair<std::string, std::string>> facts_;  // CSV
  bool wrote_any_ = false;  // JSON: a comma is due; table: an empty line is due
  bool finished_ = false;
  std::size_t rows_ = 0;
  std::string cursor_;
};

// Columns on a terminal that the text takes: one for each character, combining marks none.
std::size_t display_width(std::string_view text);

}  // namespace slipstream
