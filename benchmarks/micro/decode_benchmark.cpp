// What one record costs from bytes to event. Targets: an observation as FlatBuffers well under 200 ns, as
// JSON under 1 us.
#include <benchmark/benchmark.h>

#include "benchmarks/micro/counted.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"

namespace slipstream::bench {
namespace {

constexpr Timestamp kClock{1'893'456'000'000'000};

Event observation() {
  Event event;
  event.type = EventType::observation;
  event.id = "station-7:118203";
  event.source = "/city/sensors/7";
  event.subject = "city/ward-1/station-7";
  event.time = event.effective_at = event.recorded_at = Timestamp{1'772'000'000'000'000};
  event.fields = {{Field::metric, Value::text("pm2_5")},
                  {Field::node, Value::text("city/ward-1/station-7")},
                  {Field::value, Value::decimal(Decimal::from_units(215, 1))},
                  {Field::sequence, Value::integer(118'203)}};
  return event;
}

Event assignment() {
  Event event;
  event.type = EventType::task_assigned;
  event.id = "e-2026-000117-1";
  event.source = "/city/tasks";
  event.subject = "NV-2026-0117";
  event.time = event.recorded_at = Timestamp{1'772'000'000'123'000};
  event.effective_at = Timestamp{1'771'900'000'000'000};
  event.fields = {{Field::task, Value::text("NV-2026-0117")},
                  {Field::title, Value::text("Rà soát quy hoạch phường Hải Châu")},
                  {Field::unit, Value::text("city/so-xay-dung")},
                  {Field::person, Value::text("p-0042")},
                  {Field::co_units, Value::text(R"(["city/so-tai-nguyen","city/quan-hai-chau"])")},
                  {Field::weight, Value::decimal(Decimal::from_units(25, 1))},
                  {Field::due_at, Value::timestamp({1'780'000'000'000'000})}};
  event.attributes = {{"channel", Value::text("Post")}, {"team", Value::text("Group 1")}};
  return event;
}

void decode_record(benchmark::State& state, const Result<std::string>& bytes) {
  Decoder decoder((DecodeOptions()));
  Event event;
  RecordView record;
  record.value = *bytes;
  std::size_t decoded = 0;
  for (auto _ : state) {
    const auto result = decoder.decode(record, kClock, event);
    if (!result) return state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(event);
    if (++decoded % 1024 == 0) decoder.release();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes->size()));
}

void observation_flatbuffers(benchmark::State& state) {
  decode_record(state, encode_flatbuffers(observation()));
}
void observation_json(benchmark::State& state) { decode_record(state, encode_json(observation())); }
void assignment_flatbuffers(benchmark::State& state) {
  decode_record(state, encode_flatbuffers(assignment()));
}
void assignment_json(benchmark::State& state) { decode_record(state, encode_json(assignment())); }
BENCHMARK(observation_flatbuffers)->Apply(counted<1000>);
BENCHMARK(observation_json)->Apply(counted<1000>);
BENCHMARK(assignment_flatbuffers)->Apply(counted<1000>);
BENCHMARK(assignment_json)->Apply(counted<1000>);

void encode_observation_flatbuffers(benchmark::State& state) {
  const Event event = observation();
  for (auto _ : state)
    benchmark::DoNotOptimize(encode_flatbuffers(event));
}
void encode_observation_json(benchmark::State& state) {
  const Event event = observation();
  for (auto _ : state)
    benchmark::DoNotOptimize(encode_json(event));
}
BENCHMARK(encode_observation_flatbuffers)->Apply(counted<1000>);
BENCHMARK(encode_observation_json)->Apply(counted<1000>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
