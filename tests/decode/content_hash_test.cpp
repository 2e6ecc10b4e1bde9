#include "engine/decode/content_hash.h"

#include <gtest/gtest.h>

#include "tests/decode/decode_fixture.h"

namespace slipstream::test {
namespace {

std::uint64_t hash_of(std::string_view type, std::string_view data, std::string_view envelope = {}) {
  std::string json = json_event(type, data);
  json.insert(1, envelope);
  Decoder decoder = make_decoder();
  Event event;
  const OwnedRecord record = record_of(json);
  EXPECT_EQ(outcome(decoder, record, event), "ok") << json;
  return content_hash(event);
}

constexpr std::string_view kType = "task.completed";
constexpr std::string_view kData = R"({"task":"T","note":"n","a":1,"b":"x"})";

// Stored with entities: a change of these numbers is a change of format.
TEST(ContentHash, IsFixedForEver) {
  EXPECT_EQ(hash_of(kType, kData), 17595996703275431744U);
  EXPECT_EQ(hash_of("observation", R"({"metric":"m","node":"n/o","value":-12.5,"sequence":7})"),
            17411047794108305086U);
}

TEST(ContentHash, DoesNotDependOnHowTheSameIsWritten) {
  const std::uint64_t hash = hash_of(kType, kData);
  EXPECT_EQ(hash_of(kType, R"({ "b":"\u0078", "note":"n", "task":"T", "a":1.0 })"), hash);
  EXPECT_EQ(
      hash_of(kType,
              R"({"task":"T","note":"n","a":1,"b":"x","c":null,"effective_at":"2026-03-01T09:00:00+01:00"})"),
      hash);
  EXPECT_EQ(hash_of("vn.gov.task.completed", kData), hash);
}

TEST(ContentHash, DoesNotDependOnIdSourceAndTrace) {
  const auto at = [](std::string_view id, std::string_view source) {
    Decoder decoder = make_decoder();
    Event event;
    const OwnedRecord record = record_of(
        R"({"specversion":"1.0","id":")" + std::string(id) + R"(","source":")" + std::string(source) +
        R"(","type":"task.completed","subject":"T","time":"2026-03-01T08:00:00Z"})");
    EXPECT_EQ(outcome(decoder, record, event), "ok");
    return content_hash(event);
  };
  EXPECT_EQ(at("e1", "/a"), at("e2", "/b"));
  EXPECT_EQ(
      hash_of(kType, kData, R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"),
      hash_of(kType, kData));
}

TEST(ContentHash, ChangesWithEachPartOfTheContent) {
  const std::uint64_t hash = hash_of(kType, kData);
  EXPECT_NE(hash_of("task.reopened", R"({"task":"T","a":1,"b":"x"})"),
            hash_of(kType, R"({"task":"T","a":1,"b":"x"})"));
  for (const char* data : {
           R"({"task":"U","note":"n","a":1,"b":"x"})",
           R"({"task":"T","note":"m","a":1,"b":"x"})",
           R"({"task":"T","a":1,"b":"x"})",
           R"({"task":"T","note":"n","a":2,"b":"x"})",
           R"({"task":"T","note":"n","a":"1","b":"x"})",
           R"({"task":"T","note":"n","a":true,"b":"x"})",
           R"({"task":"T","note":"n","a":1,"c":"x"})",
           R"({"task":"T","note":"n","a":1})",
           R"({"task":"T","note":"n","a":1,"b":"x","actor":"p"})",
           R"({"task":"T","note":"n","a":1,"b":"x","supersedes":"p"})",
           R"({"task":"T","note":"n","a":1,"b":"x","entity_version":0})",
           R"({"task":"T","note":"n","a":1,"b":"x","effective_at":"2026-03-01T08:00:01Z"})",
           R"({"task":"T","note":"n","a":1,"b":"x","recorded_at":"2026-03-01T08:00:01Z"})",
       })
    EXPECT_NE(hash_of(kType, data), hash) << data;
}

}  // namespace
}  // namespace slipstream::test
