#include "engine/judge/alert_text.h"

#include <functional>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

const Zone kSaigon = zone_named("Asia/Ho_Chi_Minh");
const Period kJune = period("2026-06-01", "2026-07-01", kSaigon);

struct Scene {
  KpiPlan kpi = kpi_with(Better::higher);
  AlertPlan plan = alert_with(days(3), days(1));
  ResolvedTarget target = target_of(kJune, 0, 80, TrajectoryKind::constant);
  AlertState state = new_alert(plan, {plan.name, kpi.name, "Sở Xây dựng", kJune, "2026-06"}, "v1", "");

  Judgement judged(std::optional<Rational> value, Timestamp at) const {
    return judge(kpi, &target, kSaigon, value, at);
  }
  // The sentences of the one transition that `change` makes.
  AlertTransition described(const std::function<std::vector<AlertTransition>()>& change) {
    std::vector<AlertTransition> transitions = change();
    EXPECT_EQ(transitions.size(), 1U);
    if (transitions.empty()) return {};
    describe(transitions.front(), state, {plan, kpi, kSaigon});
    return transitions.front();
  }
  AlertTransition step(Condition condition, std::optional<Rational> value, const char* at) {
    const Timestamp now = instant(at, kSaigon);
    return described([&] { return advance(plan, state, condition, judged(value, now), now); });
  }
};

TEST(Sentences, TellTheWholeLifeOfAnAlert) {
  Scene scene;
  AlertTransition said = scene.step(Condition::holds, ratio(5600, 87), "2026-06-10 08:30");
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: On-time rate of Sở Xây dựng for 2026-06 is 64.37%, 15.63 percentage points "
            "below the target of 80%. If this lasts, an alert will be raised on 2026-06-13 at 08:30.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Tỷ lệ đúng hạn của Sở Xây dựng kỳ 2026-06 ở mức 64,37%, thấp hơn chỉ "
            "tiêu 80% là 15,63 điểm phần trăm. Nếu tình trạng này kéo dài, cảnh báo sẽ được phát lúc 08:30 "
            "ngày 13/06/2026.");
  said = scene.step(Condition::holds, ratio(5600, 87), "2026-06-13 08:30");
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: On-time rate of Sở Xây dựng for 2026-06 is 64.37%, 15.63 percentage points "
            "below the target of 80%.");
  said = scene.step(Condition::clear, 82, "2026-06-20 09:00:05");
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: On-time rate of Sở Xây dựng for 2026-06 is 82%, 2 percentage points above the "
            "target of 80%. The alert's condition no longer holds; if this lasts, the alert will be resolved "
            "on 2026-06-21 at 09:00:05.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Tỷ lệ đúng hạn của Sở Xây dựng kỳ 2026-06 ở mức 82%, cao hơn chỉ tiêu "
            "80% là 2 điểm phần trăm. Điều kiện cảnh báo không còn; nếu được duy trì, cảnh báo sẽ kết thúc "
            "lúc 09:00:05 ngày 21/06/2026.");
  said = scene.step(Condition::clear, 80, "2026-06-22");
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: On-time rate of Sở Xây dựng for 2026-06 is 80%, equal to the target of 80%. "
            "The alert raised on 2026-06-13 at 08:30 is resolved.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Tỷ lệ đúng hạn của Sở Xây dựng kỳ 2026-06 ở mức 80%, đúng bằng chỉ tiêu "
            "80%. Cảnh báo phát lúc 08:30 ngày 13/06/2026 đã được khắc phục.");
}

