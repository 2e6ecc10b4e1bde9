// What instances ask one another to read shards they do not run, in bytes (engine/base/encoding.h): the bodies of POST
// requests and of their answers. Only instances of one engine version and one version of the definitions understand each
// other; the first question makes sure of both.
//
//   newest  asked: string plan version, string state version, varint count, varint shard each
//           answered, for each: u8 0, or u8 1, u8 caught up, string commit note
//   get     asked: varint shard, u64 commit, u8 family, varint count, string key each
//           answered, for each: u8 0, or u8 1, string value
//   scan    asked: varint shard, u64 commit, u8 family, string from, string to, varint bytes wanted
//           answered: (u8 1, string key, string value) each, then u8 0: that is all, or u8 2: there is more
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/state/store.h"

namespace slipstream {

inline constexpr std::string_view kNewestPath = "newest";
inline constexpr std::string_view kGetPath = "get";
inline constexpr std::string_view kScanPath = "scan";

inline constexpr int kOtherDefinitionsStatus = 409;
inline constexpr int kNotHeldStatus = 410;  // the commit is not read here any more, or the shard has gone

inline constexpr std::size_t kScanBytesMax = std::size_t{1} << 20;  // of one answer, about
inline constexpr std::size_t kKeysMax = 10'000;  // of one question: a body of 10 MiB holds them

enum class Item : std::uint8_t { none = 0, here = 1, more = 2 };

struct NewestQuestion {
  std::string plan_version, state_version;
  std::vector<Partition> shards;
};

// Which commit of which shard, and which of its families.
struct PlaceOfRead {
  Partition shard;
  CommitSequence commit;
  Family family = Family::meta;
};

struct GetQuestion {
  PlaceOfRead place;
  std::vector<std::string> keys;
};

struct ScanQuestion {
  PlaceOfRead place;
  std::string from, to;
  std::size_t bytes = 0;
};

std::string encode(const NewestQuestion& question);
std::string encode(const GetQuestion& question);
std::string encode(const ScanQuestion& question);
// Errors: malformed_record.
Result<NewestQuestion> decode_newest(std::string_view bytes);
Result<GetQuestion> decode_get(std::string_view bytes);
Result<ScanQuestion> decode_scan(std::string_view bytes);

}  // namespace slipstream
