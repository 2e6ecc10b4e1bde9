// The ceiling of the computation: the indicator fold in memory by one thread, without durability. Prints the answers, a line
// each: `node,window,count,sum in tenths`, then `alert,node,window` for each red node of the last month.
#include <fmt/format.h>
#include <slipstream_wire/event_generated.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <unordered_map>
#include <vector>

#include "benchmarks/peers/native/topic_reader.h"
#include "engine/base/time.h"

namespace slipstream::bench {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kTargetTenths = 500;

struct Sums {
  std::int64_t count = 0;
  std::int64_t tenths = 0;
};

// Of one node: few days and fewer months, so a search from the newest ends at once.
struct Windows {
  std::vector<std::pair<std::int32_t, Sums>> sums;

  void add(std::int32_t window, std::int64_t tenths) {
    for (auto at = sums.rbegin(); at != sums.rend(); ++at)
      if (at->first == window) return count(at->second, tenths);
    count(sums.emplace_back(window, Sums()).second, tenths);
  }
  static void count(Sums& of, std::int64_t tenths) {
    ++of.count;
    of.tenths += tenths;
  }
};

struct Node {
  Windows days, months;
  Node* parent = nullptr;
  std::int64_t numbered = -1;  // the highest number of a sensor's readings
  std::uint64_t before = 0;    // which of the 64 up to it were there: bit 0 is the highest

  // False for a number that was there; those too far back count as new.
  bool is_new(std::int64_t number) {
    if (number > numbered) {
      const std::int64_t on = number - numbered;
      before = on < 64 ? before << on | 1 : 1;
      numbered = number;
      return true;
    }
    if (numbered - number >= 64) return true;
    const std::uint64_t bit = 1ULL << (numbered - number);
    return (before & bit) == 0 && (before |= bit) != 0;
  }
};

class Fold {
 public:
  void take(std::string_view record) {
    const auto& event = *wire::GetEvent(record.data());
    const auto& reading = *event.data_as_Observation();
    const std::int64_t us = event.effective_at().value_or(*event.time());
    const auto day = static_cast<std::int32_t>(us / kDayUs);
    if (day != day_) month_ = month_of(day_ = day);
    last_month_ = std::max(last_month_, month_);
    const auto tenths = static_cast<std::int64_t>(reading.value()->low());
    Node* const sensor = node_of(reading.node()->string_view());
    const auto number = reading.sequence();
    if (number && !sensor->is_new(*number)) return;
    for (Node* node = sensor; node != nullptr; node = node->parent) {
      node->days.add(day_, tenths);
      node->months.add(month_, tenths);
    }
  }

  void print(std::FILE* to) const {
    for (const auto& [path, node] : nodes_) {
      for (const auto& [day, sums] : node.days.sums)
        fmt::print(to, "{},{},{},{}\n", path, format_date(civil_from_days(day)), sums.count, sums.tenths);
      for (const auto& [month, sums] : node.months.sums) {
        fmt::print(to, "{},{:04}-{:02},{},{}\n", path, month / 12, month % 12 + 1, sums.count, sums.tenths);
        if (month == last_month_ && sums.tenths > kTargetTenths * sums.count)
          fmt::print(to, "alert,{},{:04}-{:02}\n", path, month / 12, month % 12 + 1);
      }
    }
  }

 private:
  static std::int32_t month_of(std::int32_t day) {
    const std::string date = format_date(civil_from_days(day));
    return std::stoi(date.substr(0, 4)) * 12 + std::stoi(date.substr(5, 2)) - 1;
  }

  // Nodes of a map stay where they are.
  Node* node_of(std::string_view path) {
    key_.assign(path);
    const auto [at, fresh] = nodes_.try_emplace(key_);
    if (fresh && path != kRoot) {
      const auto slash = path.rfind('/');
      at->second.parent = node_of(slash == std::string_view::npos ? kRoot : path.substr(0, slash));
    }
    return &at->second;
  }

  static constexpr std::string_view kRoot = "city";
  std::unordered_map<std::string, Node> nodes_;
  std::string key_;
  std::int32_t day_ = -1;
  std::int32_t month_ = 0;
  std::int32_t last_month_ = 0;
};

}  // namespace
}  // namespace slipstream::bench

int main(int argc, char** argv) {
  using namespace slipstream::bench;
  CLI::App app("Folds a topic of readings in memory");
  std::string bootstrap_servers, topic, answers;
  app.add_option("--bootstrap-servers", bootstrap_servers)->required();
  app.add_option("--topic", topic)->required();
  app.add_option("--answers", answers, "where they are written")->required();
  CLI11_PARSE(app, argc, argv);
  Fold fold;
  read_topic(bootstrap_servers, topic, [&fold](std::string_view record) { fold.take(record); });
  std::FILE* to = std::fopen(answers.c_str(), "w");
  if (to == nullptr) return 1;
  fold.print(to);
  return std::fclose(to) == 0 ? 0 : 1;
}