TEST(Sentences, SayWhatElseMayBecomeOfAnAlert) {
  Scene scene;
  scene.step(Condition::holds, 64, "2026-06-10");
  AlertTransition said = scene.step(Condition::clear, 81, "2026-06-11");
  EXPECT_TRUE(said.sentence_en.ends_with(" The condition no longer holds and no alert was raised."));
  EXPECT_TRUE(said.sentence_vi.ends_with(" Điều kiện cảnh báo không còn, cảnh báo không được phát."));
  scene.plan.for_duration = {};
  scene.step(Condition::holds, 64, "2026-06-12");
  scene.step(Condition::clear, 81, "2026-06-13");
  said = scene.step(Condition::holds, 64, "2026-06-13 12:00");
  EXPECT_TRUE(said.sentence_en.ends_with(" The alert had begun to recover; its condition holds again."));
  EXPECT_TRUE(said.sentence_vi.ends_with(
      " Tình hình đã có dấu hiệu phục hồi nhưng điều kiện cảnh báo lại xuất hiện."));
  Scene replaced = scene;
  const Timestamp now = instant("2026-06-14", kSaigon);
  said =
      replaced.described([&] { return supersede(replaced.state, replaced.judged(64, now), "v2", "", now); });
  EXPECT_TRUE(
      said.sentence_en.ends_with(" The alert is withdrawn because its target or definition has changed."));
  EXPECT_TRUE(said.sentence_vi.ends_with(" Cảnh báo được hủy bỏ do chỉ tiêu hoặc định nghĩa đã thay đổi."));
  said =
      scene.described([&] { return expire(scene.state, scene.judged(std::nullopt, kJune.end), kJune.end); });
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: On-time rate of Sở Xây dựng for 2026-06 has no data (target 80% by "
            "2026-06-30). The alert has ended with its period.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Tỷ lệ đúng hạn của Sở Xây dựng kỳ 2026-06 chưa có số liệu (chỉ tiêu 80% "
            "đến hết ngày 30/06/2026). Cảnh báo hết hiệu lực do đã hết kỳ đánh giá.");
}

TEST(Sentences, ForetellWhereAGrowingFigureWillEnd) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.kpi.unit = "hồ sơ";
  scene.kpi.title = {"Files settled", "Số hồ sơ giải quyết"};
  scene.target = target_of(kJune, 0, 12000);
  const AlertTransition said = scene.step(Condition::holds, 1500, "2026-06-11");
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: Files settled of Sở Xây dựng for 2026-06 is 1,500 hồ sơ, 2,500 hồ sơ below "
            "the expected 4,000 hồ sơ (target 12,000 hồ sơ by 2026-06-30). At this pace the period will end "
            "at 4,500 hồ sơ.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Số hồ sơ giải quyết của Sở Xây dựng kỳ 2026-06 ở mức 1.500 hồ sơ, thấp "
            "hơn mức kỳ vọng 4.000 hồ sơ là 2.500 hồ sơ (chỉ tiêu 12.000 hồ sơ đến hết ngày 30/06/2026). Với "
            "tiến độ hiện tại, dự báo đến cuối kỳ ở mức 4.500 hồ sơ.");
}

TEST(Sentences, TellWhoDidWhat) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.step(Condition::holds, 64, "2026-06-10");
  const Timestamp at = instant("2026-06-10 10:00", kSaigon);
  AlertTransition said = scene.described(
      [&] { return acknowledge(scene.state, {at, "Nguyễn An", "đã giao bổ sung cán bộ", at + days(5)}); });
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: Nguyễn An has acknowledged the alert on On-time rate of Sở Xây dựng for "
            "2026-06, to be followed up on 2026-06-15: đã giao bổ sung cán bộ.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Nguyễn An đã tiếp nhận cảnh báo về Tỷ lệ đúng hạn của Sở Xây dựng kỳ "
            "2026-06, hẹn theo dõi lại ngày 15/06/2026: đã giao bổ sung cán bộ.");
  said = scene.described([&] { return silence(scene.state, {at, at + hours(12), "", ""}); });
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: Someone has silenced the alert on On-time rate of Sở Xây dựng for 2026-06 "
            "until 2026-06-10 at 22:00.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Người dùng đã tạm dừng thông báo của cảnh báo về Tỷ lệ đúng hạn của Sở "
            "Xây dựng kỳ 2026-06 đến 22:00 ngày 10/06/2026.");
  said = scene.described([&] { return silence(scene.state, {at, at, "Nguyễn An", ""}); });
  EXPECT_EQ(said.sentence_en,
            "Permits slipping: Nguyễn An has lifted the silence of the alert on On-time rate of Sở Xây dựng "
            "for 2026-06.");
  EXPECT_EQ(said.sentence_vi,
            "Cấp phép chậm tiến độ: Nguyễn An đã bật lại thông báo của cảnh báo về Tỷ lệ đúng hạn của Sở Xây "
            "dựng kỳ 2026-06.");
}

