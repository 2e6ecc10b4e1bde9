// JSON events that must be refused, each with the exact code; the decoder's test and the JSON Schemas' test
// share them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/decode/decode_fixture.h"

namespace slipstream::test {

struct BadEvent {
  std::string_view why;
  EventType type;
  std::string json;
  ErrorCode code;
  bool schema_refuses = true;  // false: JSON Schema cannot say it
};

inline std::string with_envelope(std::string_view members) {
  return std::string("{").append(members).append(R"(,"data":{"metric":"m","node":"n","value":1}})");
}

inline std::vector<BadEvent> bad_envelopes() {
  using enum ErrorCode;
  constexpr EventType kType = EventType::observation;
  const std::string rest = R"("source":"/s","type":"observation","time":"2026-03-01T08:00:00Z")";
  const std::string good = R"("specversion":"1.0","id":"e1",)" + rest;
  const std::string long_id(300, 'x');
  return {
      {"no specversion", kType, with_envelope(R"("id":"e1",)" + rest), missing_field},
      {"specversion 0.3", kType, with_envelope(R"("specversion":"0.3","id":"e1",)" + rest), malformed_record},
      {"no id", kType, with_envelope(R"("specversion":"1.0",)" + rest), missing_field},
      {"empty id", kType, with_envelope(R"("specversion":"1.0","id":"",)" + rest), missing_field},
      {"long id", kType, with_envelope(R"("specversion":"1.0","id":")" + long_id + "\"," + rest),
       record_too_large},
      {"numeric id", kType, with_envelope(R"("specversion":"1.0","id":7,)" + rest), wrong_type},
      {"no source", kType,
       with_envelope(R"("specversion":"1.0","id":"e","type":"observation","time":"2026-03-01T08:00:00Z")"),
       missing_field},
      {"no type", kType,
       with_envelope(R"("specversion":"1.0","id":"e","source":"s","time":"2026-03-01T08:00:00Z")"),
       missing_field},
      {"unknown type", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"task.begun","time":"2026-03-01T08:00:00Z")"),
       unknown_event_type},
      {"type without dot before the name", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"xobservation","time":"2026-03-01T08:00:00Z")"),
       unknown_event_type},
      {"no time", kType, with_envelope(R"("specversion":"1.0","id":"e","source":"s","type":"observation")"),
       missing_field},
      {"time without offset", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"2026-03-01T08:00:00")"),
       invalid_timestamp},
      {"time as a date", kType,
       with_envelope(R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"2026-03-01")"),
       invalid_timestamp},
      {"month 13", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"2011-13-01T00:00:00Z")"),
       invalid_timestamp},
      {"30 February", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"2011-02-30T00:00:00Z")"),
       invalid_timestamp, false},
      {"far future", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"9999-01-01T00:00:00Z")"),
       invalid_timestamp, false},
      {"year 1800", kType,
       with_envelope(
           R"("specversion":"1.0","id":"e","source":"s","type":"observation","time":"1800-01-01T00:00:00Z")"),
       invalid_timestamp, false},
      {"subject is another node", kType, with_envelope(good + R"(,"subject":"m")"), invalid_transition,
       false},
      {"extension attribute is an object", kType, with_envelope(good + R"(,"extra":{"a":1})"), wrong_type},
      {"data in base64", kType, with_envelope(good + R"(,"data_base64":"e30=")"), malformed_record},
      {"data is a list", kType, "{" + good + R"(,"data":[]})", wrong_type},
      {"data is a string", kType, "{" + good + R"(,"data":"{}"})", wrong_type},
      {"data is not JSON", kType, with_envelope(good + R"(,"datacontenttype":"text/csv")"), malformed_record,
       false},
      {"envelope member twice", kType, with_envelope(good + R"(,"id":"e1")"), malformed_record, false},
      {"extension attribute twice", kType, with_envelope(good + R"(,"a":1,"a":1)"), malformed_record, false},
      {"actor in envelope and data differ", kType,
       "{" + good + R"(,"actor":"a","data":{"metric":"m","node":"n","value":1,"actor":"b"}})",
       malformed_record, false},
  };
}

inline BadEvent bad_data(std::string_view why, EventType type, std::string_view data, ErrorCode code,
                         bool schema_refuses = true) {
  return {why, type, json_event(name_of(type), data), code, schema_refuses};
}

