// A store that fails as real ones do, for the simulator: what a crash leaves is what the Store contract
// promises.
//
// FaultyStore is the disk; open() is the process that uses it. At a crash the unsynced batches lose a suffix,
// chosen anew each time, and every store opened before fails with `io` from then on. The simulator drops its
// shards, calls restart() and opens again. Belongs to one thread, and behaves the same each time for the same
// choices.
#pragma once

#include <memory>

#include "engine/log/fault_choices.h"
#include "engine/state/store.h"

namespace slipstream {

struct StoreFaults {
  OneIn refused_batch = 0;  // nothing is applied, the caller gets io
  OneIn crash_before_apply = 0;
  OneIn crash_after_apply = 0;  // applied (as far as the crash lets it last), the caller never learns
};

class FaultyStore {
 public:
  FaultyStore(const StoreFaults& faults, Choose choose);
  ~FaultyStore();
  FaultyStore(const FaultyStore&) = delete;
  FaultyStore& operator=(const FaultyStore&) = delete;

  std::unique_ptr<Store> open();

  bool crashed() const;
  void crash();  // of the process and the machine: unsynced batches may be lost
  void restart();
  void set_faults(const StoreFaults& faults);
  std::uint64_t batches_lost() const;  // by all crashes
  // What the disk holds now, synced or not, whether crashed or not.
  const StateReader& contents() const;

  struct Disk;

 private:
  std::shared_ptr<Disk> disk_;
};

}  // namespace slipstream