TEST(Sentences, NameTheDayThatWasNamedForAFollowUp) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.step(Condition::holds, 64, "2026-06-10");
  // "2026-06-15" as a deadline: the midnight after it.
  const Timestamp at = instant("2026-06-10 10:00", kSaigon), until = instant("2026-06-16", kSaigon);
  const AlertTransition said =
      scene.described([&] { return acknowledge(scene.state, {at, "Nguyễn An", "", until}); });
  EXPECT_TRUE(said.sentence_en.ends_with(", to be followed up on 2026-06-15.")) << said.sentence_en;
  EXPECT_TRUE(said.sentence_vi.ends_with(", hẹn theo dõi lại ngày 15/06/2026.")) << said.sentence_vi;
}

TEST(Sentences, FallBackOnTheOtherLanguageTheNameAndTheDates) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.plan.title = {};
  scene.kpi.title = {"", "Tỷ lệ đúng hạn"};
  scene.kpi.unit = "";
  scene.state = new_alert(scene.plan, {scene.plan.name, scene.kpi.name, "", kJune, ""}, "v1", "");
  scene.target.trajectory.kind = TrajectoryKind::constant;
  const AlertTransition said = scene.step(Condition::holds, ratio(-1, 1000), "2026-06-10");
  EXPECT_EQ(said.sentence_en,
            "permits_slipping: Tỷ lệ đúng hạn of the whole organisation from 2026-06-01 to 2026-06-30 is 0, "
            "80 below the target of 80.");
  EXPECT_EQ(said.sentence_vi,
            "permits_slipping: Tỷ lệ đúng hạn của toàn tổ chức từ ngày 01/06/2026 đến ngày 30/06/2026 ở mức "
            "0, thấp hơn chỉ tiêu 80 là 80.");
}

TEST(Sentences, TellAPeriodOfDatesAsASpan) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.state =
      new_alert(scene.plan, {scene.plan.name, scene.kpi.name, "A", kJune, "2026-06-01/2026-06-30"}, "v1", "");
  const AlertTransition said = scene.step(Condition::holds, 64, "2026-06-10");
  EXPECT_NE(said.sentence_en.find("On-time rate of A from 2026-06-01 to 2026-06-30 is"), std::string::npos)
      << said.sentence_en;
  EXPECT_NE(said.sentence_vi.find("Tỷ lệ đúng hạn của A từ ngày 01/06/2026 đến ngày 30/06/2026 ở mức"),
            std::string::npos)
      << said.sentence_vi;
}

TEST(Sentences, NameOnlyTheEndOfAPeriodWithoutABeginning) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.state = new_alert(
      scene.plan, {scene.plan.name, scene.kpi.name, "A", {Timestamp::min(), kJune.end}, ""}, "v1", "");
  const AlertTransition said = scene.step(Condition::holds, 64, "2026-06-10");
  EXPECT_NE(said.sentence_en.find("On-time rate of A until 2026-06-30 is"), std::string::npos);
  EXPECT_NE(said.sentence_vi.find("Tỷ lệ đúng hạn của A tính đến hết ngày 30/06/2026 ở mức"),
            std::string::npos);
}

TEST(Sentences, RoundHalfToEvenAtThePrecisionOfTheKpi) {
  Scene scene;
  scene.plan.for_duration = {};
  scene.kpi.precision = 1;
  scene.target.target = ratio(805, 10);
  const AlertTransition said = scene.step(Condition::holds, ratio(6425, 100), "2026-06-10");
  EXPECT_NE(said.sentence_en.find(" is 64.2%, 16.2 percentage points below the target of 80.5%"),
            std::string::npos)
      << said.sentence_en;
}

}  // namespace
}  // namespace slipstream