inline std::vector<BadEvent> bad_task_data() {
  using enum EventType;
  using enum ErrorCode;
  const std::string long_title(3000, 't');
  return {
      bad_data("no task", task_completed, "{}", missing_field),
      bad_data("task is null", task_completed, R"({"task":null})", missing_field),
      bad_data("empty task", task_completed, R"({"task":""})", missing_field),
      bad_data("bad time", task_completed, R"({"task":"T","completed_at":"2011-13-01"})", invalid_timestamp),
      bad_data("time as a number", task_completed, R"({"task":"T","completed_at":1300000000})", wrong_type),
      bad_data("percent above 100", task_progressed, R"({"task":"T","percent":100.5})", number_out_of_range),
      bad_data("negative percent", task_progressed, R"({"task":"T","percent":-1})", number_out_of_range),
      bad_data("percent as a word", task_progressed, R"({"task":"T","percent":"half"})", wrong_type),
      bad_data("percent is NaN in a string", task_progressed, R"({"task":"T","percent":"NaN"})", wrong_type),
      bad_data("percent is a boolean", task_progressed, R"({"task":"T","percent":true})", wrong_type),
      bad_data("weight 0", task_assigned, R"({"task":"T","weight":0})", number_out_of_range),
      bad_data("starred as a word", task_assigned, R"({"task":"T","starred":"true"})", wrong_type),
      bad_data("title too long", task_assigned, R"({"task":"T","title":")" + long_title + "\"}",
               record_too_large),
      bad_data("unit with an empty segment", task_assigned, R"({"task":"T","unit":"a//b"})", wrong_type),
      bad_data("unit with a slash at the end", task_assigned, R"({"task":"T","unit":"a/"})", wrong_type),
      bad_data("co_units is a string", task_assigned, R"({"task":"T","co_units":"a"})", wrong_type),
      bad_data("co_units has a number", task_assigned, R"({"task":"T","co_units":["a",1]})", wrong_type),
      bad_data("co_units has a bad path", task_assigned, R"({"task":"T","co_units":["/a"]})", wrong_type),
      bad_data("co_units is nested", task_assigned, R"({"task":"T","co_units":[["a"]]})", wrong_type),
      bad_data("no deadline", task_extended, R"({"task":"T"})", missing_field),
      bad_data("handover to nobody", task_reassigned, R"({"task":"T","from_unit":"a"})", missing_field),
      bad_data("unknown policy", task_reassigned, R"({"task":"T","unit":"a","credit_policy":"first"})",
               wrong_type),
      bad_data("attribute is an object", task_completed, R"({"task":"T","extra":{}})", wrong_type),
      bad_data("attribute is a list", task_completed, R"({"task":"T","extra":[1]})", wrong_type),
      bad_data("field twice", task_completed, R"({"task":"T","task":"T"})", malformed_record, false),
      bad_data("attribute twice", task_completed, R"({"task":"T","a":1,"a":2})", malformed_record, false),
      bad_data("null attribute twice", task_completed, R"({"task":"T","a":null,"a":2})", malformed_record,
               false),
      bad_data("field twice by an escape", task_completed, R"({"task":"T","t\u0061sk":"T"})",
               malformed_record, false),
      bad_data("actor twice", task_completed, R"({"task":"T","actor":"a","actor":"a"})", malformed_record,
               false),
      bad_data("attribute of 39 digits", task_completed,
               R"({"task":"T","a":123456789012345678901234567890123456789})", number_out_of_range, false),
      bad_data("negative version", task_completed, R"({"task":"T","entity_version":-1})",
               number_out_of_range),
      bad_data("version and a half", task_completed, R"({"task":"T","entity_version":1.5})", wrong_type),
      bad_data("effective in the far future", task_completed, R"({"task":"T","effective_at":"2500-01-01"})",
               invalid_timestamp, false),
      bad_data("recorded before 1900", task_completed, R"({"task":"T","recorded_at":"1700-01-01"})",
               invalid_timestamp, false),
  };
}

