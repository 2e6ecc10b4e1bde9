#include "engine/app/peers/remote_shard.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/encoding.h"

namespace slipstream {
namespace {

constexpr Duration kNewestMax = seconds(2);  // where all answers wait for it
constexpr Duration kReadMax = seconds(5);
constexpr std::size_t kFirstScanBytes = 16'384;  // most scans are short
constexpr std::size_t kScanGrowth = 4;

tl::unexpected<Error> unavailable(std::string message) {
  return fail(ErrorCode::shard_unavailable, std::move(message));
}

tl::unexpected<Error> not_understood(const HttpClient& host) {
  return unavailable(
      fmt::format("the instance at {} answers what this version does not understand", host.address()));
}

Result<std::string> ask(HttpClient& host, std::string_view path, std::string question, Duration patience) {
  auto answer = host.post(fmt::format("/{}", path), std::move(question), patience);
  if (!answer) return unavailable(fmt::format("the instance at {}; ask again", answer.error().message));
  if (answer->status == kOtherDefinitionsStatus)
    return unavailable(fmt::format(
        "the instance at {} follows other definitions; ask again once all follow the same", host.address()));
  if (answer->status == kNotHeldStatus)
    return unavailable(
        fmt::format("a shard has just left the instance at {}, or was read there for too long; ask again",
                    host.address()));
  if (answer->status != 200)
    return unavailable(fmt::format("the instance at {} does not give what was asked (status {}); ask again",
                                   host.address(), answer->status));
  return std::move(answer->body);
}

bool read_item(ByteReader& reader, Item& item) {
  std::uint8_t byte = 0;
  if (!reader.read_u8(byte) || byte > static_cast<std::uint8_t>(Item::more)) return false;
  item = static_cast<Item>(byte);
  return true;
}

}  // namespace

Result<std::optional<std::string>> RemoteShard::get(Family family, std::string_view key) const {
  const std::string asked(key);
  SLIPSTREAM_ASSIGN(auto values, get_many(family, {&asked, 1}));
  return std::move(values.front());
}

Result<std::vector<std::optional<std::string>>> RemoteShard::get_many(
    Family family, std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysMax) {
    const auto some = keys.subspan(begin, std::min(kKeysMax, keys.size() - begin));
    const GetQuestion question{{shard_, commit_, family}, {some.begin(), some.end()}};
    SLIPSTREAM_ASSIGN(const std::string answer, ask(*host_, kGetPath, encode(question), kReadMax));
    ByteReader reader(answer);
    for (std::size_t i = 0; i < some.size(); ++i) {
      Item item{};
      std::string value;
      if (!read_item(reader, item) || (item == Item::here && !reader.read_string(value)))
        return not_understood(*host_);
      values.push_back(item == Item::here ? std::optional(std::move(value)) : std::nullopt);
    }
  }
  return values;
}

Result<> RemoteShard::scan(Family family, std::string_view from, std::string_view to,
                           const std::function<bool(std::string_view, std::string_view)>& visit) const {
  ScanQuestion question{{shard_, commit_, family}, std::string(from), std::string(to), kFirstScanBytes};
  while (true) {
    SLIPSTREAM_ASSIGN(const std::string answer, ask(*host_, kScanPath, encode(question), kReadMax));
    ByteReader reader(answer);
    Item item{};
    std::string_view key, value;
    while (true) {
      if (!read_item(reader, item)) return not_understood(*host_);
      if (item != Item::here) break;
      if (!reader.read_string(key) || !reader.read_string(value)) return not_understood(*host_);
      if (!visit(key, value)) return {};
    }
    if (item == Item::none) return {};
    question.from = key;
    question.from += '\0';  // the first key that can follow
    question.bytes = std::min(question.bytes * kScanGrowth, kScanBytesMax);
  }
}

Result<ShownShards> newest_of(const std::shared_ptr<HttpClient>& host, const Plan& plan,
                              const std::vector<Partition>& shards) {
  const NewestQuestion question{plan.version, plan.state_version, shards};
  SLIPSTREAM_ASSIGN(const std::string answer, ask(*host, kNewestPath, encode(question), kNewestMax));
  ShownShards newest;
  ByteReader reader(answer);
  for (const Partition shard : shards) {
    Item item{};
    std::uint8_t caught_up = 0;
    std::string bytes;  // of its own: notes are read aligned
    if (!read_item(reader, item)) return not_understood(*host);
    if (item == Item::none)
      return unavailable(fmt::format("shard {} is not open at {} yet, or has left it; ask again", shard.value,
                                     host->address()));
    if (!reader.read_u8(caught_up) || !reader.read_string(bytes)) return not_understood(*host);
    SLIPSTREAM_ASSIGN(CommitNote note, decode_note(bytes));
    auto snapshot = std::make_shared<const RemoteShard>(host, shard, note.sequence);
    newest[shard] = {std::move(snapshot), std::move(note), caught_up != 0, true};
  }
  return newest;
}

}  // namespace slipstream
