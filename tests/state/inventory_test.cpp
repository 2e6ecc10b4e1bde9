#include "engine/state/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipstream {
namespace {

const Inventory kInventory{"0123456789abcdef",
                           Partition(3),
                           CommitSequence(42),
                           Timestamp{1'750'000'000'000'000},
                           {{"000012.sst", {100, {1, 2}}}, {"CURRENT", {16, {3, 4}}}}};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

// The name that such a text has.
InventoryText named(const std::string& text) {
  return {"00000000000000000042-" + hash128(text).hex() + ".json", text};
}

TEST(Inventory, SurvivesWritingAndReading) {
  const InventoryText written = encode_inventory(kInventory);
  EXPECT_EQ(written.name, named(written.text).name);
  const auto read = decode_inventory(written);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, kInventory);
  EXPECT_EQ(read->bytes(), 116U);
  EXPECT_EQ(sequence_in_name(written.name), CommitSequence(42));
}

TEST(Inventory, ANameOfAFileTellsWhatItHolds) {
  const InventoryFile file{"MANIFEST-000005", {77, {5, 6}}};
  EXPECT_EQ(file.stored_name(), "MANIFEST-000005-77-00000000000000050000000000000006");
  EXPECT_EQ(digest_in_name(file.stored_name()), file.digest);
  for (const char* other : {"", "-", "--", "a-7-00000000000000050000000000000006.partial", "a-x-0", "a-1-0",
                            "-1-00000000000000050000000000000006"})
    EXPECT_FALSE(digest_in_name(other)) << other;
}

TEST(Inventory, OtherNamesAreNoInventories) {
  const std::string name = encode_inventory(kInventory).name;
  for (const std::string& other : {std::string(), name + ".partial", "x" + name, name.substr(1),
                                   replaced(name, "-", "_"), replaced(name, "0000", "000x")})
    EXPECT_FALSE(sequence_in_name(other)) << other;
}

TEST(Inventory, WhatItsNameDoesNotPromiseIsRefused) {
  InventoryText written = encode_inventory(kInventory);
  written.text = replaced(written.text, "\"bytes\":100", "\"bytes\":101");
  EXPECT_EQ(decode_inventory(written).error().code, ErrorCode::store_corrupt);
  EXPECT_TRUE(decode_inventory(named(written.text)));
}

TEST(Inventory, WhatCannotBeUnderstoodIsRefused) {
  const std::string text = encode_inventory(kInventory).text;
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"{", "["},
           {"\"format\":1", "\"format\":2"},
           {"\"shard\"", "\"chard\""},
           {"\"commit_sequence\":42", "\"commit_sequence\":41"},
           {"\"commit_sequence\":42", "\"commit_sequence\":\"42\""},
           {"2025", "20x5"},
           {"\"000012.sst\"", "\"../000012.sst\""},
           {"\"000012.sst\"", "\"..\""},
           {"\"000012.sst\"", "\"\""},
           {"00000000000000010000000000000002", "1"},
           {"\"bytes\":100", "\"bytes\":-1"}}) {
    const auto read = decode_inventory(named(replaced(text, what, by)));
    ASSERT_FALSE(read) << what << " " << by;
    EXPECT_EQ(read.error().code, ErrorCode::store_corrupt);
  }
}

}  // namespace
}  // namespace slipstream
