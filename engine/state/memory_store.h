// The store of tests, back-tests and the simulator: ordered maps with versions, so that a snapshot costs
// nothing to take and sees nothing that came later. Thread-safe: snapshots may be read while the owner
// applies batches.
#pragma once

#include "engine/state/store.h"

namespace slipstream {

class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override;
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  Result<> apply(const StateBatch& batch, bool sync) override;
  std::shared_ptr<const StateReader> snapshot() const override;

  // Versions held in all, superseded ones that a snapshot may still read included.
  std::size_t version_count() const;

  struct State;  // outlives the store while a snapshot of it does

 private:
  std::shared_ptr<State> state_;
};

}  // namespace slipstream
