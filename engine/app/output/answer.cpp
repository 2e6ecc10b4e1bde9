#include "engine/app/output/answer.h"

#include <algorithm>

#include "connectors/file/csv_row.h"

namespace slipstream {
namespace {

constexpr std::string_view kGap = "  ";

bool is_combining(std::uint32_t c) { return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF); }

// Control characters would move the cursor of whoever looks.
std::string shown(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

}  // namespace

AnswerColumn text_column(std::string name) { return {std::move(name), AnswerColumn::Align::left}; }
AnswerColumn number_column(std::string name) { return {std::move(name), AnswerColumn::Align::right}; }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    std::uint32_t code = byte;
    if ((byte & 0xE0) == 0xC0 && i + 1 < text.size())
      code = (byte & 0x1Fu) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3Fu);
    if ((byte & 0xF0) == 0xE0 && i + 2 < text.size())
      code = (byte & 0x0Fu) << 12 | (static_cast<unsigned char>(text[i + 1]) & 0x3Fu) << 6 |
             (static_cast<unsigned char>(text[i + 2]) & 0x3Fu);
    if (!is_combining(code)) ++width;
  }
  return width;
}

Answer::~Answer() { finish(); }

void Answer::write(std::string_view text) {
  if (text_ != nullptr) {
    text_->append(text);
  } else {
    std::fwrite(text.data(), 1, text.size(), out_);
  }
}

void Answer::write_json_name(std::string_view name) {
  write(wrote_any_ ? ",\n  " : "{\n  ");
  write(json_string(name));
  write(": ");
  wrote_any_ = true;
}

void Answer::fact(std::string_view name, const Cell& cell) {
  close_section();
  if (format_ == OutputFormat::json) {
    write_json_name(name);
    std::string literal;
    append_json(literal, cell);
    write(literal);
    if (!cell.exact.empty()) {
      write_json_name(std::string(name).append(kExactSuffix));
      write(json_string(cell.exact));
    }
  } else if (format_ == OutputFormat::csv) {
    facts_.emplace_back(name, cell.text);
  } else if (!cell.text.empty()) {
    std::string label(name);
    std::replace(label.begin(), label.end(), '_', ' ');
    write(label + ": " + shown(cell.text) + "\n");
    wrote_any_ = true;
  }
}

void Answer::line(std::string_view text) {
  if (format_ != OutputFormat::table) return;
  close_section();
  write(shown(text) + "\n");
  wrote_any_ = true;
}

void Answer::next(const Cell& cursor) {
  fact("next", cursor);
  cursor_ = cursor.text;
}

void Answer::section(std::string_view name, std::vector<AnswerColumn> columns, Part part) {
  close_section();
  columns_ = std::move(columns);
  in_section_ = true;
  in_main_ = part == Part::main;
  rows_ = 0;
  if (format_ == OutputFormat::json) {
    write_json_name(name);
    write("[");
  } else if (format_ == OutputFormat::table) {
    if (wrote_any_) write("\n");
    if (!in_main_) write(std::string(name) + "\n");
    wrote_any_ = true;
  } else if (in_main_) {
    std::vector<Cell> names;
    for (const AnswerColumn& column : columns_)
      names.push_back(text_cell(column.name));
    write_csv_row(names);
    had_main_ = true;
  }
}

void Answer::row(std::vector<Cell> cells) {
  ++rows_;
  if (format_ == OutputFormat::json) return write_json_row(cells);
  if (format_ == OutputFormat::csv) return in_main_ ? write_csv_row(cells) : void();
  if (!widths_.empty()) return write_table_row(cells);
  buffered_.push_back(std::move(cells));
  if (buffered_.size() == kRowsForWidths) flush_table();
}

void Answer::flush_table() {
  widths_.clear();
  std::vector<Cell> names;
  for (const AnswerColumn& column : columns_) {
    names.push_back(text_cell(column.name));
    widths_.push_back(display_width(column.name));
  }
  for (const std::vector<Cell>& cells : buffered_)
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths_[i] = std::max(widths_[i], display_width(cells[i].text));
  write_table_row(names);
  std::vector<Cell> rules;
  for (const std::size_t width : widths_)
    rules.push_back(text_cell(std::string(width, '-')));
  write_table_row(rules);
  for (const std::vector<Cell>& cells : buffered_)
    write_table_row(cells);
  buffered_.clear();
}

void Answer::write_table_row(const std::vector<Cell>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = shown(cells[i].text);
    const std::size_t width = display_width(text);
    const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
    if (i > 0) line += kGap;
    line += columns_[i].align == AnswerColumn::Align::right ? padding + text : text + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  write(line + "\n");
}

void Answer::write_json_row(const std::vector<Cell>& cells) {
  std::string members;
  for (std::size_t i = 0; i < cells.size(); ++i)
    append_json_member(members, columns_[i].name, cells[i]);
  write(rows_ > 1 ? ",\n    {" : "\n    {");
  write(members);
  write("}");
}

void Answer::write_csv_row(const std::vector<Cell>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    line += quoted_csv_field(cells[i].text);
  }
  write(line + "\r\n");
}

void Answer::write_csv_facts() {
  write_csv_row({text_cell("fact"), text_cell("value")});
  for (const auto& [name, value] : facts_)
    write_csv_row({text_cell(name), text_cell(value)});
}

void Answer::close_section() {
  if (!in_section_) return;
  in_section_ = false;
  if (format_ == OutputFormat::json) write(rows_ > 0 ? "\n  ]" : "]");
  if (format_ == OutputFormat::table) {
    if (widths_.empty() && rows_ > 0) flush_table();
    if (rows_ == 0) write("(none)\n");
    widths_.clear();
    buffered_.clear();
  }
}

bool Answer::finish() {
  if (!finished_) {
    close_section();
    if (format_ == OutputFormat::json) write(wrote_any_ ? "\n}\n" : "{}\n");
    if (format_ == OutputFormat::csv && !had_main_ && !facts_.empty()) write_csv_facts();
    finished_ = true;
  }
  return out_ == nullptr || (std::fflush(out_) == 0 && std::ferror(out_) == 0);
}

}  // namespace slipstream
