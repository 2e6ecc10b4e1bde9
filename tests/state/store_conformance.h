// The promises of Store (engine/state/store.h), tested through its interface alone.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "engine/state/store.h"

namespace slipstream {

// One store of its own for one test.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual Store& store() = 0;
  virtual void close() = 0;   // the store goes; snapshots of it may stay
  virtual void reopen() = 0;  // closes it and opens what is durable
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> open;
  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }
};

class StoreConformance : public testing::TestWithParam<StoreKind> {
 protected:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  StoreConformance() : opened_(GetParam().open()) {}

  Store& store() { return opened_->store(); }
  void close() { opened_->close(); }
  void reopen() { opened_->reopen(); }
  void apply(const StateBatch& batch, bool sync = false);
  static std::optional<std::string> get(const StateReader& reader, Family family, const std::string& key);
  static Pairs scan(const StateReader& reader, Family family, std::string_view from = "",
                    std::string_view to = "");

 private:
  std::unique_ptr<StoreUnderTest> opened_;
};

}  // namespace slipstream
