#include "tests/simulator/sabotage.h"

#include <algorithm>

#include "tests/log/forwarding_log.h"

namespace slipstream::simulator {
namespace {

constexpr OneIn kOften = 4;

class LosingStore final : public Store {
 public:
  LosingStore(std::unique_ptr<Store> store, Choose choose)
      : store_(std::move(store)), choose_(std::move(choose)) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return store_->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override {
    return store_->get_many(family, keys);
  }
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->scan(family, from, to, visit);
  }
  Result<> apply(const StateBatch& batch, bool sync) override {
    const auto is_row = [](const StateChange& change) { return change.family == Family::rows; };
    std::vector<StateChange> kept(batch.begin(), batch.end());
    const auto row = std::find_if(kept.begin(), kept.end(), is_row);
    if (row != kept.end() && happens(choose_, kOften)) kept.erase(row);
    StateBatch lossy;
    for (const StateChange& change : kept)
      lossy.push_back(change);
    return store_->apply(lossy, sync);
  }
  std::shared_ptr<const StateReader> snapshot() const override { return store_->snapshot(); }

 private:
  std::unique_ptr<Store> store_;
  Choose choose_;
};

class DamagingProducer final : public Producer {
 public:
  DamagingProducer(std::unique_ptr<Producer> producer, Sabotage how, Choose& choose)
      : producer_(std::move(producer)), how_(how), choose_(choose) {}

  Result<std::vector<Offset>> commit(const Transaction& transaction) override {
    Transaction damaged = transaction;
    const std::size_t last = damaged.outputs.size();
    if (last == 0 || !happens(choose_, kOften)) return producer_->commit(transaction);
    if (how_ == Sabotage::lost_output) {
      damaged.outputs.pop_back();
    } else {
      damaged.outputs.push_back(damaged.outputs.back());
    }
    SLIPSTREAM_ASSIGN(std::vector<Offset> offsets, producer_->commit(damaged));
    const Offset newest = offsets.empty() ? Offset(0) : offsets.back();
    offsets.resize(last, newest);
    return offsets;
  }

 private:
  std::unique_ptr<Producer> producer_;
  Sabotage how_;
  Choose& choose_;
};

class DamagingLog final : public testing::ForwardingLog {
 public:
  DamagingLog(EventLog& log, Sabotage how, Choose choose)
      : ForwardingLog(log), how_(how), choose_(std::move(choose)) {}

  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override {
    SLIPSTREAM_ASSIGN(auto producer, ForwardingLog::open_producer(identity));
    return std::make_unique<DamagingProducer>(std::move(producer), how_, choose_);
  }

 private:
  Sabotage how_;
  Choose choose_;
};

}  // namespace

std::unique_ptr<Store> sabotaged(std::unique_ptr<Store> store, Choose choose) {
  return std::make_unique<LosingStore>(std::move(store), std::move(choose));
}

std::unique_ptr<EventLog> sabotaged(EventLog& log, Sabotage how, Choose choose) {
  return std::make_unique<DamagingLog>(log, how, std::move(choose));
}

}  // namespace slipstream::simulator
