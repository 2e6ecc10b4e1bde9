#include "connectors/definition/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "connectors/definition/text_places.h"

namespace slipstream {
namespace {

struct Stop {};  // thrown through the parser to stop it; never leaves parse_document

// Builds the Document from the parser's events. Levels that are still open lie on a stack.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  DocumentBuilder(const TextPlaces& places, std::string_view text, std::string file, Diagnostics& diagnostics)
      : places_(places), text_(text), file_(std::move(file)), diagnostics_(diagnostics) {}

  // What is missing in an empty text is missing at its beginning.
  Document take() {
    if (root_.mark.line == 0) root_.mark = places_.mark_at(0);
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const std::size_t at = std::min(byte_of(mark), text_.size());
    if (text_.substr(at).starts_with("---"))
      report(ErrorCode::not_supported, mark, "a second document", "write one document a file");
    else
      report(ErrorCode::syntax, mark, "text behind the end of the document",
             "close each bracket once; indent alike");
    throw Stop{};  // some stray characters are never consumed: the parser would see a new document there for
                   // ever
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (key_is_next()) {
      report(ErrorCode::syntax, mark, "a key without a name", "write the key's name before the ':'");
      begin_entry("", place_of(mark));
      return;
    }
    Document document;
    document.mark = value_place(mark);
    attach(std::move(document));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report(ErrorCode::not_supported, mark, "an alias ('*')",
           "write the value out, or quote a text that begins with '*'");
    if (key_is_next())
      begin_entry("*", place_of(mark));
    else
      attach({});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    // The parser takes the end of the file for the closing quote.
    if (!places_.is_closed(byte_of(mark)))
      report(ErrorCode::syntax, mark, "a quote that is not closed",
             "close it, or quote the text another way");
    if (key_is_next()) {
      begin_entry(value, place_of(mark));
      return;
    }
    Document document;
    document.kind = Document::Kind::scalar;
    document.mark = place_of(mark);
    document.scalar = value;
    document.quoted = tag == "!";
    document.pieces = places_.pieces_of(byte_of(mark), value);
    attach(std::move(document));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Document::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Document::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Document document;
    bool is_key = false;       // a list or map written as a key: reported, then left out
    bool key_is_open = false;  // the last entry of the map has its key and waits for its value
  };

  static std::size_t byte_of(const YAML::Mark& mark) {
    return static_cast<std::size_t>(std::max(mark.pos, 0));
  }
  Mark place_of(const YAML::Mark& mark) const { return places_.mark_at(byte_of(mark)); }
  // A missing value has no place of its own: its key stands for it.
  Mark value_place(const YAML::Mark& mark) const {
    if (!levels_.empty() && levels_.back().key_is_open)
      return levels_.back().document.entries.back().key_mark;
    return place_of(mark);
  }

  void report(ErrorCode code, const YAML::Mark& mark, std::string message, std::string hint) {
    diagnostics_.push_back({code, file_, place_of(mark), "", std::move(message), std::move(hint)});
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0)
      report(ErrorCode::not_supported, mark, "an anchor ('&')", "write the value out where it is needed");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.size() > 1)
      report(ErrorCode::not_supported, mark, "a tag ('!')", "leave it out; keys decide the types");
  }

  bool key_is_next() const {
    return !levels_.empty() && levels_.back().document.kind == Document::Kind::map &&
           !levels_.back().key_is_open;
  }
  void begin_entry(std::string key, Mark mark) {
    levels_.back().document.entries.push_back({std::move(key), mark, {}});
    levels_.back().key_is_open = true;
  }

  void open(Document::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (levels_.size() == kYamlDepthMax) {
      report(ErrorCode::syntax, mark, fmt::format("nested more than {} deep", kYamlDepthMax),
             "close a bracket earlier");
      throw Stop{};
    }
    Level level;
    level.document.kind = kind;
    level.document.mark = place_of(mark);
    level.is_key = key_is_next();
    if (level.is_key) report(ErrorCode::syntax, mark, "a key that is a list or a map", "a key is a text");
    levels_.push_back(std::move(level));
  }
  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.is_key)
      begin_entry("", level.document.mark);
    else
      attach(std::move(level.document));
  }
  void attach(Document document) {
    if (levels_.empty()) {
      root_ = std::move(document);
      return;
    }
    Level& level = levels_.back();
    if (level.document.kind == Document::Kind::list) {
      level.document.items.push_back(std::move(document));
      return;
    }
    level.document.entries.back().value = std::move(document);
    level.key_is_open = false;
  }

  const TextPlaces& places_;
  const std::string_view text_;
  const std::string file_;
  Diagnostics& diagnostics_;
  std::vector<Level> levels_;
  Document root_;
  int documents_ = 0;
};

