#include "tests/simulator/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/decode/catalogue.h"
#include "engine/decode/encoder.h"
#include "engine/shard/input.h"

namespace slipstream::simulator {
namespace {

// Around these a month, a quarter, a (fiscal) year or daylight saving ends.
constexpr std::array<std::string_view, 5> kBeginnings = {"2026-03-27T20:00:00Z", "2026-10-23T09:00:00Z",
                                                         "2026-12-29T15:00:00Z", "2026-06-28T00:00:00Z",
                                                         "2026-02-10T22:30:00Z"};
constexpr std::array<std::string_view, 3> kPathUnits = {"north", "south", "north/dock"};
constexpr std::array<std::string_view, 5> kTreeUnits = {"u1", "u2", "u3", "u4", "u5"};
constexpr std::array<std::string_view, 3> kPersons = {"an", "binh", "chi"};
constexpr std::array<std::string_view, 2> kSources = {"desk", "field"};
constexpr std::uint64_t kTaskCount = 8;

Timestamp whole_hour(Timestamp t) { return {t.us - t.us % hours(1).us}; }

class FieldList {
 public:
  explicit FieldList(Event& event) : event_(event) {}
  void text(Field field, std::string_view value) {
    if (!value.empty()) event_.fields.push_back({field, Value::text(value)});
  }
  void instant(Field field, const std::optional<Timestamp>& value) {
    if (value) event_.fields.push_back({field, Value::timestamp(*value)});
  }
  void decimal(Field field, const std::optional<std::int64_t>& value) {
    if (value) event_.fields.push_back({field, Value::decimal(Decimal(*value))});
  }
  void boolean(Field field, bool value) { event_.fields.push_back({field, Value::boolean(value)}); }
  void integer(Field field, const std::optional<std::int64_t>& value) {
    if (value) event_.fields.push_back({field, Value::integer(*value)});
  }

