#include "engine/log/faulty_log.h"

#include <algorithm>
#include <utility>

namespace slipstream {

struct FaultyLog::State {
  State(std::shared_ptr<EventLog> wrapped, const LogFaults& given, Choose chooses)
      : durable(std::move(wrapped)), faults(given), choose(std::move(chooses)) {}

  std::shared_ptr<EventLog> durable;
  LogFaults faults;
  Choose choose;
  LogFaultCounts counts;
  std::uint64_t life = 1;  // one more after each restart
  bool crashed = false;

  bool happens(OneIn one_in) const { return slipstream::happens(choose, one_in); }
  Result<> check_alive(std::uint64_t born) const;
  tl::unexpected<Error> crash();
};

namespace {

tl::unexpected<Error> unavailable(const char* reason) { return fail(ErrorCode::log_unavailable, reason); }

}  // namespace

Result<> FaultyLog::State::check_alive(std::uint64_t born) const {
  if (!crashed && born == life) return {};
  return unavailable("simulated: this process has crashed");
}

tl::unexpected<Error> FaultyLog::State::crash() {
  crashed = true;
  ++counts.crashes;
  return unavailable("simulated: the process crashes here");
}

namespace {

class FaultyProducer final : public Producer {
 public:
  FaultyProducer(std::shared_ptr<FaultyLog::State> state, std::unique_ptr<Producer> durable)
      : state_(std::move(state)), born_(state_->life), durable_(std::move(durable)) {}

  Result<std::vector<Offset>> commit(const Transaction& transaction) override {
    auto& state = *state_;
    SLIPSTREAM_TRY(state.check_alive(born_));
    if (state.happens(state.faults.crash_before_commit)) return state.crash();
    if (state.happens(state.faults.refused_commit)) {
      ++state.counts.refused;
      return unavailable("simulated: the commit is refused, nothing is written");
    }
    auto written = durable_->commit(transaction);
    if (!written) return written;
    if (state.happens(state.faults.crash_after_commit)) return state.crash();
    if (state.happens(state.faults.unknown_outcome)) {
      ++state.counts.unknown;
      return unavailable("simulated: no answer came, the commit's outcome is unknown");
    }
    return written;
  }

 private:
  const std::shared_ptr<FaultyLog::State> state_;
  const std::uint64_t born_;
  const std::unique_ptr<Producer> durable_;
};

// One reader of the durable log for each partition, so that each can be slow, early or short by itself.
class FaultyReader final : public Reader {
 public:
  explicit FaultyReader(std::shared_ptr<FaultyLog::State> state)
      : state_(std::move(state)), born_(state_->life) {}

  Result<> seek(const TopicPartition& at, Offset offset) override {
    SLIPSTREAM_TRY(state_->check_alive(born_));
    auto reader = state_->durable->open_reader();
    SLIPSTREAM_TRY(reader->seek(at, offset));
    remove(at);
    places_.push_back({at, offset, Offset(-1), std::move(reader), 0});
    return {};
  }

  void remove(const TopicPartition& at) override {
    std::erase_if(places_, [&](const Place& place) { return place.at == at; });
  }

  Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max, Duration) override {
    SLIPSTREAM_TRY(state_->check_alive(born_));
    std::vector<ReadBatch> all;
    for (const auto index : order()) {
      if (records_max == 0) break;
      auto batches = poll_one(places_[index], records_max, bytes_max);
      // Records already taken must reach the caller; the error comes again.
      if (!batches && all.empty()) return batches;
      if (!batches) break;
      for (auto& batch : *batches) {
        records_max -= std::min(records_max, batch.records.size());
        all.push_back(std::move(batch));
      }
    }
    return all;
  }

 private:
  struct Place {
    TopicPartition at;
    Offset next;
    Offset redelivered_to;  // the last time: only beyond it are records given again, or short reads would
                            // never end
    std::unique_ptr<Reader> reader;
    std::uint64_t slow_polls;
  };

