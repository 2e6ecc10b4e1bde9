// Load for the HTTP service: point reads at a fixed rate from two threads, posts at one from another, and readers of an event
// stream on a fourth, so that none is in the way of another.
//
// A request is due at its time whatever the server does; its latency counts from then, so that a server that stands still
// is not asked less and shown better. Prints one JSON object.
//
//   http_load PORT SECONDS READS_PER_SECOND READ_PATH POSTS_PER_SECOND EVENTS_PER_POST STREAMS STREAM_PATH SENSORS
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace slipstream {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kConnectionsOfALane = 32;
constexpr std::size_t kReadingLanes = 2;
constexpr std::size_t kReadBytes = 1 << 16;
constexpr int kStreamsLookMilliseconds = 100;
constexpr auto kWaitMax = std::chrono::milliseconds(1);
constexpr int kWards = 500, kWardsPerDistrict = 25;

[[noreturn]] void stop(std::string_view what) {
  fmt::print(stderr, "http_load: {}\n", what);
  std::exit(1);
}

int connected(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0)
    stop("cannot connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

// The length of the whole answer at the beginning of `text`; 0: it is not all there.
std::size_t answer_length(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = text.substr(0, head).find(kLength);
  if (at == std::string_view::npos) stop("an answer without Content-Length");
  std::size_t body = 0;
  std::from_chars(text.data() + at + kLength.size(), text.data() + head, body);
  const std::size_t all = head + 4 + body;
  return text.size() < all ? 0 : all;
}

// What has come, until there is no more: a chunk that is not full was the last.
template <class Visit>
void for_each_chunk(int fd, Visit visit) {
  char bytes[kReadBytes];
  ssize_t got = 0;
  do {
    got = ::read(fd, bytes, sizeof(bytes));
    if (got == 0) stop("the server has closed a connection");
    if (got > 0) visit(std::string_view(bytes, static_cast<std::size_t>(got)));
  } while (got == static_cast<ssize_t>(sizeof(bytes)));
}

struct Connection {
  int fd = -1;
  std::string out, in;
  Clock::time_point due;  // of the request under way
  bool is_busy = false;
};

// Requests of one kind at a fixed rate over some connections, by a thread.
class Lane {
 public:
  Lane(std::uint16_t port, double per_second, std::vector<std::string> requests, int status)
      : per_second_(per_second),
        requests_(std::move(requests)),
        status_(fmt::format("HTTP/1.1 {} ", status)) {
    if (per_second_ <= 0) return;
    for (std::size_t i = 0; i < kConnectionsOfALane; ++i) {
      auto& connection = connections_.emplace_back(std::make_unique<Connection>());
      connection->fd = connected(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = connection.get();
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
      idle_.push_back(connection.get());
    }
  }

  void run(Clock::time_point begin, Clock::time_point end) {
    begin_ = begin;
    std::vector<epoll_event> ready(kConnectionsOfALane);
    for (auto now = Clock::now(); now < end; now = Clock::now()) {
      step(now);
      // Who waits for a connection to come free is woken by its answer.
      const auto until = std::clamp(next_due(), now, now + kWaitMax);
      const timespec wait{0, std::chrono::nanoseconds(until - now).count()};
      const int count = ::epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()), &wait, nullptr);
      for (int i = 0; i < count; ++i)
        on_readable(*static_cast<Connection*>(ready[static_cast<std::size_t>(i)].data.ptr));
    }
  }

  // All after run().
  std::size_t sent() const { return sent_; }
  std::size_t refused() const { return refused_; }
  const std::vector<Clock::duration>& latencies() const { return latencies_; }

 private:
  // When there is something to send; never, where the rate is 0 or every connection busy.
  Clock::time_point next_due() const {
    if (per_second_ <= 0 || idle_.empty()) return Clock::time_point::max();
    return begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(sent_) / per_second_));
  }

  // Sends what is due.
  void step(Clock::time_point now) {
    while (true) {
      const Clock::time_point due = next_due();
      if (due > now) return;
      Connection& connection = *idle_.front();
      idle_.pop_front();
      connection.due = due;
      connection.is_busy = true;
      connection.out = requests_[sent_ % requests_.size()];
      ++sent_;
      write(connection);
    }
  }

  void on_readable(Connection& connection) {
    write(connection);
    for_each_chunk(connection.fd, [&](std::string_view text) { connection.in += text; });
    const std::size_t length = answer_length(connection.in);
    if (length == 0 || !connection.is_busy) return;
    if (!connection.in.starts_with(status_)) {
      if (refused_++ == 0) fmt::print(stderr, "http_load: {}\n", connection.in.substr(0, 500));
    } else {
      latencies_.push_back(Clock::now() - connection.due);
    }
    connection.in.erase(0, length);
    connection.is_busy = false;
    idle_.push_back(&connection);
  }

  // A whole request fits into the socket's buffer as a rule; the rest goes with the next event.
  static void write(Connection& connection) {
    while (!connection.out.empty()) {
      const ssize_t wrote = ::write(connection.fd, connection.out.data(), connection.out.size());
      if (wrote < 0) {
        pollfd ready{connection.fd, POLLOUT, 0};
        ::poll(&ready, 1, 100);
        continue;
      }
      connection.out.erase(0, static_cast<std::size_t>(wrote));
    }
  }

  const double per_second_;
  const std::vector<std::string> requests_;
  const std::string status_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> idle_;  // each takes its turn
  Clock::time_point begin_;
  std::size_t sent_ = 0, refused_ = 0;
  std::vector<Clock::duration> latencies_;
};