 private:
  Event& event_;
};

void add_task_fields(const Happening& from, FieldList& fields) {
  fields.text(Field::task, from.subject);
  fields.text(Field::unit, from.unit);
  fields.text(Field::person, from.person);
  fields.decimal(Field::weight, from.weight);
  fields.instant(Field::due_at, from.due_at);
  fields.instant(Field::completed_at, from.completed_at);
  fields.text(Field::credit_policy, from.choice);
  if (from.type == EventType::task_cancelled) fields.boolean(Field::counts, from.flag);
  if (from.type == EventType::task_returned) fields.boolean(Field::quality_fault, from.flag);
}

void add_other_fields(const Happening& from, FieldList& fields) {
  switch (from.type) {
    case EventType::measurement_reported:
    case EventType::measurement_corrected:
    case EventType::measurement_retracted:
      fields.text(Field::indicator, from.series);
      fields.text(Field::node, from.subject);
      fields.instant(Field::period_start, from.period_start);
      fields.decimal(Field::value, from.value);
      fields.decimal(Field::numerator, from.numerator);
      fields.decimal(Field::denominator, from.denominator);
      break;
    case EventType::observation:
      fields.text(Field::metric, from.series);
      fields.text(Field::node, from.subject);
      fields.decimal(Field::value, from.value);
      fields.integer(Field::sequence, from.sequence);
      break;
    case EventType::unit_created:
    case EventType::unit_moved:
      fields.text(Field::unit, from.subject);
      fields.text(Field::parent, from.unit);
      fields.instant(Field::valid_from, from.valid_from);
      break;
    case EventType::person_appointed:
    case EventType::person_transferred:
      fields.text(Field::person, from.subject);
      fields.text(Field::unit, from.unit);
      fields.instant(Field::valid_from, from.valid_from);
      break;
    case EventType::target_set:
    case EventType::target_revised:
      fields.text(Field::kpi, from.series);
      fields.text(Field::node, from.subject);
      fields.instant(Field::period_start, from.period_start);
      fields.instant(Field::period_end, from.period_end);
      fields.decimal(Field::target, from.value);
      fields.text(Field::mode, from.choice);
      break;
    case EventType::alert_acknowledged:
    case EventType::alert_silenced:
      fields.text(Field::alert, from.subject);
      fields.instant(Field::until, from.until);
      break;
    default:
      break;
  }
}

// Texts of the result point into `from`.
Event to_event(const Happening& from, std::string_view source) {
  Event event;
  event.type = from.type;
  event.id = from.id;
  event.source = source;
  event.subject = from.subject;
  event.time = from.recorded_at;
  event.effective_at = from.effective_at;
  event.recorded_at = from.recorded_at;
  event.entity_version = from.version;
  event.supersedes = from.supersedes;
  FieldList fields(event);
  if (kind_of(from.type) == EventKind::task) {
    add_task_fields(from, fields);
  } else {
    add_other_fields(from, fields);
  }
  std::sort(event.fields.begin(), event.fields.end(),
            [](const auto& a, const auto& b) { return a.field < b.field; });
  return event;
}

std::string encoded(const Happening& happening, bool as_json) {
  const Event event = to_event(happening, source_of(happening.id));
  const auto bytes = as_json ? encode_json(event) : encode_flatbuffers(event);
  SLIPSTREAM_INVARIANT(bytes.has_value(), bytes.error().message);
  return *bytes;
}

bool goes_to_reference(EventType type) {
  const EventKind kind = kind_of(type);
  return kind == EventKind::reference || kind == EventKind::action;
}

}  // namespace

std::string_view source_of(std::string_view id) { return kSources[id.size() % kSources.size()]; }

WorkloadGenerator::WorkloadGenerator(const Definitions& definitions, std::uint64_t seed)
    : definitions_(definitions),
      dice_(seed),
      has_tasks_(definitions.plan->find_view("delivery") != nullptr),
      has_figures_(definitions.plan->find_view("stock") != nullptr),
      has_readings_(definitions.plan->find_view("noise") != nullptr) {}

std::string WorkloadGenerator::random_node() {
  if (!definitions_.has_tree_of_events()) return std::string(dice_.of(kPathUnits));
  return std::string(dice_.one_in(5) ? dice_.of(kPersons) : dice_.of(kTreeUnits));
}

Workload WorkloadGenerator::make() {
  Workload workload;
  Timestamp clock = *parse_timestamp(dice_.of(kBeginnings)) + dice_.between(hours(0), hours(20));
  for (std::int64_t left = dice_.between(2, 8); left > 0; --left) {
    Moment& moment = workload.moments.emplace_back();
    moment.clock = clock;
    fill(moment);
    switch (dice_.below(8)) {
      case 0:
        clock = clock + hours(1);
        break;
      case 1:
        clock = definitions_.plan->zone.start_of_day(
            civil_from_days(days_since_epoch(definitions_.plan->zone.date_of(clock)) + 1));
        break;
      case 2:
        clock = clock + dice_.between(hours(20), hours(50));
        break;
      case 3:
        clock = whole_hour(clock + hours(1));
        break;
      default:
        clock = clock + dice_.between(seconds(1), hours(5));
        break;
    }
  }
  workload.end = clock + dice_.between(minutes(1), hours(20));
  return workload;
}

void WorkloadGenerator::fill(Moment& moment) {
  for (std::int64_t left = dice_.between(0, 8); left > 0; --left) {
    const std::uint64_t what = dice_.below(24);
    Delivery delivery = what == 0                     ? bad_record(moment.clock)
                        : what <= 3 && !sent_.empty() ? again(moment.clock)
                                                      : delivery_of(random_event(moment.clock));
    delivery.number = sent_.size();
    sent_.push_back(delivery);
    moment.deliveries.push_back(std::move(delivery));
  }
}

// What makes a figure good again that was bad: a task done by its deadline after all, a figure corrected
// upwards.
std::optional<Happening> WorkloadGenerator::mended(Timestamp clock) {
  Happening event = Happening();
  const std::optional<Happening>& before = dice_.of(sent_).event;
  if (!before) return std::nullopt;
  event.subject = before->subject;
  if (before->due_at) {
    event.type = EventType::task_completed;
    event.completed_at = before->due_at;
  } else if (before->type == EventType::measurement_reported) {
    event.type = EventType::measurement_corrected;
    event.series = before->series;
    event.period_start = before->period_start;
    event.value = dice_.between(200, 900);
  } else {
    return std::nullopt;
  }
  event.effective_at = clock;
  return event;
}

Happening WorkloadGenerator::random_event(Timestamp clock) {
  Happening event;
  std::optional<Happening> mending;
  if (!sent_.empty() && dice_.one_in(4)) mending = mended(clock);
  while (true) {
    const std::uint64_t what = dice_.below(16);
    if (mending)
      event = *std::move(mending);
    else if (what < 7 && has_tasks_)
      event = task_event(clock);
    else if (what < 11 && has_figures_)
      event = figure_event(clock);
    else if ((what == 11 || what == 15) && has_figures_)
      event = target_event(clock);
    else if (what < 14 && has_readings_)
      event = reading(clock);
    else if (what == 14 && definitions_.has_tree_of_events())
      event = unit_event(clock);
    else if (!definitions_.has_tree_of_events() || what != 13)
      continue;
    else
      event = unit_event(clock);
    break;
  }
  event.id = fmt::format("e{}", next_id_++);
  event.recorded_at = clock - dice_.between(hours(0), hours(2));
  if (event.effective_at == Timestamp()) {
    event.effective_at = dice_.one_in(6)   ? clock - dice_.between(hours(0), days(4))
                         : dice_.one_in(8) ? clock + dice_.between(hours(0), hours(22))
                         : dice_.one_in(3) ? whole_hour(clock)
                                           : clock - dice_.between(hours(0), hours(3));
  }
  if (dice_.one_in(10)) event.version = dice_.between(1, 4);
  return event;
}

Happening WorkloadGenerator::task_event(Timestamp clock) {
  static constexpr EventType kLater[] = {
      EventType::task_completed, EventType::task_completed,  EventType::task_completed,
      EventType::task_extended,  EventType::task_reassigned, EventType::task_returned,
      EventType::task_cancelled, EventType::task_reopened,   EventType::task_accepted,
      EventType::task_suspended, EventType::task_resumed};
  Happening event;
  event.subject = fmt::format("T{}", dice_.below(kTaskCount));
  event.type = dice_.below(5) < 2 ? EventType::task_assigned : dice_.of(kLater);
  const bool is_assignment = event.type == EventType::task_assigned;
  if (is_assignment || event.type == EventType::task_reassigned) {
    event.unit = definitions_.has_tree_of_events() ? std::string(dice_.of(kTreeUnits))
                                                   : std::string(dice_.of(kPathUnits));
    if (dice_.one_in(3)) event.person = dice_.of(kPersons);
    if (!is_assignment && dice_.one_in(3)) event.choice = "acceptor";
  }
  if (is_assignment && dice_.one_in(3)) event.weight = dice_.between(1, 9);
  if (event.type == EventType::task_extended || (is_assignment && !dice_.one_in(8)))
    event.due_at = whole_hour(clock) + hours(dice_.between(-40, 70));
  if (event.type == EventType::task_completed && dice_.one_in(3)) event.completed_at = whole_hour(clock);
  event.flag = dice_.one_in(2);
  if (dice_.one_in(20) && !sent_.empty()) {
    const Delivery& earlier = dice_.of(sent_);
    if (earlier.event && earlier.event->subject == event.subject) event.supersedes = earlier.event->id;
  }
  return event;
}

Happening WorkloadGenerator::figure_event(Timestamp clock) {
  Happening event;
  event.series = dice_.one_in(3) ? "planted" : "stock";
  event.subject = random_node();
  event.period_start = definitions_.plan->zone.start_of_day(civil_from_days(
                           days_since_epoch(definitions_.plan->zone.date_of(clock)) + dice_.between(-4, 1))) +
                       hours(dice_.one_in(3) ? 12 : 0);
  const std::uint64_t what = dice_.below(8);
  event.type = what < 5   ? EventType::measurement_reported
               : what < 7 ? EventType::measurement_corrected
                          : EventType::measurement_retracted;
  if (event.type != EventType::measurement_retracted) {
    if (event.series == "stock" || dice_.one_in(2)) event.value = dice_.between(-20, 200);
    if (event.series == "planted" && !event.value) {
      event.numerator = dice_.between(0, 50);
      event.denominator = dice_.between(0, 4);
    }
  }
  return event;
}

Happening WorkloadGenerator::reading(Timestamp clock) {
  static constexpr std::string_view kMetrics[] = {"air", "noise", "noise", "visit"};
  Happening event;
  event.type = EventType::observation;
  event.series = dice_.of(kMetrics);
  event.subject = random_node();
  event.value = dice_.between(0, 100);
  event.effective_at =
      clock - (dice_.one_in(5) ? dice_.between(hours(0), days(3)) : dice_.between(minutes(0), minutes(50)));
  if (event.series == "noise" && !dice_.one_in(6)) event.sequence = next_sequence_++;
  return event;
}

Happening WorkloadGenerator::unit_event(Timestamp clock) {
  Happening event;
  if (dice_.one_in(4)) {
    event.type = dice_.one_in(2) ? EventType::person_appointed : EventType::person_transferred;
    event.subject = dice_.of(kPersons);
    event.unit = dice_.of(kTreeUnits);
  } else {
    event.type = dice_.one_in(2) ? EventType::unit_created : EventType::unit_moved;
    event.subject = dice_.of(kTreeUnits);
    event.unit = dice_.one_in(2) ? "city" : std::string(dice_.of(kTreeUnits));
  }
  const CivilDate today = definitions_.plan->zone.date_of(clock);
  event.valid_from =
      definitions_.plan->zone.start_of_day(civil_from_days(days_since_epoch(today) + dice_.between(-4, 3))) +
      hours(dice_.one_in(4) ? 10 : 0);
  return event;
}

Happening WorkloadGenerator::target_event(Timestamp clock) {
  static constexpr std::string_view kModes[] = {"from_start", "from_date", "pro_rata"};
  Happening event;
  event.type = dice_.one_in(2) ? EventType::target_set : EventType::target_revised;
  event.series = "growth";
  event.subject = dice_.one_in(3) ? definitions_.plan->organisation.root : random_node();
  // Most are for a node that has figures or targets: what goes on there starts anew under another target.
  for (int tries = 0; tries < 4 && !sent_.empty(); ++tries)
    if (const auto& before = dice_.of(sent_).event;
        before && (before->series == "planted" || before->series == event.series))
      event.subject = before->subject;
  const CivilDate today = definitions_.plan->zone.date_of(clock);
  event.period_start = definitions_.plan->zone.start_of_day({today.year, 1, 1});
  event.period_end = definitions_.plan->zone.start_of_day({today.year + 1, 1, 1});
  event.value = dice_.between(1, 400);
  event.choice = dice_.of(kModes);
  return event;
}

Delivery WorkloadGenerator::delivery_of(Happening event) {
  Delivery delivery;
  delivery.key = event.subject;
  delivery.bytes = encoded(event, dice_.one_in(2));
  delivery.on_reference = goes_to_reference(event.type);
  delivery.in_order = delivery.on_reference;
  // Sent to the wrong topic or partition it is sent on. Who is first must not decide: those that can be
  // refused are not.
  const bool can_be_refused = event.type == EventType::unit_created || event.type == EventType::unit_moved;
  const bool may_go_astray = !can_be_refused && event.type != EventType::observation;
  if (dice_.one_in(12) && may_go_astray) {
    delivery.on_reference = !delivery.on_reference;
    delivery.in_order = false;
  } else if (dice_.one_in(12) && may_go_astray) {
    delivery.partitions_off = static_cast<std::int32_t>(dice_.between(1, 7));
  }
  const bool is_counted_as_sent =
      event.type == EventType::observation && !(event.series == "air" || event.sequence);
  delivery.may_repeat = !is_counted_as_sent;
  delivery.event = std::move(event);
  return delivery;
}

// Something sent before: the same, in the other encoding at times, or with other content.
Delivery WorkloadGenerator::again(Timestamp clock) {
  Delivery delivery = dice_.of(sent_);
  if (!delivery.event)
    return delivery_of(random_event(clock));  // what was too far ahead would be fine by now
  const EventType type = delivery.event->type;
  if (dice_.one_in(4) && type != EventType::observation && clock >= delivery.event->recorded_at) {
    delivery.event->recorded_at = delivery.event->recorded_at - seconds(1);
    delivery.in_order = true;
  }
  delivery.bytes = encoded(*delivery.event, dice_.one_in(2));
  return delivery;
}

Delivery WorkloadGenerator::bad_record(Timestamp clock) {
  Happening event = random_event(clock);
  Delivery delivery;
  delivery.key = event.subject;
  delivery.on_reference = dice_.one_in(5);
  switch (dice_.below(6)) {
    case 0:
      delivery.bytes = "not an event";
      break;
    case 1:
      delivery.bytes = encoded(event, true);
      delivery.bytes.resize(dice_.below(delivery.bytes.size()));
      break;
    case 2:
      delivery.bytes = encoded(event, false);
      delivery.bytes.resize(dice_.below(delivery.bytes.size() / 4));
      break;
    case 3: {
      event.effective_at = clock + hours(25);
      delivery.bytes = encoded(event, dice_.one_in(2));
      break;
    }
    case 4:
      delivery.bytes = fmt::format(
          R"({{"specversion":"1.0","id":"b{}","source":"desk","type":"task.vanished","time":"2026-01-01T00:00:00Z","data":{{}}}})",
          next_id_);
      break;
    default:
      delivery.bytes = fmt::format(
          R"({{"specversion":"1.0","id":"b{}","source":"desk","type":"observation","time":"2026-01-01T00:00:00Z","data":{{"metric":"air"}}}})",
          next_id_);
      break;
  }
  return delivery;
}

Delivery WorkloadGenerator::act_on(const std::vector<std::string>& alert_ids, Timestamp clock,
                                   std::size_t number, Dice& dice) {
  Happening event;
  event.type = dice.one_in(2) ? EventType::alert_acknowledged : EventType::alert_silenced;
  event.id = fmt::format("act{}", number);
  event.subject = dice.of(alert_ids);
  event.effective_at = event.recorded_at = clock;
  if (event.type == EventType::alert_silenced) event.until = clock + hours(dice.between(0, 40));
  Delivery delivery;
  delivery.number = number;
  delivery.key = event.subject;
  delivery.bytes = encoded(event, dice.one_in(2));
  delivery.on_reference = true;
  delivery.in_order = true;
  delivery.event = std::move(event);
  return delivery;
}

TopicPartition place_of(const Delivery& delivery, const TopicNames& topics, std::int32_t partitions) {
  if (delivery.on_reference) return {topics.reference, Partition(0)};
  const std::int32_t own = partition_of(delivery.key, partitions).value;
  return {topics.events, Partition((own + delivery.partitions_off) % partitions)};
}

std::string describe(const Delivery& delivery) {
  std::string text = fmt::format("#{} {} ", delivery.number, delivery.on_reference ? "reference" : "events");
  if (!delivery.event)
    return text + (delivery.bytes.starts_with('{') ? "no event: " + delivery.bytes : "no event, no text");
  return text + (delivery.bytes.starts_with('{') ? delivery.bytes : encoded(*delivery.event, true));
}

}  // namespace slipstream::simulator
