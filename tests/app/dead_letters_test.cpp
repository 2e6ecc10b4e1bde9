// A refused record is kept with its reason, and goes back once after a fix.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class DeadLetterCommandTest : public TaskCommandTest {
 protected:
  DeadLetterCommandTest() {
    // The fee of t1 is a text that no decimal is: whether that matters is up to the definitions.
    write("letters.csv",
          "task,unit,person,assigned,due,completed,fee\nt1,Roads,An,2025-01-02,2025-01-10,,much\nt2,Roads,An,"
          "2025-01-02,2025-01-10,,3\n");
  }
  void import_letters() const {
    const Ran imported = run(std::string("import letters.csv --mapping mapping.yaml") + kHere);
    ASSERT_EQ(imported.code, 0) << imported.err;
    catch_up();
  }
};

TEST_F(DeadLetterCommandTest, ARefusedRecordIsShownWithItsReasonAndBytes) {
  import_letters();
  const auto letters = ask("dlq list").at("dead_letters").as_array();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters.at(0).at("code"), "wrong_type");
  EXPECT_EQ(letters.at(0).at("topic"), "events");
  EXPECT_EQ(ask("dlq list --code wrong_type").at("dead_letters").as_array().size(), 1u);
  EXPECT_EQ(ask("dlq list --code unknown_node").at("dead_letters").as_array().size(), 0u);
  const auto shown = ask(fmt::format("dlq show {}", letters.at(0).at("offset").as_int64()));
  EXPECT_EQ(shown.at("code"), "wrong_type");
  EXPECT_NE(text(shown.at("value")).find("much"), std::string::npos);
}

TEST_F(DeadLetterCommandTest, AReplayedRecordCountsAfterTheFixAndIsNotReplayedTwice) {
  import_letters();
  EXPECT_EQ(ask("query delivery --node city").at("rows").as_array().at(0).at("due"), 1);
  std::string repaired = read(path("tasks.yaml"));
  repaired.replace(repaired.find("fee: decimal"), 12, "fee: text   ");
  repaired.replace(repaired.find("fees: sum(fee)"), 14, "fees: max(fee)");
  write("tasks.yaml", repaired);
  catch_up();  // what was refused stays so until it is replayed
  EXPECT_EQ(ask("query delivery --node city").at("rows").as_array().at(0).at("due"), 1);
  const auto first = ask("dlq replay").at("replay").as_array().at(0).as_object();
  EXPECT_EQ(first.at("replayed"), 1);
  const auto second = ask("dlq replay").at("replay").as_array().at(0).as_object();
  EXPECT_EQ(second.at("replayed"), 0);
  EXPECT_EQ(second.at("replayed_before"), 1);
  EXPECT_EQ(ask("dlq list").at("dead_letters").as_array().at(0).at("replayed"), true);
  catch_up();
  EXPECT_EQ(ask("query delivery --node city").at("rows").as_array().at(0).at("due"), 2);
  EXPECT_EQ(ask("dlq replay --again").at("replay").as_array().at(0).at("replayed"), 1);
  catch_up();
  EXPECT_EQ(ask("query delivery --node city").at("rows").as_array().at(0).at("due"), 2);
  EXPECT_EQ(ask("check").at("different"), 0);
}

}  // namespace
}  // namespace slipstream
