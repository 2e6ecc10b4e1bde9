#include "connectors/log/kafka_reader.h"

#include <fmt/format.h>

#include <array>

#include "connectors/log/kafka_error.h"

namespace slipstream {
namespace {

constexpr std::size_t kFetchRecords = 512;  // taken from a queue at a time
// A consumer must name a group; partitions are assigned to it, so it is never joined nor committed to.
constexpr std::string_view kUnusedGroup = "slipstream-readers";
constexpr std::size_t kFetchOverheadBytes = 65536;
constexpr std::uint64_t kSmallestFetchBytes = 65536;
constexpr std::size_t kIdleConsumersMax = 8;

// A partition's queue takes another fetch as long as it holds less than half of one, and all that it holds is taken at
// once: a partition has three fetches in memory at most.
std::uint64_t fetch_bytes(const KafkaLogOptions& options) {
  return std::max(options.fetch_bytes_max / 2, kSmallestFetchBytes);
}
std::uint64_t full_queue_bytes(const KafkaLogOptions& options) { return fetch_bytes(options) / 2; }

std::size_t bytes_of(const rd_kafka_message_t& message) { return message.key_len + message.len; }

std::vector<Header> headers_of(rd_kafka_message_t& message) {
  std::vector<Header> all;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return all;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    all.push_back({name, std::string(static_cast<const char*>(value), value == nullptr ? 0 : size)});
  return all;
}

}  // namespace

// What a ReadBatch's views point into. Messages go before the client that they belong to.
struct KafkaReader::BatchMemory {
  std::shared_ptr<KafkaClient> client;
  std::vector<Message> messages;
  std::deque<std::vector<Header>> headers;
};

void KafkaReader::QueueFree::operator()(rd_kafka_queue_t* queue) const {
  rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr);
  rd_kafka_queue_destroy(queue);
}

std::shared_ptr<KafkaClient> IdleConsumers::take() {
  const std::scoped_lock lock(mutex_);
  if (clients_.empty()) return nullptr;
  auto client = std::move(clients_.back());
  clients_.pop_back();
  return client;
}

// One that has met trouble might tell of it in another's name, or never be done with it: librdkafka does not let go of
// partitions whose topic is gone (its issues 3007 and 3954), and assigns no others meanwhile.
void IdleConsumers::give_back(std::shared_ptr<KafkaClient> client) {
  if (client->has_met_trouble()) return;
  const std::scoped_lock lock(mutex_);
  if (clients_.size() < kIdleConsumersMax) clients_.push_back(std::move(client));
}

Result<std::unique_ptr<Reader>> KafkaReader::open(KafkaTopics& topics, IdleConsumers& idle,
                                                  const KafkaLogOptions& options) {
  if (auto client = idle.take())
    return std::unique_ptr<Reader>(new KafkaReader(topics, idle, options, std::move(client)));
  const std::string fetched = std::to_string(fetch_bytes(options));
  const KafkaSetting own[] = {
      {"group.id", std::string(kUnusedGroup)},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"isolation.level", "read_committed"},
      {"auto.offset.reset", "error"},
      {"allow.auto.create.topics", "false"},
      {"queued.max.messages.kbytes", std::to_string(full_queue_bytes(options) / 1024)},
      {"message.max.bytes",
       std::to_string(kSmallestFetchBytes)},  // of producers, but fetches must not be smaller
      {"fetch.message.max.bytes", fetched},   // a larger record comes alone, whatever these say
      {"fetch.max.bytes", fetched},
      {"receive.message.max.bytes",
       std::to_string(options.fetch_bytes_max + options.record_bytes_max + kFetchOverheadBytes)},
      {"fetch.wait.max.ms", "100"},
  };
  SLIPSTREAM_ASSIGN(auto client, KafkaClient::open(RD_KAFKA_CONSUMER, options.settings, own));
  rd_kafka_poll_set_consumer(client->get());
  return std::unique_ptr<Reader>(new KafkaReader(topics, idle, options, std::move(client)));
}

KafkaReader::~KafkaReader() {
  while (!places_.empty())
    remove(places_.back().at);
  if (!has_failed_) idle_.give_back(std::move(client_));
}

Result<> KafkaReader::seek(const TopicPartition& at, Offset offset) {
  SLIPSTREAM_TRY(topics_.check(at));
  SLIPSTREAM_TRY(client_->meet(at.topic, *options_.patience));
  remove(at);
  // A queue of its own, before records come: assigning would lead them into one that all partitions share.
  Place place{at, offset, nullptr, {}, {}};
  place.queue.reset(rd_kafka_queue_get_partition(client_->get(), at.topic.c_str(), at.partition.value));
  rd_kafka_queue_forward(place.queue.get(), nullptr);
  rd_kafka_queue_cb_event_enable(
      place.queue.get(), [](rd_kafka_t*, void* arrivals) { static_cast<Arrivals*>(arrivals)->announce(); },
      arrivals_.get());
  PartitionList list(1);
  list.add(at, offset);
  const std::string what = fmt::format("{} {} cannot be read", at.topic, at.partition.value);
  if (rd_kafka_error_t* error = rd_kafka_incremental_assign(client_->get(), list.list))
    return tl::unexpected(kafka_error(error, what));
  places_.push_back(std::move(place));
  return {};
}