std::string node_of(std::size_t sensor) {
  const auto ward = static_cast<int>(sensor % kWards);
  return fmt::format("d{:02}/w{:03}/s{:07}", ward / kWardsPerDistrict, ward, sensor);
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// Batches of readings, each with a number of its own: none is a duplicate as long as the batches last.
std::vector<std::string> posts(std::size_t count, std::size_t events, std::size_t sensors) {
  std::vector<std::string> requests;
  const std::string time = now_text(), source = fmt::format("/load/{}", ::getpid());
  std::size_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::string body = "[";
    for (std::size_t k = 0; k < events; ++k, ++number) {
      const std::string node = node_of(number * 6'700'417 % sensors);
      body += fmt::format(
          R"({}{{"specversion":"1.0","id":"{}:{}","source":"{}","type":"observation","subject":"{}","time":"{}",)"
          R"("data":{{"metric":"pm2_5","node":"{}","value":{}.{},"sequence":{}}}}})",
          k == 0 ? "" : ",", node, number, source, node, time, node, number % 90, number % 10, number);
    }
    body += "]";
    requests.push_back(
        fmt::format("POST /v1/events HTTP/1.1\r\nHost: load\r\nContent-Type: "
                    "application/cloudevents-batch+json\r\nContent-Length: {}\r\n\r\n{}",
                    body.size(), body));
  }
  return requests;
}

// Of a lane: each asks for other nodes.
std::vector<std::string> reads(std::string_view path, std::size_t lane, std::size_t sensors) {
  std::vector<std::string> requests;
  for (std::size_t i = lane; i < 10'000; i += kReadingLanes) {
    std::string target(path);
    if (const std::size_t at = target.find("NODE"); at != std::string::npos)
      target.replace(at, 4, node_of(i * 7919 % sensors));
    requests.push_back(fmt::format("GET {} HTTP/1.1\r\nHost: load\r\n\r\n", target));
  }
  return requests;
}