inline std::vector<BadEvent> bad_other_data() {
  using enum EventType;
  using enum ErrorCode;
  return {
      bad_data("no figure", measurement_reported, R"({"indicator":"i","node":"n"})", missing_field),
      bad_data("numerator alone", measurement_reported, R"({"indicator":"i","node":"n","numerator":1})",
               missing_field),
      bad_data("period without start", measurement_reported,
               R"({"indicator":"i","node":"n","value":1,"period_end":"2026-02-01"})", missing_field),
      bad_data(
          "period that ends before it starts", measurement_reported,
          R"({"indicator":"i","node":"n","value":1,"period_start":"2026-02-01","period_end":"2026-01-01"})",
          invalid_transition, false),
      bad_data("no node", measurement_reported, R"({"indicator":"i","value":1})", missing_field),
      bad_data("no metric", observation, R"({"node":"n","value":1})", missing_field),
      bad_data("no value", observation, R"({"metric":"m","node":"n"})", missing_field),
      bad_data("value is null", observation, R"({"metric":"m","node":"n","value":null})", missing_field),
      bad_data("value of 1e400", observation, R"({"metric":"m","node":"n","value":1e400})",
               number_out_of_range, false),
      bad_data("value of 19 decimals", observation,
               R"({"metric":"m","node":"n","value":"0.1234567890123456789"})", number_out_of_range, false),
      bad_data("negative sequence", observation, R"({"metric":"m","node":"n","value":1,"sequence":-1})",
               number_out_of_range),
      bad_data("sequence with a fraction", observation,
               R"({"metric":"m","node":"n","value":1,"sequence":1.5})", wrong_type),
      bad_data("sequence beyond 64 bits", observation,
               R"({"metric":"m","node":"n","value":1,"sequence":"18446744073709551616"})",
               number_out_of_range, false),
      bad_data("direction", indicator_defined, R"({"indicator":"i","direction":"up"})", wrong_type),
      bad_data("grace is no interval", indicator_defined, R"({"indicator":"i","grace":"soon"})", wrong_type,
               false),
      bad_data("negative grace", indicator_defined, R"({"indicator":"i","grace":"-3 days"})",
               number_out_of_range, false),
      bad_data("precision of 19", indicator_defined, R"({"indicator":"i","precision":19})",
               number_out_of_range),
      bad_data("target of nothing", target_set,
               R"({"node":"n","period_start":"2026-01-01","period_end":"2027-01-01","target":1})",
               missing_field),
      bad_data("no target", target_set,
               R"({"kpi":"k","node":"n","period_start":"2026-01-01","period_end":"2027-01-01"})",
               missing_field),
      bad_data("negative tolerance", target_set,
               R"({"kpi":"k","node":"n","period_start":"2026-01-01","period_end":"2027-01-01","target":1,)"
               R"("tolerance_amber":-1})",
               number_out_of_range),
      bad_data("no successors", unit_merged, R"({"unit":"u"})", missing_field),
      bad_data("no successor", unit_merged, R"({"unit":"u","successors":[]})", missing_field),
      bad_data("shares of sum 0.9", unit_split, R"({"unit":"u","successors":["a","b"],"shares":[0.5,0.4]})",
               invalid_transition, false),
      bad_data("a negative share", unit_split, R"({"unit":"u","successors":["a","b"],"shares":[-1,2]})",
               number_out_of_range),
      bad_data("a share too few", unit_split, R"({"unit":"u","successors":["a","b"],"shares":[1]})",
               invalid_transition, false),
      bad_data("neither score nor class", override_applied,
               R"({"node":"n","kpi":"k","period_start":"2026-01-01","period_end":"2027-01-01","reason":"r"})",
               missing_field),
      bad_data("a day without date", calendar_published, R"({"calendar":"c","days":[{"working":true}]})",
               missing_field),
      bad_data("a day with a bad date", calendar_published,
               R"({"calendar":"c","days":[{"date":"2026-13-01","working":true}]})", invalid_timestamp),
      bad_data("a day with a member too many", calendar_published,
               R"({"calendar":"c","days":[{"date":"2026-01-01","working":true,"half":true}]})", wrong_type),
      bad_data("a day that is a string", calendar_published, R"({"calendar":"c","days":["2026-01-01"]})",
               wrong_type),
      bad_data("a working day that is a word", calendar_published,
               R"({"calendar":"c","days":[{"date":"2026-01-01","working":"yes"}]})", wrong_type),
      bad_data("a silence without end", alert_silenced, R"({"alert":"a"})", missing_field),
  };
}

inline std::vector<BadEvent> bad_events() {
  std::vector<BadEvent> all = bad_envelopes();
  for (const auto& more : {bad_task_data(), bad_other_data()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace slipstream::test