void KafkaReader::remove(const TopicPartition& at) {
  const auto found =
      std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.at == at; });
  if (found == places_.end()) return;
  PartitionList list(1);
  list.add(at, Offset(0));
  if (rd_kafka_error_t* error = rd_kafka_incremental_unassign(client_->get(), list.list))
    rd_kafka_error_destroy(error);
  places_.erase(found);
}

Result<std::vector<ReadBatch>> KafkaReader::poll(std::size_t records_max, std::size_t bytes_max,
                                                 Duration wait) {
  const auto deadline = deadline_after(wait);
  if (options_.patience->has_ended() && !places_.empty()) return waited_enough(places_.front().at);
  if (!places_.empty()) first_ = (first_ + 1) % places_.size();
  while (true) {
    const auto seen = arrivals_->count();
    // The client's own events; records come through the partitions' queues.
    if (rd_kafka_message_t* event = rd_kafka_consumer_poll(client_->get(), 0))
      rd_kafka_message_destroy(event);
    auto batches =
        take_turns(places_.size(), first_, {records_max, bytes_max},
                   [&](std::size_t index, PollLimits& limits) { return take(places_[index], limits); });
    if (!batches || !batches->empty() || wait.us <= 0) return batches;
    if (!arrivals_->wait(seen, deadline)) return batches;
  }
}

// Takes all that is in its queue; more than it can hold at once is there only while it is being filled.
bool KafkaReader::fetch(Place& place) {
  std::array<rd_kafka_message_t*, kFetchRecords> messages;
  std::uint64_t bytes = 0;
  ssize_t count = 0;
  do {
    count = rd_kafka_consume_batch_queue(place.queue.get(), 0, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) {
      place.fetched.emplace_back(messages[static_cast<std::size_t>(i)]);
      bytes += place.fetched.back()->len;  // as librdkafka counts what a queue holds
    }
  } while (count > 0 && bytes < 2 * fetch_bytes(options_));
  if (bytes >= full_queue_bytes(options_)) go_on_fetching(place);
  return !place.fetched.empty();
}

// Of a partition whose queue is full librdkafka fetches nothing, and then its thread looks again only when something
// else happens, or after a second. Seeking to where it would go on anyway wakes it.
void KafkaReader::go_on_fetching(Place& place) {
  const rd_kafka_message_t& last = *place.fetched.back();
  if (last.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  PartitionList list(1);
  list.add(place.at, Offset(last.offset).next());
  constexpr int kDoNotWait = 0;
  if (rd_kafka_error_t* error = rd_kafka_seek_partitions(client_->get(), list.list, kDoNotWait))
    rd_kafka_error_destroy(error);  // then it takes its second
}

// Takes the next message; false: there is none, or it is an error.
bool KafkaReader::read_on(Place& place, PollLimits& limits, ReadBatch& batch, BatchMemory& memory) {
  if (place.failure || (place.fetched.empty() && !fetch(place))) return false;
  Message message = std::move(place.fetched.front());
  place.fetched.pop_front();
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    place.next = std::max(place.next, Offset(message->offset));
    return true;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    has_failed_ = true;
    const char* reason = rd_kafka_message_errstr(message.get());
    place.failure = kafka_error(message->err,
                                fmt::format("{} {} cannot be read on at offset {}", place.at.topic,
                                            place.at.partition.value, place.next.value),
                                reason == nullptr ? "" : reason);
    return false;
  }
  if (Offset(message->offset) < place.next) return true;  // come again behind a seek
  RecordView record;
  record.offset = Offset(message->offset);
  record.timestamp = Timestamp{rd_kafka_message_timestamp(message.get(), nullptr) * 1000};
  record.key = {static_cast<const char*>(message->key), message->key == nullptr ? 0 : message->key_len};
  record.tombstone = message->payload == nullptr;
  record.value = {static_cast<const char*>(message->payload), record.tombstone ? 0 : message->len};
  if (std::vector<Header> headers = headers_of(*message); !headers.empty())
    record.headers = memory.headers.emplace_back(std::move(headers));
  limits.take(bytes_of(*message));
  batch.records.push_back(record);
  place.next = record.offset.next();
  memory.messages.push_back(std::move(message));
  return true;
}

Result<std::optional<ReadBatch>> KafkaReader::take(Place& place, PollLimits& limits) {
  const Offset from = place.next;
  ReadBatch batch{place.at, {}, from, nullptr};
  auto memory = std::make_shared<BatchMemory>();
  memory->client = client_;
  while (!limits.used_up() && read_on(place, limits, batch, *memory)) {
  }
  if (place.next == from && place.failure) return tl::unexpected(*place.failure);
  if (place.next == from) return std::nullopt;
  batch.next = place.next;
  batch.memory = std::move(memory);
  return batch;
}

}  // namespace slipstream
