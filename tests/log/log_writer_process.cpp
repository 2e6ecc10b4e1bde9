// The other process of the embedded log's tests: it is killed, refused or starved of disk.
//
//   commit DIR         transactions 1, 2, ... after the last one found, each number written to stdout once
//   acknowledged hold DIR           opens the log, writes "ready", waits to be killed starve DIR BYTES
//   appends until no file may grow beyond BYTES, then checks what is left; exit status 0 when right
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "connectors/log/embedded_log.h"
#include "tests/log/numbered_transaction.h"

namespace slipstream {
namespace {

constexpr std::uint64_t kMemoryBytes = 8 << 20;

std::unique_ptr<EventLog> open(const std::string& directory) {
  auto opened = open_embedded_log(directory, {.memory_bytes = kMemoryBytes});
  if (!opened) std::fprintf(stderr, "%s\n", opened.error().message.c_str());
  return opened ? std::move(*opened) : nullptr;
}

void acknowledge(std::uint64_t number) {
  if (::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) ::_exit(3);
}

int commit_until_killed(const std::string& directory) {
  const auto log = open(directory);
  if (!log) return 1;
  if (!create_numbered_topics(*log)) return 1;
  const auto committed = log->committed(kGroup, kMember);
  auto producer = log->open_producer(kMember);
  if (!committed || !producer) return 1;
  auto number = committed->metadata.empty() ? 0 : std::stoull(committed->metadata);
  while (true) {
    if (!(*producer)->commit(numbered_transaction(++number))) return 1;
    acknowledge(number);
    if (number % 64 == 0 && !log->clean(Timestamp{0})) return 1;
  }
}

int hold(const std::string& directory) {
  const auto log = open(directory);
  if (!log) return 1;
  acknowledge(0);
  while (true)
    ::pause();
}

std::size_t readable_records(EventLog& log) {
  const auto reader = log.open_reader();
  std::size_t count = 0;
  if (!reader->seek({kEvents, Partition(0)}, Offset(0))) return 0;
  for (auto batches = reader->poll(1000, 1 << 20, Duration()); batches && !batches->empty();
       batches = reader->poll(1000, 1 << 20, Duration())) {
    for (const auto& batch : *batches)
      count += batch.records.size();
  }
  return count;
}

// Appends 100 kB at a time, all bytes different, so that nothing compresses the limit away.
int starve(const std::string& directory, rlim_t bytes) {
  const auto log = open(directory);
  if (!log || !create_numbered_topics(*log)) return 1;
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
  std::size_t written = 0;
  std::uint64_t state = 1;
  ErrorCode failure{};
  while (written < 1000) {
    std::string value;
    for (int i = 0; i < 12'500; ++i) {
      state = state * 6364136223846793005 + 1442695040888963407;
      value.append(reinterpret_cast<const char*>(&state), sizeof state);
    }
    const std::vector<OutputRecord> records = {{kEvents, Partition(0), "k", value, {}, Timestamp{0}}};
    const auto result = log->append(records);
    if (!result) {
      failure = result.error().code;
      break;
    }
    ++written;
  }
  if (failure != ErrorCode::io && failure != ErrorCode::disk_full) return 10;
  const std::vector<OutputRecord> small = {{kEvents, Partition(0), "k", "v", {}, Timestamp{0}}};
  const auto again = log->append(small);
  if (again || again.error().code != failure) return 11;
  const auto offsets = log->offsets({kEvents, Partition(0)});
  if (!offsets || offsets->end != Offset(static_cast<std::int64_t>(written))) return 12;
  if (readable_records(*log) != written) return 13;
  acknowledge(written);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[1] == "commit") return commit_until_killed(arguments[2]);
  if (arguments.size() == 3 && arguments[1] == "hold") return hold(arguments[2]);
  if (arguments.size() == 4 && arguments[1] == "starve")
    return starve(arguments[2], std::stoull(arguments[3]));
  return 2;
}

}  // namespace
}  // namespace slipstream

int main(int count, char** arguments) { return slipstream::run({arguments, arguments + count}); }
