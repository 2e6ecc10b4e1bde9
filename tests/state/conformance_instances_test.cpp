#include <stdexcept>

#include "engine/state/faulty_store.h"
#include "engine/state/memory_store.h"
#include "engine/state/rocksdb_store.h"
#include "tests/log/temporary_directory.h"
#include "tests/state/store_conformance.h"

namespace slipstream {
namespace {

// Memory is as durable as its process: reopening finds the same store.
class MemoryUnderTest final : public StoreUnderTest {
 public:
  Store& store() override { return *store_; }
  void close() override { store_.reset(); }
  void reopen() override {}

 private:
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
};

// Without faults it is a store like any other.
class FaultlessUnderTest final : public StoreUnderTest {
 public:
  Store& store() override { return *store_; }
  void close() override { store_.reset(); }
  void reopen() override {
    disk_.restart();
    store_ = disk_.open();
  }

 private:
  FaultyStore disk_{{}, choose_from_seed(1)};
  std::unique_ptr<Store> store_ = disk_.open();
};

class RocksdbUnderTest final : public StoreUnderTest {
 public:
  RocksdbUnderTest() { open(); }
  Store& store() override { return *store_; }
  void close() override { store_.reset(); }
  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    auto opened = open_rocksdb_store(directory_.path() / "state");
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksdbStore> store_;
};

std::string name_of_kind(const testing::TestParamInfo<StoreKind>& kind) { return kind.param.name; }

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance,
                         testing::Values(StoreKind{"memory", std::make_unique<MemoryUnderTest>},
                                         StoreKind{"faultless", std::make_unique<FaultlessUnderTest>},
                                         StoreKind{"rocksdb", std::make_unique<RocksdbUnderTest>}),
                         name_of_kind);

}  // namespace
}  // namespace slipstream
