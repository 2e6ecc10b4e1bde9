#include "engine/app/service/live_rows.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "engine/base/thread_role.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookForCommitsEvery(250);

std::string row_text(const std::string& id, const std::string& members) {
  return fmt::format("{{\"id\": {}, {}}}", json_string(id), members);
}

void append_item(std::string& list, std::string_view item) {
  if (!list.empty()) list += ',';
  list += item;
}

std::string event_text(std::string_view name, const std::string& version, const std::string& data) {
  return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, version, data);
}

std::string facts_of(const ShownState& shown) {
  std::string as_of;
  append_json(as_of, time_cell(shown.clock, shown.state.plan->zone));
  return fmt::format("\"as_of\":{},\"complete\":{}", as_of, shown.complete);
}

std::string snapshot_text(const std::string& version, const std::string& facts, const LiveRows& rows) {
  std::string list;
  for (const auto& [id, members] : rows)
    append_item(list, row_text(id, members));
  return event_text("snapshot", version, fmt::format("{{{},\"rows\":[{}]}}", facts, list));
}

std::string change_text(const std::string& version, const std::string& facts, const LiveRows& before,
                        const LiveRows& now) {
  std::string upsert, remove;
  for (const auto& [id, members] : now)
    if (const auto known = before.find(id); known == before.end() || known->second != members)
      append_item(upsert, row_text(id, members));
  for (const auto& [id, members] : before)
    if (!now.contains(id)) append_item(remove, json_string(id));
  return event_text("change", version,
                    fmt::format("{{{},\"upsert\":[{}],\"remove\":[{}]}}", facts, upsert, remove));
}

}  // namespace

LiveHub::LiveHub(const WholeState& states) : states_(states), thread_([this] { run(); }) {}

LiveHub::~LiveHub() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void LiveHub::watch(const std::string& query, EvaluateRows evaluate, const ShownState& shown, LiveRows rows,
                    std::shared_ptr<EventStream> stream, std::string seen) {
  Watched watched{std::move(evaluate),
                  shown.version,
                  facts_of(shown),
                  std::make_shared<const LiveRows>(std::move(rows)),
                  {},
                  {}};
  watched.watchers.push_back({std::move(stream), std::move(seen), nullptr, ""});
  {
    const std::scoped_lock lock(mutex_);
    new_.emplace_back(query, std::move(watched));
  }
  stop_.notify_one();
}

void LiveHub::run() {
  begin_thread("live");
  while (true) {
    {
      std::unique_lock lock(mutex_);
      stop_.wait_for(lock, kLookForCommitsEvery, [&] { return stopping_ || !new_.empty(); });
      if (stopping_) return;
      for (auto& [query, watched] : std::exchange(new_, {})) {
        const auto [known, is_first] = watched_.try_emplace(query, std::move(watched));
        if (!is_first) known->second.watchers.push_back(std::move(watched.watchers.front()));
      }
    }
    refresh_all();
    for (auto& [query, watched] : watched_) {
      for (Watcher& watcher : watched.watchers)
        send(watched, watcher);
      std::erase_if(watched.watchers, [](const Watcher& watcher) { return watcher.stream->is_closed(); });
    }
    std::erase_if(watched_, [](const auto& watched) { return watched.second.watchers.empty(); });
  }
}

// Other instances are asked only while somebody watches. A shard that is away leaves all as it was sent.
void LiveHub::refresh_all() {
  if (watched_.empty()) return;
  const auto newest = states_.newest();
  if (!newest) return;
  for (auto& [query, watched] : watched_)
    refresh(watched, **newest);
}

// Rows that cannot be read now are read after the next commit; what was sent stays right for its `as_of`.
void LiveHub::refresh(Watched& watched, const ShownState& shown) {
  if (watched.version == shown.version) return;
  auto rows = watched.evaluate(shown);
  if (!rows) return;
  watched.version = shown.version;
  watched.facts = facts_of(shown);
  watched.events.clear();
  if (*watched.rows != *rows) watched.rows = std::make_shared<const LiveRows>(*std::move(rows));
}

// All who keep up were sent the same rows, so it is made for one of them.
const std::string& LiveHub::event_after(Watched& watched, const Rows& sent) {
  const auto [known, is_new] = watched.events.try_emplace(sent);
  std::string& event = known->second;
  if (!is_new) return event;
  if (!sent) {
    event = snapshot_text(watched.version, watched.facts, *watched.rows);
  } else if (sent == watched.rows || *sent == *watched.rows) {
    event = event_text("state", watched.version, fmt::format("{{{}}}", watched.facts));
  } else {
    event = change_text(watched.version, watched.facts, *sent, *watched.rows);
  }
  return event;
}

void LiveHub::send(Watched& watched, Watcher& watcher) {
  if (watcher.version == watched.version || !watcher.stream->is_idle()) return;
  const bool has_all = !watcher.sent && watcher.seen == watched.version;
  if (!has_all) watcher.stream->send(event_after(watched, watcher.sent));
  watcher.sent = watched.rows;
  watcher.version = watched.version;
}

}  // namespace slipstream
