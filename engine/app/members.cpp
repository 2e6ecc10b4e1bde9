#include "engine/app/members.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "engine/log/read_range.h"

namespace slipstream {
namespace {

namespace json = boost::json;

constexpr std::string_view kUnreadable =
    "{} has at offset {} nothing that tells of an instance; has another program written there?";

Result<Member> member_in(const RecordView& record, const std::string& topic) {
  const auto unreadable =
      fail(ErrorCode::malformed_record, fmt::format(kUnreadable, topic, record.offset.value));
  boost::system::error_code failed;
  const json::value value = json::parse({record.value.data(), record.value.size()}, failed);
  if (failed || !value.is_object()) return unreadable;
  const json::object& told = value.get_object();
  const json::value* address = told.if_contains("address");
  const json::value* shards = told.if_contains("shards");
  const json::value* since = told.if_contains("since");
  if (address == nullptr || !address->is_string() || shards == nullptr || !shards->is_array() ||
      since == nullptr || !since->is_string())
    return unreadable;
  const auto instant = parse_timestamp(std::string_view(since->get_string()));
  if (!instant) return unreadable;
  Member member{std::string(record.key), std::string(address->get_string()), {}, {}, *instant};
  if (const json::value* peer = told.if_contains("peer_address")) {
    if (!peer->is_string()) return unreadable;
    member.peer_address = peer->get_string();
  }
  for (const json::value& shard : shards->get_array()) {
    if (!shard.is_int64()) return unreadable;
    member.shards.insert(Partition(static_cast<std::int32_t>(shard.get_int64())));
  }
  return member;
}

}  // namespace

std::string list_of(const std::set<Partition>& shards) {
  std::string text;
  for (auto at = shards.begin(); at != shards.end();) {
    auto last = at;
    while (std::next(last) != shards.end() && std::next(last)->value == last->value + 1)
      ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", at->value);
    if (last != at) text += fmt::format("-{}", last->value);
    at = std::next(last);
  }
  return text.empty() ? "none" : text;
}

OutputRecord announcement_of(const Member& member, const std::string& topic) {
  json::array shards;
  for (const Partition shard : member.shards)
    shards.emplace_back(shard.value);
  json::object told{{"instance", member.name},
                    {"address", member.address},
                    {"shards", std::move(shards)},
                    {"since", format_timestamp(member.since)}};
  if (!member.peer_address.empty()) told["peer_address"] = member.peer_address;
  return {
      topic,       Partition(0), member.name, json::serialize(told), {{"content-type", "application/json"}},
      member.since};
}

OutputRecord farewell_of(const std::string& name, const std::string& topic, Timestamp at) {
  return {topic, Partition(0), name, std::nullopt, {}, at};
}

Result<std::vector<Member>> read_members(EventLog& log, const std::string& topic) {
  const TopicPartition at{topic, Partition(0)};
  SLIPSTREAM_ASSIGN(const OffsetRange range, log.offsets(at));
  std::map<std::string, Member> members;
  SLIPSTREAM_TRY(
      read_records(log, at, range.earliest, range.end, [&](const RecordView& record) -> Result<bool> {
        const std::string name(record.key);
        if (record.tombstone) {
          members.erase(name);
          return true;
        }
        SLIPSTREAM_ASSIGN(Member member, member_in(record, topic));
        for (auto& [other, its] : members)
          for (const Partition shard : member.shards)
            its.shards.erase(shard);
        members[name] = std::move(member);
        return true;
      }));
  std::vector<Member> all;
  for (auto& [name, member] : members)
    all.push_back(std::move(member));
  return all;
}

}  // namespace slipstream
