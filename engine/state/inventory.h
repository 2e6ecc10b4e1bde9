// The inventory of a checkpoint in the backup directory: which files it consists of. It is written last, so a
// checkpoint whose inventory is in place is whole.
//
// An inventory is JSON, for people and jq. Its own name holds its checksum, as do the names of the files it
// lists, so that nothing is needed beside a file to tell whether it is damaged:
//   <commit sequence, 20 digits>-<hash>.json     an inventory
//   <name in the store>-<bytes>-<hash>           a file; equal names, equal bytes, whoever wrote it
// Hashes are XXH3, 128 bits, 32 hex digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/state/durable_file.h"

namespace slipstream {

struct InventoryFile {
  std::string name;  // in the store's directory
  FileDigest digest;
  std::string stored_name() const;
  friend bool operator==(const InventoryFile&, const InventoryFile&) = default;
};

struct Inventory {
  std::string state_version;
  Partition shard;
  CommitSequence sequence;  // of the last commit that the checkpoint contains
  Timestamp made_at;        // by the machine's clock; for people
  std::vector<InventoryFile> files;

  std::uint64_t bytes() const;
  friend bool operator==(const Inventory&, const Inventory&) = default;
};

struct InventoryText {
  std::string name;
  std::string text;
};
InventoryText encode_inventory(const Inventory& inventory);
// Error store_corrupt: not what the name promises, or nothing that this version can read.
Result<Inventory> decode_inventory(const InventoryText& file);

// What the name of an inventory says; nullopt: that is no inventory's name.
std::optional<CommitSequence> sequence_in_name(std::string_view inventory_name);
// What the name of a stored file promises; nullopt: that is no stored file's name.
std::optional<FileDigest> digest_in_name(std::string_view stored_name);

}  // namespace slipstream
