#include "engine/fold/task.h"

#include <algorithm>

#include "engine/fold/entity.h"
#include "engine/fold/relation.h"

namespace slipstream {
namespace {

namespace tc = task_column;

struct Holder {
  Timestamp since;
  Value unit, position, person;
  bool takes_credit = false;  // credit policy `acceptor`
};

// The fields of one event. A few, so that searching them is cheaper than clearing a place for each there
// could be.
class TaskFields {
 public:
  void clear() { given_.clear(); }
  void add(Field field, const Value& value) { given_.push_back({field, value}); }
  const Value& operator[](Field field) const {
    for (const EventField& given : given_)
      if (given.field == field) return given.value;
    return none_;
  }
  bool is_true(Field field) const { return !(*this)[field].is_null() && (*this)[field].as_boolean(); }

 private:
  boost::container::small_vector<EventField, 12> given_;
  Value none_;
};

class TaskFold {
 public:
  TaskFold(const DeclaredColumns& declared, std::span<Value> row) : declared_(declared), row_(row) {
    set_null(row_);
    for (const auto column : {tc::returns, tc::extensions, tc::handovers, tc::reopenings})
      row_[column] = Value::integer(0);
    for (const auto column : {tc::quality_fault, tc::excused, tc::suspended, tc::cancelled, tc::starred})
      row_[column] = Value::boolean(false);
  }

  Result<> apply(const StoredEvent& event);
  bool finish();

 private:
  void assign(const StoredEvent& event);
  void complete(const StoredEvent& event);
  void send_back();
  void extend();
  void hand_over(const StoredEvent& event);
  void cancel(const StoredEvent& event);
  void reopen();
  void keep(std::uint16_t column, Field field) {
    if (!fields_[field].is_null()) row_[column] = fields_[field];
  }
  void count(std::uint16_t column) { row_[column] = Value::integer(row_[column].as_integer() + 1); }
  void credit_holder();
  std::string_view status() const;
  bool is(std::uint16_t column) const { return row_[column].as_boolean(); }

