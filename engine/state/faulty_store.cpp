#include "engine/state/faulty_store.h"

#include <utility>
#include <vector>

#include "engine/state/memory_store.h"

namespace slipstream {

struct FaultyStore::Disk {
  Disk(const StoreFaults& given, Choose chooses) : faults(given), choose(std::move(chooses)) {}

  StoreFaults faults;
  Choose choose;
  MemoryStore contents;
  std::vector<StateBatch> undo;  // for each unsynced batch, in order: what brings the state before it back
  std::uint64_t batches_lost = 0;
  std::uint64_t life = 1;  // one more after each restart
  bool crashed = false;

  Result<> check_alive(std::uint64_t born) const;
  tl::unexpected<Error> crash();
  Result<> apply(const StateBatch& batch, bool sync);
};

Result<> FaultyStore::Disk::check_alive(std::uint64_t born) const {
  if (!crashed && born == life) return {};
  return fail(ErrorCode::io, "simulated: this process has crashed");
}

tl::unexpected<Error> FaultyStore::Disk::crash() {
  for (auto lost = choose(undo.size() + 1); lost > 0; --lost) {
    (void)contents.apply(undo.back(), true);  // memory takes every batch
    undo.pop_back();
    ++batches_lost;
  }
  undo.clear();  // what is left has reached the disk
  crashed = true;
  return fail(ErrorCode::io, "simulated: the process crashes here");
}

Result<> FaultyStore::Disk::apply(const StateBatch& batch, bool sync) {
  StateBatch before;
  for (const auto& change : batch) {
    SLIPSTREAM_ASSIGN(auto value, contents.get(change.family, change.key));
    before.push_back({change.family, change.key, value});
  }
  SLIPSTREAM_TRY(contents.apply(batch, sync));
  undo.push_back(std::move(before));
  if (sync) undo.clear();
  return {};
}

namespace {

class FaultyHandle final : public Store {
 public:
  explicit FaultyHandle(std::shared_ptr<FaultyStore::Disk> disk)
      : disk_(std::move(disk)), born_(disk_->life) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    SLIPSTREAM_TRY(disk_->check_alive(born_));
    return disk_->contents.get(family, key);
  }

  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override {
    SLIPSTREAM_TRY(disk_->check_alive(born_));
    return disk_->contents.get_many(family, keys);
  }

  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    SLIPSTREAM_TRY(disk_->check_alive(born_));
    return disk_->contents.scan(family, from, to, visit);
  }

  Result<> apply(const StateBatch& batch, bool sync) override {
    auto& disk = *disk_;
    SLIPSTREAM_TRY(disk.check_alive(born_));
    if (happens(disk.choose, disk.faults.crash_before_apply)) return disk.crash();
    if (happens(disk.choose, disk.faults.refused_batch)) {
      return fail(ErrorCode::io, "simulated: the disk refuses the batch, nothing is applied");
    }
    SLIPSTREAM_TRY(disk.apply(batch, sync));
    if (happens(disk.choose, disk.faults.crash_after_apply)) return disk.crash();
    return {};
  }

  std::shared_ptr<const StateReader> snapshot() const override { return disk_->contents.snapshot(); }

 private:
  const std::shared_ptr<FaultyStore::Disk> disk_;
  const std::uint64_t born_;
};

}  // namespace

FaultyStore::FaultyStore(const StoreFaults& faults, Choose choose)
    : disk_(std::make_shared<Disk>(faults, std::move(choose))) {}
FaultyStore::~FaultyStore() = default;

std::unique_ptr<Store> FaultyStore::open() { return std::make_unique<FaultyHandle>(disk_); }
bool FaultyStore::crashed() const { return disk_->crashed; }
void FaultyStore::crash() { (void)disk_->crash(); }
void FaultyStore::restart() {
  disk_->crashed = false;
  ++disk_->life;
}
void FaultyStore::set_faults(const StoreFaults& faults) { disk_->faults = faults; }
std::uint64_t FaultyStore::batches_lost() const { return disk_->batches_lost; }
const StateReader& FaultyStore::contents() const { return disk_->contents; }

}  // namespace slipstream
