// Puts the events of a made-up city into the log in the order of their time, each once: with every batch goes an
// entry of the ledger of imports that says how many are there and until when, in the same transaction. Whoever
// comes next goes on behind them, however the one before ended. Belongs to one thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "connectors/file/import_ledger.h"
#include "engine/app/demo/city.h"
#include "engine/app/deployment.h"

namespace slipstream {

class CityFeed {
 public:
  // What the ledger says of the city in this log; nullopt: the log has no events yet. Error usage when it has events
  // of others.
  static Result<std::optional<LedgerEntry>> find_entry(Deployment& deployment);

  // `city`, from its first day on, and `deployment` outlive it. Errors usage when the log is of another city;
  // those of find_entry().
  static Result<std::unique_ptr<CityFeed>> open(City& city, Deployment& deployment);

  // The city's time that the log has reached; its beginning when there is nothing.
  Timestamp fed_until() const { return total_.at; }
  std::uint64_t events() const { return total_.events; }
  // Appends what happens before `until`. `stops` is asked after each batch; then it goes on another time.
  Result<> feed(Timestamp until, const std::function<bool()>& stops);

 private:
  CityFeed(City& city, Deployment& deployment);
  Result<> take_up();
  // The next event, or null when there is no more before `until`.
  const CityEvent* next_before(Timestamp until);
  Result<OutputRecord> record_of(const CityEvent& event, Timestamp now);
  Result<> commit(Timestamp until);

  City& city_;
  Deployment& deployment_;
  Decoder decoder_;
  std::unique_ptr<Producer> producer_;
  LedgerEntry total_;
  std::vector<CityEvent> day_;  // events that the city has brought forth,
  std::size_t next_ = 0;        // from this one on still to be appended
  Transaction batch_;
};

}  // namespace slipstream
