#include "connectors/file/import_ledger.h"

#include "import_fixture.h"

namespace slipstream {
namespace {

LedgerEntry example() {
  LedgerEntry entry;
  entry.done = true;
  entry.rows = 1'000'000'000'000;
  entry.bad = 2;
  entry.skipped = 3;
  entry.events = 4;
  entry.next = {5, 6};
  entry.report_bytes = 7;
  entry.at = testing::kNow;
  entry.file = "dữ liệu/a.csv";
  return entry;
}

TEST(ImportLedger, an_entry_is_read_back_as_written) {
  const auto entry = decode_ledger_entry(encode_ledger_entry(example()));
  ASSERT_TRUE(entry);
  EXPECT_EQ(*entry, example());
}

TEST(ImportLedger, bytes_of_another_version_or_cut_ones_are_refused) {
  const std::string bytes = encode_ledger_entry(example());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(decode_ledger_entry(bytes.substr(0, length)).error().code, ErrorCode::store_corrupt);
  EXPECT_EQ(decode_ledger_entry(bytes + "x").error().code, ErrorCode::store_corrupt);
  EXPECT_EQ(decode_ledger_entry("\x02" + bytes.substr(1)).error().code, ErrorCode::store_corrupt);
}

TEST(ImportLedger, the_key_tells_source_content_mapping_and_lookups_apart) {
  const Hash128 a{1, 2}, b{3, 4};
  const std::string key = ledger_key("s", a, a, a);
  EXPECT_EQ(key.size(), 32U);
  EXPECT_NE(key, ledger_key("t", a, a, a));
  EXPECT_NE(key, ledger_key("s", b, a, a));
  EXPECT_NE(key, ledger_key("s", a, b, a));
  EXPECT_NE(key, ledger_key("s", a, a, b));
  EXPECT_EQ(key, ledger_key("s", a, a, a));
}

TEST(ImportLedger, the_newest_entry_of_a_key_counts_and_a_tombstone_forgets_it) {
  MemoryLog log;
  ASSERT_TRUE(log.create_topic({"imports", 1, Cleanup::compact, {}, {}}));
  const auto put = [&](const std::string& key, std::optional<std::string> value) {
    const std::vector<OutputRecord> records = {
        {"imports", Partition{0}, key, std::move(value), {}, testing::kNow}};
    ASSERT_TRUE(log.append(records));
  };
  EXPECT_EQ(*find_ledger_entry(log, "imports", "k"), std::nullopt);
  put("k", encode_ledger_entry(LedgerEntry{}));
  put("k", encode_ledger_entry(example()));
  put("other", encode_ledger_entry(LedgerEntry{}));
  EXPECT_EQ(*find_ledger_entry(log, "imports", "k"), example());
  put("k", std::nullopt);
  EXPECT_EQ(*find_ledger_entry(log, "imports", "k"), std::nullopt);
}

}  // namespace
}  // namespace slipstream
