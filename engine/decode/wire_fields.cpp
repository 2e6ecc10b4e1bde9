#include "engine/decode/wire_fields.h"

#include <array>

namespace slipstream {
namespace {

constexpr std::array kObservation{
    WireField{Field::metric, wire::Observation::VT_METRIC},
    WireField{Field::node, wire::Observation::VT_NODE},
    WireField{Field::value, wire::Observation::VT_VALUE},
    WireField{Field::sequence, wire::Observation::VT_SEQUENCE},
};

constexpr std::array kMeasurement{
    WireField{Field::indicator, wire::Measurement::VT_INDICATOR},
    WireField{Field::node, wire::Measurement::VT_NODE},
    WireField{Field::period_start, wire::Measurement::VT_PERIOD_START},
    WireField{Field::period_end, wire::Measurement::VT_PERIOD_END},
    WireField{Field::value, wire::Measurement::VT_VALUE},
    WireField{Field::numerator, wire::Measurement::VT_NUMERATOR},
    WireField{Field::denominator, wire::Measurement::VT_DENOMINATOR},
    WireField{Field::reason, wire::Measurement::VT_REASON},
    WireField{Field::note, wire::Measurement::VT_NOTE},
    WireField{Field::evidence, wire::Measurement::VT_EVIDENCE},
};

constexpr std::array kTask{
    WireField{Field::task, wire::Task::VT_TASK},
    WireField{Field::title, wire::Task::VT_TITLE},
    WireField{Field::assigner, wire::Task::VT_ASSIGNER},
    WireField{Field::unit, wire::Task::VT_UNIT},
    WireField{Field::position, wire::Task::VT_POSITION},
    WireField{Field::person, wire::Task::VT_PERSON},
    WireField{Field::co_units, wire::Task::VT_CO_UNITS},
    WireField{Field::weight, wire::Task::VT_WEIGHT},
    WireField{Field::due_at, wire::Task::VT_DUE_AT},
    WireField{Field::starred, wire::Task::VT_STARRED},
    WireField{Field::parent, wire::Task::VT_PARENT},
    WireField{Field::indicators, wire::Task::VT_INDICATORS},
    WireField{Field::percent, wire::Task::VT_PERCENT},
    WireField{Field::note, wire::Task::VT_NOTE},
    WireField{Field::evidence, wire::Task::VT_EVIDENCE},
    WireField{Field::completed_at, wire::Task::VT_COMPLETED_AT},
    WireField{Field::grade, wire::Task::VT_GRADE},
    WireField{Field::reason, wire::Task::VT_REASON},
    WireField{Field::quality_fault, wire::Task::VT_QUALITY_FAULT},
    WireField{Field::excused, wire::Task::VT_EXCUSED},
    WireField{Field::approver, wire::Task::VT_APPROVER},
    WireField{Field::basis, wire::Task::VT_BASIS},
    WireField{Field::from_unit, wire::Task::VT_FROM_UNIT},
    WireField{Field::from_position, wire::Task::VT_FROM_POSITION},
    WireField{Field::from_person, wire::Task::VT_FROM_PERSON},
    WireField{Field::credit_policy, wire::Task::VT_CREDIT_POLICY},
    WireField{Field::counts, wire::Task::VT_COUNTS},
};

constexpr std::array kIndicator{
    WireField{Field::indicator, wire::Indicator::VT_INDICATOR},
    WireField{Field::name, wire::Indicator::VT_NAME},
    WireField{Field::measurement_unit, wire::Indicator::VT_MEASUREMENT_UNIT},
    WireField{Field::direction, wire::Indicator::VT_DIRECTION},
    WireField{Field::over_time, wire::Indicator::VT_OVER_TIME},
    WireField{Field::over_organisation, wire::Indicator::VT_OVER_ORGANISATION},
    WireField{Field::cadence, wire::Indicator::VT_CADENCE},
    WireField{Field::grace, wire::Indicator::VT_GRACE},
    WireField{Field::precision, wire::Indicator::VT_PRECISION},
    WireField{Field::valid_from, wire::Indicator::VT_VALID_FROM},
    WireField{Field::reason, wire::Indicator::VT_REASON},
};

constexpr std::array kTarget{
    WireField{Field::kpi, wire::Target::VT_KPI},
    WireField{Field::indicator, wire::Target::VT_INDICATOR},
    WireField{Field::node, wire::Target::VT_NODE},
    WireField{Field::period_start, wire::Target::VT_PERIOD_START},
    WireField{Field::period_end, wire::Target::VT_PERIOD_END},
    WireField{Field::baseline, wire::Target::VT_BASELINE},
    WireField{Field::target, wire::Target::VT_TARGET},
    WireField{Field::trajectory, wire::Target::VT_TRAJECTORY},
    WireField{Field::tolerance_amber, wire::Target::VT_TOLERANCE_AMBER},
    WireField{Field::tolerance_red, wire::Target::VT_TOLERANCE_RED},
    WireField{Field::mode, wire::Target::VT_MODE},
    WireField{Field::reason, wire::Target::VT_REASON},
    WireField{Field::target_high, wire::Target::VT_TARGET_HIGH},
};

constexpr std::array kUnit{
    WireField{Field::unit, wire::Unit::VT_UNIT},
    WireField{Field::name, wire::Unit::VT_NAME},
    WireField{Field::parent, wire::Unit::VT_PARENT},
    WireField{Field::valid_from, wire::Unit::VT_VALID_FROM},
    WireField{Field::valid_to, wire::Unit::VT_VALID_TO},
    WireField{Field::successors, wire::Unit::VT_SUCCESSORS},
    WireField{Field::shares, wire::Unit::VT_SHARES},
    WireField{Field::reason, wire::Unit::VT_REASON},
};

constexpr std::array kPerson{
    WireField{Field::person, wire::Person::VT_PERSON},
    WireField{Field::name, wire::Person::VT_NAME},
    WireField{Field::unit, wire::Person::VT_UNIT},
    WireField{Field::position, wire::Person::VT_POSITION},
    WireField{Field::from_unit, wire::Person::VT_FROM_UNIT},
    WireField{Field::from_position, wire::Person::VT_FROM_POSITION},
    WireField{Field::valid_from, wire::Person::VT_VALID_FROM},
    WireField{Field::valid_to, wire::Person::VT_VALID_TO},
    WireField{Field::reason, wire::Person::VT_REASON},
};

constexpr std::array kPeriod{
    WireField{Field::node, wire::Period::VT_NODE},
    WireField{Field::kpi, wire::Period::VT_KPI},
    WireField{Field::period_start, wire::Period::VT_PERIOD_START},
    WireField{Field::period_end, wire::Period::VT_PERIOD_END},
    WireField{Field::score, wire::Period::VT_SCORE},
    WireField{Field::class_name, wire::Period::VT_CLASS_NAME},
    WireField{Field::reason, wire::Period::VT_REASON},
    WireField{Field::approver, wire::Period::VT_APPROVER},
    WireField{Field::note, wire::Period::VT_NOTE},
    WireField{Field::evidence, wire::Period::VT_EVIDENCE},
    WireField{Field::calendar, wire::Period::VT_CALENDAR},
    WireField{Field::days, wire::Period::VT_DAYS},
};

constexpr std::array kAlertAct{
    WireField{Field::alert, wire::AlertAct::VT_ALERT},
    WireField{Field::until, wire::AlertAct::VT_UNTIL},
    WireField{Field::follow_up_at, wire::AlertAct::VT_FOLLOW_UP_AT},
    WireField{Field::person, wire::AlertAct::VT_PERSON},
    WireField{Field::reason, wire::AlertAct::VT_REASON},
    WireField{Field::note, wire::AlertAct::VT_NOTE},
};

}  // namespace

std::span<const WireField> wire_fields(EventFamily family) {
  switch (family) {
    case EventFamily::observation:
      return kObservation;
    case EventFamily::measurement:
      return kMeasurement;
    case EventFamily::task:
      return kTask;
    case EventFamily::indicator:
      return kIndicator;
    case EventFamily::target:
      return kTarget;
    case EventFamily::unit:
      return kUnit;
    case EventFamily::person:
      return kPerson;
    case EventFamily::period:
      return kPeriod;
    case EventFamily::alert:
      return kAlertAct;
  }
  return {};
}

wire::EventData wire_family(EventFamily family) {
  switch (family) {
    case EventFamily::observation:
      return wire::EventData::Observation;
    case EventFamily::measurement:
      return wire::EventData::Measurement;
    case EventFamily::task:
      return wire::EventData::Task;
    case EventFamily::indicator:
      return wire::EventData::Indicator;
    case EventFamily::target:
      return wire::EventData::Target;
    case EventFamily::unit:
      return wire::EventData::Unit;
    case EventFamily::person:
      return wire::EventData::Person;
    case EventFamily::period:
      return wire::EventData::Period;
    case EventFamily::alert:
      return wire::EventData::AlertAct;
  }
  return wire::EventData::NONE;
}

}  // namespace slipstream
