#include "engine/state/inventory.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <numeric>

namespace slipstream {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kSequenceDigits = 20;
constexpr std::string_view kExtension = ".json";

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Hash128> parse_hash(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto high = parse_number<std::uint64_t>(text.substr(0, 16), 16);
  const auto low = parse_number<std::uint64_t>(text.substr(16), 16);
  if (!high || !low) return std::nullopt;
  return Hash128{*high, *low};
}

// A name that leads nowhere else.
bool is_plain(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && !name.starts_with('.');
}

// Throws what Boost.JSON throws when something is not there or of another type.
std::optional<Inventory> inventory_of(const json::object& object) {
  if (object.at("format").as_int64() != kFormat) return std::nullopt;
  Inventory inventory;
  inventory.state_version = object.at("state_version").as_string();
  inventory.shard = Partition(object.at("shard").to_number<std::int32_t>());
  inventory.sequence = CommitSequence(object.at("commit_sequence").to_number<std::uint64_t>());
  const auto made_at = parse_timestamp(std::string_view(object.at("made_at").as_string()));
  if (!made_at) return std::nullopt;
  inventory.made_at = *made_at;
  for (const json::value& each : object.at("files").as_array()) {
    const auto hash = parse_hash(each.at("xxh3_128").as_string());
    std::string name(each.at("name").as_string());
    if (!hash || !is_plain(name)) return std::nullopt;
    inventory.files.push_back({std::move(name), {each.at("bytes").to_number<std::uint64_t>(), *hash}});
  }
  return inventory;
}

std::optional<Inventory> parse_inventory(std::string_view text) {
  try {
    return inventory_of(json::parse({text.data(), text.size()}).as_object());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string name_of(CommitSequence sequence, Hash128 hash) {
  return fmt::format("{:0{}}-{}{}", sequence.value, kSequenceDigits, hash.hex(), kExtension);
}

}  // namespace

std::string InventoryFile::stored_name() const {
  return fmt::format("{}-{}-{}", name, digest.bytes, digest.hash.hex());
}

std::uint64_t Inventory::bytes() const {
  return std::accumulate(
      files.begin(), files.end(), std::uint64_t{0},
      [](std::uint64_t sum, const InventoryFile& file) { return sum + file.digest.bytes; });
}

InventoryText encode_inventory(const Inventory& inventory) {
  json::array files;
  for (const InventoryFile& file : inventory.files)
    files.push_back(json::object{
        {"name", file.name}, {"bytes", file.digest.bytes}, {"xxh3_128", file.digest.hash.hex()}});
  const json::object object{{"format", kFormat},
                            {"state_version", inventory.state_version},
                            {"shard", inventory.shard.value},
                            {"commit_sequence", inventory.sequence.value},
                            {"made_at", format_timestamp(inventory.made_at)},
                            {"files", std::move(files)}};
  std::string text = json::serialize(object) + "\n";
  return {name_of(inventory.sequence, hash128(text)), std::move(text)};
}

Result<Inventory> decode_inventory(const InventoryText& file) {
  const auto sequence = sequence_in_name(file.name);
  if (!sequence || file.name != name_of(*sequence, hash128(file.text)))
    return fail(ErrorCode::store_corrupt, "its bytes are not those that its name promises");
  std::optional<Inventory> inventory = parse_inventory(file.text);
  if (!inventory || inventory->sequence != *sequence)
    return fail(ErrorCode::store_corrupt, "this version cannot read it; a later one may have written it");
  return *std::move(inventory);
}

std::optional<CommitSequence> sequence_in_name(std::string_view inventory_name) {
  if (!inventory_name.ends_with(kExtension)) return std::nullopt;
  inventory_name.remove_suffix(kExtension.size());
  if (inventory_name.size() != kSequenceDigits + 33 || inventory_name[kSequenceDigits] != '-' ||
      !parse_hash(inventory_name.substr(kSequenceDigits + 1)))
    return std::nullopt;
  const auto number = parse_number<std::uint64_t>(inventory_name.substr(0, kSequenceDigits));
  return number ? std::optional(CommitSequence(*number)) : std::nullopt;
}

std::optional<FileDigest> digest_in_name(std::string_view stored_name) {
  const std::size_t hash_at = stored_name.rfind('-');
  if (hash_at == std::string_view::npos || hash_at == 0) return std::nullopt;
  const std::size_t bytes_at = stored_name.rfind('-', hash_at - 1);
  if (bytes_at == std::string_view::npos || bytes_at == 0) return std::nullopt;
  const auto bytes = parse_number<std::uint64_t>(stored_name.substr(bytes_at + 1, hash_at - bytes_at - 1));
  const auto hash = parse_hash(stored_name.substr(hash_at + 1));
  if (!bytes || !hash) return std::nullopt;
  return FileDigest{*bytes, *hash};
}

}  // namespace slipstream