// What to do about the parser's terse messages.
std::string hint_for(const std::string& message) {
  using namespace YAML::ErrorMsg;
  if (message == MAP_VALUE) return "quote a text that contains ': ', and indent keys of one map alike";
  if (message == UNKNOWN_TOKEN) return "quote a text that begins with '@', '`' or '%'";
  if (message == END_OF_MAP_FLOW)
    return "close the '{' with '}'; quote a text that contains a comma or a brace";
  if (message == END_OF_SEQ_FLOW)
    return "close the '[' with ']'; quote a text that contains a comma or a bracket";
  if (message == END_OF_MAP || message == END_OF_SEQ) return "indent the entries of one map or list alike";
  if (message == EOF_IN_SCALAR) return "close the quote";
  if (message == INVALID_ESCAPE) return "write '\\\\' for a backslash, or use single quotes";
  return "";
}

Diagnostic syntax_error(const TextPlaces& places, const std::string& file, const YAML::Exception& error) {
  const auto at = static_cast<std::size_t>(std::max(error.mark.pos, 0));
  if (const auto tab = places.tab_in_indentation(at))
    return {ErrorCode::syntax,   file, places.mark_at(*tab), "", "a tab in the indentation",
            "indent with spaces"};
  return {ErrorCode::syntax, file, places.mark_at(at), "", error.msg, hint_for(error.msg)};
}

std::optional<Document> parse_document(std::string_view text, const std::string& file,
                                       Diagnostics& diagnostics) {
  const TextPlaces places(text);
  DocumentBuilder builder(places, text, file, diagnostics);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    diagnostics.push_back(syntax_error(places, file, error));
    return std::nullopt;
  }
  return builder.take();
}

// Length of the UTF-8 character at `at`, or 0 when there is none: overlong forms, surrogates and numbers
// above U+10FFFF are none (Unicode 15, table 3-7).
std::size_t valid_character_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_allowed_control(char c) { return c == '\t' || c == '\n' || c == '\r'; }

// The YAML parser guesses encodings and uses a control character as its end mark: neither may come from the
// file.
bool check_characters(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = valid_character_length(text, i);
    const bool control =
        length == 1 && static_cast<unsigned char>(text[i]) < 0x20 && !is_allowed_control(text[i]);
    if (length == 0 || control) {
      const Mark mark = TextPlaces(text).mark_at(i);
      diagnostics.push_back(
          {ErrorCode::syntax, file, mark, "",
           fmt::format("byte 0x{:02x} is not UTF-8 text", static_cast<unsigned char>(text[i])),
           "save the file as UTF-8"});
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace

std::optional<Document> parse_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  if (text.size() > kYamlBytesMax) {
    diagnostics.push_back({ErrorCode::not_supported,
                           file,
                           {},
                           "",
                           fmt::format("larger than {} bytes", kYamlBytesMax),
                           "split the definitions"});
    return std::nullopt;
  }
  if (!check_characters(text, file, diagnostics)) return std::nullopt;
  const std::size_t before = diagnostics.size();
  auto document = parse_document(text, file, diagnostics);
  if (diagnostics.size() > before) return std::nullopt;
  return document;
}

std::optional<Document> read_yaml_file(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const auto unreadable = [&](const std::string& reason) {
    diagnostics.push_back(
        {ErrorCode::unreadable_file, path.string(), {}, "", reason, "check the path and its permissions"});
    return std::nullopt;
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable("is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(std::strerror(errno != 0 ? errno : ENOENT));
  std::string text(kYamlBytesMax + 4, '\0');  // room for a byte order mark, and one byte more than is allowed
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_yaml(text, path.string(), diagnostics);
}

}  // namespace slipstream
