// Collects what is wrong with one file while the loader goes on, so that a person sees every error at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/definition/diagnostic.h"
#include "engine/expression/expression.h"

namespace slipstream {

// A value being read: the node of the document and the path of its key ("views.delivery.window").
struct Setting {
  const Document* node = nullptr;
  std::string path;

  Setting item(std::size_t index) const;              // of a list; written "targets[1]", counted from 1
  Setting entry(const Document::Entry& entry) const;  // of a map
};

class Report {
 public:
  Report(std::string file, Diagnostics& diagnostics) : file_(std::move(file)), diagnostics_(diagnostics) {}

  void add(ErrorCode code, Mark mark, const std::string& path, std::string message, std::string hint = "");
  void add(ErrorCode code, const Setting& at, std::string message, std::string hint = "");
  // The errors of an expression written as the scalar `at`, each at its own place.
  void add(const Setting& at, const std::vector<ExpressionError>& errors);

  std::size_t count() const { return diagnostics_.size(); }

 private:
  std::string file_;
  Diagnostics& diagnostics_;
};

}  // namespace slipstream