  // Whose turn comes when: rotating, or random.
  std::vector<std::size_t> order() {
    std::vector<std::size_t> indexes;
    for (std::size_t turn = 0; turn < places_.size(); ++turn) {
      indexes.push_back((turn + polls_) % places_.size());
    }
    ++polls_;
    if (!state_->faults.shuffled_partitions) return indexes;
    for (auto left = indexes.size(); left > 1; --left) {
      std::swap(indexes[left - 1], indexes[state_->choose(left)]);
    }
    return indexes;
  }

  Result<std::vector<ReadBatch>> poll_one(Place& place, std::size_t records_max, std::size_t bytes_max) {
    const auto& faults = state_->faults;
    if (is_slow(place)) return std::vector<ReadBatch>();
    if (faults.redelivered_max > 0 && state_->happens(faults.redelivery)) SLIPSTREAM_TRY(step_back(place));
    if (faults.short_reads) records_max = 1 + state_->choose(records_max);
    auto batches = place.reader->poll(records_max, bytes_max, Duration());
    if (batches && !batches->empty()) place.next = batches->back().next;
    return batches;
  }

  bool is_slow(Place& place) {
    if (place.slow_polls == 0 && state_->happens(state_->faults.slow_partition)) {
      place.slow_polls = 1 + state_->choose(std::max(state_->faults.slow_polls_max, 1U));
      ++state_->counts.slowed;
    }
    if (place.slow_polls == 0) return false;
    --place.slow_polls;
    return true;
  }

  Result<> step_back(Place& place) {
    if (place.next <= place.redelivered_to) return {};
    SLIPSTREAM_ASSIGN(const auto range, state_->durable->offsets(place.at));
    const auto back = 1 + static_cast<std::int64_t>(state_->choose(state_->faults.redelivered_max));
    const Offset from(std::max(range.earliest.value, place.next.value - back));
    if (from >= place.next) return {};
    ++state_->counts.redelivered;
    place.redelivered_to = place.next;
    place.next = from;
    return place.reader->seek(place.at, from);
  }

  const std::shared_ptr<FaultyLog::State> state_;
  const std::uint64_t born_;
  std::vector<Place> places_;
  std::size_t polls_ = 0;
};

}  // namespace

FaultyLog::FaultyLog(std::shared_ptr<EventLog> durable, const LogFaults& faults, Choose choose)
    : state_(std::make_shared<State>(std::move(durable), faults, std::move(choose))) {}
FaultyLog::~FaultyLog() = default;

bool FaultyLog::crashed() const { return state_->crashed; }
void FaultyLog::crash() { (void)state_->crash(); }
void FaultyLog::restart() {
  state_->crashed = false;
  ++state_->life;
}
void FaultyLog::set_faults(const LogFaults& faults) { state_->faults = faults; }
LogFaultCounts FaultyLog::counts() const { return state_->counts; }

Result<> FaultyLog::create_topic(const TopicOptions& options) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  return state_->durable->create_topic(options);
}

Result<std::vector<TopicOptions>> FaultyLog::topics() {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  return state_->durable->topics();
}

Result<OffsetRange> FaultyLog::offsets(const TopicPartition& at) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  return state_->durable->offsets(at);
}

Result<std::vector<Offset>> FaultyLog::append(std::span<const OutputRecord> records) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  if (!records.empty() && state_->happens(state_->faults.repeated_append)) {
    ++state_->counts.repeated;
    SLIPSTREAM_TRY(state_->durable->append(records));
  }
  return state_->durable->append(records);
}

Result<std::unique_ptr<Producer>> FaultyLog::open_producer(std::string_view identity) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  SLIPSTREAM_ASSIGN(auto producer, state_->durable->open_producer(identity));
  return std::make_unique<FaultyProducer>(state_, std::move(producer));
}

std::unique_ptr<Reader> FaultyLog::open_reader() { return std::make_unique<FaultyReader>(state_); }

Result<CommittedPositions> FaultyLog::committed(std::string_view group, std::string_view member) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  return state_->durable->committed(group, member);
}

Result<std::uint64_t> FaultyLog::clean(Timestamp now) {
  SLIPSTREAM_TRY(state_->check_alive(state_->life));
  return state_->durable->clean(now);
}

}  // namespace slipstream