  const DeclaredColumns& declared_;
  std::span<Value> row_;
  TaskFields fields_;
  std::vector<Holder> holders_;
  bool assigned_ = false;
  bool cancelled_counts_ = false;
  bool suspended_counts_ = true;
  bool sent_back_ = false;  // by the last word on its completion
};

Result<> TaskFold::apply(const StoredEvent& event) {
  fields_.clear();
  SLIPSTREAM_TRY(event.read_payload(
      [&](Field field, const Value& value) { fields_.add(field, value); },
      [&](std::string_view name, const Value& value) { declared_.set(name, value, row_); }));
  const Value at = Value::timestamp(event.effective_at);
  switch (event.type) {
    case EventType::task_assigned:
      assign(event);
      break;
    case EventType::task_progressed:
      keep(tc::percent, Field::percent);
      row_[tc::progressed_at] = at;
      break;
    case EventType::task_completed:
      complete(event);
      break;
    case EventType::task_accepted:
      row_[tc::accepted_at] = at;
      keep(tc::grade, Field::grade);
      if (row_[tc::completed_at].is_null()) row_[tc::completed_at] = at;
      sent_back_ = false;
      break;
    case EventType::task_returned:
      row_[tc::returned_at] = at;
      send_back();
      break;
    case EventType::task_extended:
      extend();
      break;
    case EventType::task_delay_excused:
      row_[tc::excused] = Value::boolean(true);
      break;
    case EventType::task_reassigned:
      hand_over(event);
      break;
    case EventType::task_cancelled:
      cancel(event);
      break;
    case EventType::task_suspended:
      row_[tc::suspended] = Value::boolean(true);
      suspended_counts_ = fields_[Field::counts].is_null() || fields_.is_true(Field::counts);
      break;
    case EventType::task_resumed:
      row_[tc::suspended] = Value::boolean(false);
      break;
    case EventType::task_reopened:
      reopen();
      break;
    default:
      break;
  }
  return {};
}

void TaskFold::assign(const StoredEvent& event) {
  assigned_ = true;
  row_[tc::assigned_at] = Value::timestamp(event.effective_at);
  row_[tc::source] = Value::text(event.source);
  keep(tc::task, Field::task);
  keep(tc::title, Field::title);
  keep(tc::assigner, Field::assigner);
  keep(tc::weight, Field::weight);
  if (row_[tc::weight].is_null()) row_[tc::weight] = Value::decimal(Decimal(1));
  keep(tc::starred, Field::starred);
  keep(tc::parent, Field::parent);
  keep(tc::due_at, Field::due_at);
  keep(tc::original_due_at, Field::due_at);
  const bool names_nobody = fields_[Field::unit].is_null() && fields_[Field::position].is_null() &&
                            fields_[Field::person].is_null();
  if (names_nobody && !holders_.empty()) return;
  // An assignment is the start of holding: it reaches back before any due date.
  const Timestamp since = holders_.empty() ? Timestamp::min() : event.effective_at;
  holders_.push_back({since, fields_[Field::unit], fields_[Field::position], fields_[Field::person], false});
}

void TaskFold::complete(const StoredEvent& event) {
  const Value& given = fields_[Field::completed_at];
  row_[tc::completed_at] = given.is_null() ? Value::timestamp(event.effective_at) : given;
  sent_back_ = false;
  row_[tc::percent] = Value::decimal(Decimal(100));
}

void TaskFold::send_back() {
  count(tc::returns);
  if (fields_.is_true(Field::quality_fault) && !fields_.is_true(Field::excused))
    row_[tc::quality_fault] = Value::boolean(true);
  row_[tc::completed_at] = Value();
  row_[tc::accepted_at] = Value();
  sent_back_ = true;
}

void TaskFold::extend() {
  count(tc::extensions);
  keep(tc::due_at, Field::due_at);
  if (fields_.is_true(Field::excused)) row_[tc::excused] = Value::boolean(true);
}

void TaskFold::hand_over(const StoredEvent& event) {
  count(tc::handovers);
  const Value& policy = fields_[Field::credit_policy];
  const bool acceptor = !policy.is_null() && policy.as_text() == "acceptor";
  Holder taker{event.effective_at, fields_[Field::unit], fields_[Field::position], fields_[Field::person],
               acceptor};
  // A handover within a unit names the person or position alone; to another unit, what it does not name is
  // not known.
  if (taker.unit.is_null() && !holders_.empty()) taker.unit = holders_.back().unit;
  holders_.push_back(std::move(taker));
}

void TaskFold::cancel(const StoredEvent& event) {
  row_[tc::cancelled] = Value::boolean(true);
  row_[tc::cancelled_at] = Value::timestamp(event.effective_at);
  cancelled_counts_ = fields_.is_true(Field::counts);
}

void TaskFold::reopen() {
  count(tc::reopenings);
  row_[tc::completed_at] = Value();
  row_[tc::accepted_at] = Value();
  row_[tc::cancelled] = Value::boolean(false);
  sent_back_ = false;
}

void TaskFold::credit_holder() {
  if (holders_.empty()) return;
  const Holder* credited = &holders_.back();
  if (!row_[tc::due_at].is_null()) {
    const Timestamp due = row_[tc::due_at].as_timestamp();
    credited = &holders_.front();
    for (const Holder& holder : holders_)
      if (holder.since <= due || holder.takes_credit) credited = &holder;
  }
  row_[tc::unit] = credited->unit;
  row_[tc::position] = credited->position;
  row_[tc::person] = credited->person;
  row_[tc::current_unit] = holders_.back().unit;
  row_[tc::current_position] = holders_.back().position;
  row_[tc::current_person] = holders_.back().person;
}

std::string_view TaskFold::status() const {
  if (is(tc::cancelled)) return "cancelled";
  if (!row_[tc::accepted_at].is_null()) return "accepted";
  if (!row_[tc::completed_at].is_null()) return "completed";
  if (is(tc::suspended)) return "suspended";
  if (sent_back_) return "returned";
  return "open";
}

bool TaskFold::finish() {
  if (!assigned_) return false;
  if (is(tc::cancelled) && !cancelled_counts_) return false;
  if (is(tc::suspended) && !suspended_counts_) return false;
  credit_holder();
  row_[tc::status] = Value::text(status());
  return true;
}

}  // namespace

Result<bool> fold_task(std::string_view history, const DeclaredColumns& declared, std::span<Value> row) {
  SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> events, read_history(history));
  TaskFold fold(declared, row);
  for (const StoredEvent& event : events)
    SLIPSTREAM_TRY(fold.apply(event));
  return fold.finish();
}

}  // namespace slipstream
