// Who waits for a node or an indicator, and who has waited long enough: docs/design/waiting.md.
//
// Only definitions that give a wait an end (`organisation.wait`, `indicators.wait`) make records enter the
// waiting room; what waits for ever needs none. Owned by the shard's thread.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/decode/decoder.h"
#include "engine/shard/expulsion_record.h"
#include "engine/shard/folding.h"
#include "engine/shard/observing.h"
#include "engine/shard/reference.h"
#include "engine/shard/waiting_room.h"

namespace slipstream {

// A record that was taken out again.
struct Expelled {
  std::string entity;  // key of its task or figure; empty: a reading
  std::string event_id;
  WaitingRecord record;
  Error why;
};

class Waiting {
 public:
  Waiting(const Plan& plan, const Organisation& organisation, const Reference& reference, Folding& folding,
          Observing& observing, const StateReader& store, DecodeOptions decode);

  // May a record have to wait with an end? False costs nothing.
  bool is_on() const { return ends_ || !expected_.empty(); }
  // After the event was folded into its entity, or observed and not flushed yet: its record waits if it has
  // to.
  Result<> take(const Event& event, const RecordView& record);
  // An indicator has become known: what waited for it is looked at again. After Folding::admit().
  Result<> admit(std::string_view indicator, Timestamp now);

  // Has something waited long enough by `now`?
  Result<bool> is_due(Timestamp now);
  // Expels what had by `until`, if it still waits; the others leave the room.
  Result<std::vector<Expelled>> expel_due(Timestamp until, Timestamp now);
  Result<Timestamp> next_deadline() { return ends_ ? room_.next_deadline() : Timestamp::max(); }

  // While folding again: the record will have to be expelled, so it must be in the room, come what may.
  void expect(const Expulsion& expulsion) { expected_.insert(expulsion.record.offset); }
  // Repeats expulsions of one place. A record that these definitions did not accept is not in the room, and
  // so not expelled. Returns how many were.
  Result<std::size_t> repeat(std::span<const Expulsion> expulsions, Timestamp now);

  void seal(StateBatch& batch) { room_.seal(batch); }
  void shrink(std::size_t bytes) { room_.shrink(bytes); }
  std::size_t memory_bytes() const { return room_.memory_bytes(); }
  std::size_t unsealed_bytes() const { return room_.unsealed_bytes(); }

 private:
  std::optional<Missing> missing_indicator(std::string_view entity) const;
  std::optional<Missing> missing_node(std::span<const Contribution> contributions) const;
  Result<std::optional<Missing>> missing_of(const std::string& entity, const WaitingEntity& waiting,
                                            Timestamp now);
  const std::optional<Duration>& wait_for(const Missing& missing) const;
  bool must_keep(const Missing& missing) const;
  Result<std::vector<std::size_t>> blamed(const std::string& entity, const WaitingEntity& waiting);
  Result<> examine(const std::string& entity, Timestamp until, Timestamp now,
                   std::vector<Expelled>& expelled);
  Result<> bring_up_to_date(const std::string& entity, Timestamp now);
  Result<std::string> take_out(const std::string& entity, const WaitingRecord& record, Timestamp now);
  Result<Event> decode(const WaitingRecord& record);
  Error reason_for(const Missing& missing) const;

  const Plan& plan_;
  const Organisation& organisation_;
  const Reference& reference_;
  Folding& folding_;
  Observing& observing_;
  bool ends_;
  Decoder decoder_;
  WaitingRoom room_;
  std::set<Offset> expected_;
};

}  // namespace slipstream
