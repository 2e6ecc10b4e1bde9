// A lookup's file in memory: rows by the text of their key column. Immutable after reading.
#pragma once

#include <filesystem>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/file/mapping.h"

namespace slipstream {

inline constexpr std::size_t kLookupBytesMax = std::size_t{64} << 20;

class LookupTable {
 public:
  // Errors: those of open_csv; malformed_record for a row that cannot be read; duplicate_name for a key that
  // two rows have; record_too_large beyond kLookupBytesMax.
  static Result<LookupTable> read(const std::filesystem::path& path, char delimiter, const LookupPlan& plan);

  // The cells of plan.columns, in order; null when no row has the key.
  const std::vector<std::string>* find(std::string_view key) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::vector<std::string>, TextHash, std::equal_to<>> rows_;
};

}  // namespace slipstream
