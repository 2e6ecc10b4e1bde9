// A log in memory whose records leave gaps, as on Kafka: behind each stands a mark that takes an offset and that
// nobody reads.
#pragma once

#include <utility>

#include "engine/log/memory_log.h"

namespace slipstream {

class MarkedLog final : public EventLog {
 public:
  Result<> create_topic(const TopicOptions& options) override { return log_.create_topic(options); }
  Result<std::vector<TopicOptions>> topics() override { return log_.topics(); }
  Result<OffsetRange> offsets(const TopicPartition& at) override {
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_.offsets(at));
    return OffsetRange{shown(range.earliest), shown(range.end)};
  }
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    return all_shown(log_.append(records));
  }
  Result<std::unique_ptr<slipstream::Producer>> open_producer(std::string_view identity) override {
    SLIPSTREAM_ASSIGN(auto producer, log_.open_producer(identity));
    return std::make_unique<Producer>(std::move(producer));
  }
  std::unique_ptr<slipstream::Reader> open_reader() override {
    return std::make_unique<Reader>(log_.open_reader());
  }
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return log_.committed(group, member);
  }
  Result<std::uint64_t> clean(Timestamp now) override { return log_.clean(now); }

 private:
  static Offset shown(Offset offset) { return Offset(2 * offset.value); }
  static Result<std::vector<Offset>> all_shown(Result<std::vector<Offset>> offsets) {
    if (offsets)
      for (Offset& offset : *offsets)
        offset = shown(offset);
    return offsets;
  }

  class Producer final : public slipstream::Producer {
   public:
    explicit Producer(std::unique_ptr<slipstream::Producer> producer) : producer_(std::move(producer)) {}
    Result<std::vector<Offset>> commit(const Transaction& transaction) override {
      return all_shown(producer_->commit(transaction));
    }

   private:
    std::unique_ptr<slipstream::Producer> producer_;
  };

  class Reader final : public slipstream::Reader {
   public:
    explicit Reader(std::unique_ptr<slipstream::Reader> reader) : reader_(std::move(reader)) {}
    Result<> seek(const TopicPartition& at, Offset offset) override {
      return reader_->seek(at, Offset((offset.value + 1) / 2));
    }
    void remove(const TopicPartition& at) override { reader_->remove(at); }
    Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max,
                                        Duration wait) override {
      SLIPSTREAM_ASSIGN(std::vector<ReadBatch> batches, reader_->poll(records_max, bytes_max, wait));
      for (ReadBatch& batch : batches) {
        batch.next = shown(batch.next);
        for (RecordView& record : batch.records)
          record.offset = shown(record.offset);
      }
      return batches;
    }

   private:
    std::unique_ptr<slipstream::Reader> reader_;
  };

  MemoryLog log_;
};

}  // namespace slipstream
