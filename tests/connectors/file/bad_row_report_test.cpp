#include "connectors/file/bad_row_report.h"

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::TemporaryFolder;
using testing::text_of_file;

constexpr std::string_view kHeader = "file,line,column,code,reason,row\n";

ReadRow bad_row(std::string_view text) {
  ReadRow row;
  row.place.line = 7;
  row.text = text;
  row.problem = RowProblem{ErrorCode::wrong_type, "weight", "\"a\" is not a number"};
  return row;
}

TEST(BadRowReport, a_bad_row_is_one_row_of_csv_whatever_its_bytes) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "bad.csv";
  auto report = *BadRowReport::open(path, 0);
  report.add("a,b.csv", bad_row("x,\"y\"\nz"));
  report.add("a", bad_row("\xff"
                          "A"));
  report.add("a", bad_row(std::string(kReportedRowBytesMax - 1, 'x') + "ệ"));
  ASSERT_TRUE(report.flush());
  const std::string reason = "weight,wrong_type,\"\"\"a\"\" is not a number\"";
  EXPECT_EQ(text_of_file(path), std::string(kHeader) + "\"a,b.csv\",7," + reason + ",\"x,\"\"y\"\"\nz\"\n" +
                                    "a,7," + reason + ",\\xffA\n" + "a,7," + reason + "," +
                                    std::string(kReportedRowBytesMax - 1, 'x') + "\n");
  EXPECT_EQ(report.bytes(), text_of_file(path).size());
}

TEST(BadRowReport, takes_the_place_of_another_report_and_of_nothing_else) {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data.csv";
  std::ofstream(data) << "case,due\nA,2026-01-01\n";
  const auto refused = BadRowReport::open(data, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::usage);
  EXPECT_EQ(text_of_file(data), "case,due\nA,2026-01-01\n");
  const auto report = folder.path() / "bad.csv";
  std::ofstream(report) << kHeader << "a,7,,wrong_type,,x\n";
  EXPECT_TRUE(BadRowReport::open(report, 0));
  EXPECT_EQ(text_of_file(report), kHeader);
}

TEST(BadRowReport, going_on_drops_what_was_written_after_the_kept_bytes) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "bad.csv";
  std::uint64_t keep = 0;
  {
    auto report = *BadRowReport::open(path, 0);
    report.add("a", bad_row("kept"));
    ASSERT_TRUE(report.flush());
    keep = report.bytes();
    report.add("a", bad_row("lost"));
    ASSERT_TRUE(report.flush());
  }
  auto report = *BadRowReport::open(path, keep);
  report.add("a", bad_row("new"));
  ASSERT_TRUE(report.flush());
  const std::string text = text_of_file(path);
  EXPECT_NE(text.find("kept"), std::string::npos);
  EXPECT_EQ(text.find("lost"), std::string::npos);
  EXPECT_NE(text.find("new"), std::string::npos);
}

TEST(BadRowReport, a_report_that_has_gone_begins_anew) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "bad.csv";
  ASSERT_TRUE(BadRowReport::open(path, 1000));
  EXPECT_EQ(text_of_file(path), kHeader);
}

TEST(BadRowReport, a_place_that_cannot_be_written_is_an_io_error) {
  EXPECT_EQ(BadRowReport::open("/nowhere/bad.csv", 0).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace slipstream