// Readers of an event stream, on a thread of their own.
class Streams {
 public:
  Streams(std::uint16_t port, std::size_t count, std::string_view path) {
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: load\r\n\r\n", path);
    for (std::size_t i = 0; i < count; ++i) {
      const int fd = connected(port);
      if (::write(fd, request.data(), request.size()) < 0) stop("cannot ask for a stream");
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
    thread_ = std::thread([this] { run(); });
  }

  void end() {
    is_ending_ = true;
    thread_.join();
  }
  // Both after end().
  std::size_t events() const { return events_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void run() {
    std::vector<epoll_event> ready(256);
    while (!is_ending_) {
      const int count =
          ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), kStreamsLookMilliseconds);
      for (int i = 0; i < count; ++i)
        read(ready[static_cast<std::size_t>(i)].data.fd);
    }
  }
  void read(int fd) {
    for_each_chunk(fd, [&](std::string_view text) {
      bytes_ += text.size();
      for (std::size_t at = text.find("event: "); at != std::string_view::npos;
           at = text.find("event: ", at + 1))
        ++events_;
    });
  }

  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::size_t events_ = 0, bytes_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

double number(const char* text) { return std::strtod(text, nullptr); }

struct Tally {
  std::size_t sent = 0, refused = 0;
  std::vector<Clock::duration> latencies;

  void add(const Lane& lane) {
    sent += lane.sent();
    refused += lane.refused();
    latencies.insert(latencies.end(), lane.latencies().begin(), lane.latencies().end());
  }
  std::string text() {
    std::sort(latencies.begin(), latencies.end());
    const auto at = [&](double share) {
      if (latencies.empty()) return 0.0;
      const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1));
      return std::chrono::duration<double, std::milli>(latencies[index]).count();
    };
    return fmt::format(
        R"({{"sent":{},"answered":{},"refused":{},"p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})",
        sent, latencies.size(), refused, at(0.5), at(0.9), at(0.99), at(1));
  }
};

Clock::duration as_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

int run(char** arguments) {
  const auto port = static_cast<std::uint16_t>(number(arguments[1]));
  const double duration = number(arguments[2]);
  const double reads_per_second = number(arguments[3]);
  const double posts_per_second = number(arguments[5]);
  const auto events_per_post = static_cast<std::size_t>(number(arguments[6]));
  const auto sensors = static_cast<std::size_t>(number(arguments[9]));
  const auto batches = static_cast<std::size_t>(posts_per_second * duration) + 1;
  std::vector<std::unique_ptr<Lane>> reading;
  for (std::size_t i = 0; i < kReadingLanes; ++i)
    reading.push_back(std::make_unique<Lane>(port, reads_per_second / static_cast<double>(kReadingLanes),
                                             reads(arguments[4], i, sensors), 200));
  Lane posting(port, posts_per_second, posts(batches, events_per_post, sensors), 202);
  const auto streams_count = static_cast<std::size_t>(number(arguments[7]));
  Streams streams(port, streams_count, arguments[8]);
  const auto begin = Clock::now();
  const auto end = begin + as_duration(duration);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { posting.run(begin, end); });
  for (std::size_t i = 0; i < kReadingLanes; ++i)  // in turn
    threads.emplace_back([&, i] {
      reading[i]->run(
          begin + as_duration(reads_per_second > 0 ? static_cast<double>(i) / reads_per_second : 0), end);
    });
  for (auto& thread : threads)
    thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  streams.end();
  Tally read, posted;
  for (const auto& lane : reading)
    read.add(*lane);
  posted.add(posting);
  fmt::print(
      R"({{"seconds":{:.2f},"reads":{},"posts":{},"events_per_second":{:.0f},"streams":{},"stream_events":{},"stream_bytes":{}}})"
      "\n",
      seconds, read.text(), posted.text(),
      static_cast<double>(posted.latencies.size() * events_per_post) / seconds, streams_count,
      streams.events(), streams.bytes());
  return 0;
}

}  // namespace
}  // namespace slipstream

int main(int count, char** arguments) {
  if (count != 10) {
    fmt::print(
        stderr,
        "usage: http_load PORT SECONDS READS_PER_SECOND READ_PATH POSTS_PER_SECOND EVENTS_PER_POST STREAMS "
        "STREAM_PATH SENSORS\n");
    return 64;
  }
  return slipstream::run(arguments);
}
