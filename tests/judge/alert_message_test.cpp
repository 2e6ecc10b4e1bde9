#include "engine/judge/alert_message.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

namespace json = boost::json;

const Zone kAmsterdam = zone_named("Europe/Amsterdam");
const AlertMessageOptions kOptions{"/slipstream/permits", "https://figures.example.org", AlertEncoding::json};

AlertRecord record_of(AlertTransition transition, const AlertState& state, const AlertPlan& plan,
                      const KpiPlan& kpi) {
  describe(transition, state, {plan, kpi, kAmsterdam});
  transition.owner = "Buildings";
  transition.evidence = {{"case-10011/completed", {"events", Partition(2), Offset(1873)}}};
  return {std::move(transition), state, {412, 2, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
}

// The documentation's example: an alert of June 2011 fires after three days of red, and is acknowledged.
struct Example {
  KpiPlan kpi = kpi_with(Better::higher);
  AlertPlan plan = alert_with(days(3), days(1));
  AlertState state;
  AlertRecord fired, acknowledged;

  Example() {
    const Period june = period("2011-06-01", "2011-07-01", kAmsterdam);
    const ResolvedTarget target = target_of(june, 0, 80, TrajectoryKind::constant);
    state =
        new_alert(plan, {plan.name, kpi.name, "Buildings/Permits", june, "2011-06"}, "5d0e6c1f9a4b7723", "");
    const Timestamp red = instant("2011-06-13", kAmsterdam), fire = instant("2011-06-16", kAmsterdam);
    const auto judged = [&](Timestamp at) { return judge(kpi, &target, kAmsterdam, ratio(5600, 87), at); };
    advance(plan, state, Condition::holds, judged(red), red);
    const auto firing = advance(plan, state, Condition::holds, judged(fire), fire);
    fired = record_of(firing.front(), state, plan, kpi);
    const Timestamp seen = instant("2011-06-16 09:12", kAmsterdam);
    const auto noted =
        acknowledge(state, {seen, "Nguyễn An", "two more reviewers from Monday", seen + days(7)});
    acknowledged = record_of(noted.front(), state, plan, kpi);
  }
};

std::string header(const AlertMessage& message, std::string_view name) {
  for (const Header& h : message.headers)
    if (h.name == name) return h.value;
  return "(absent)";
}

// The fenced JSON block of docs/alerts.md after `<!-- sample: NAME -->`.
json::value documented(const std::string& name) {
  std::ifstream file(std::string(SLIPSTREAM_SOURCE_DIR) + "/docs/alerts.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::string fence = "```json\n";
  const std::size_t marker = page.find("<!-- sample: " + name + " -->");
  if (marker == std::string::npos) return {};
  const std::size_t begin = page.find(fence, marker) + fence.size();
  return json::parse(page.substr(begin, page.find("```", begin) - begin));
}

json::value headers_of(const AlertMessage& message) {
  json::object headers;
  for (const Header& h : message.headers)
    headers[h.name] = h.value;
  return headers;
}

TEST(AlertDocumentation, ShowsExactlyWhatTheCodePrints) {
  const Example example;
  const AlertMessage transition = transition_message(example.fired, kOptions);
  const AlertMessage state = state_message(example.acknowledged, kOptions);
  EXPECT_EQ(json::serialize(documented("headers")), json::serialize(headers_of(transition)));
  EXPECT_EQ(json::serialize(documented("transition")), transition.value);
  EXPECT_EQ(json::serialize(documented("state")), state.value);
}

TEST(TransitionMessage, IsACloudEventThatAReplayWouldRepeat) {
  const Example example, again;
  const AlertMessage message = transition_message(example.fired, kOptions);
  EXPECT_EQ(message.key, example.state.id);
  EXPECT_EQ(header(message, "ce_id"), example.state.id + "/2");
  EXPECT_EQ(header(message, "ce_type"), "alert.transitioned");
  EXPECT_EQ(header(message, "ce_time"), "2011-06-15T22:00:00Z");
  EXPECT_EQ(header(message, "content-type"), "application/json");
  EXPECT_EQ(message.timestamp, instant("2011-06-16", kAmsterdam));
  EXPECT_EQ(message.value, transition_message(again.fired, kOptions).value);
  EXPECT_EQ(message.headers, transition_message(again.fired, kOptions).headers);
}

TEST(TransitionMessage, NamesAPersonsActByItsType) {
  const Example example;
  const AlertMessage message = transition_message(example.acknowledged, kOptions);
  EXPECT_EQ(header(message, "ce_type"), "alert.acknowledged");
  const json::object body = json::parse(message.value).as_object();
  EXPECT_EQ(body.at("actor"), "Nguyễn An");
  EXPECT_EQ(body.at("from"), "firing");
  EXPECT_EQ(body.at("to"), "firing");
}

TEST(TransitionMessage, EndsForAlertmanagerWhenTheAlertEnds) {
  Example example;
  const Timestamp end = instant("2011-07-01", kAmsterdam);
  const auto ended = expire(example.state, Judgement{}, end);
  const AlertRecord record = record_of(ended.front(), example.state, example.plan, example.kpi);
  const json::object body = json::parse(transition_message(record, kOptions).value).as_object();
  EXPECT_EQ(body.at("status"), "resolved");
  EXPECT_EQ(body.at("to"), "expired");
  EXPECT_EQ(body.at("startsAt"), "2011-06-15T22:00:00Z");
  EXPECT_EQ(body.at("endsAt"), "2011-06-30T22:00:00Z");
  EXPECT_TRUE(body.at("value").is_null());
  EXPECT_TRUE(body.at("exact").at("value").is_null());
}

TEST(TransitionMessage, LetsNoLabelOfARulePassForItsIdentity) {
  Example example;
  example.fired.state.labels["alertname"] = "another";
  example.fired.state.labels["node"] = "elsewhere";
  const json::object body = json::parse(transition_message(example.fired, kOptions).value).as_object();
  EXPECT_EQ(body.at("labels").at("alertname"), "permits_slipping");
  EXPECT_EQ(body.at("labels").at("node"), "Buildings/Permits");
  EXPECT_EQ(body.at("labels").at("team"), "permits");
}

TEST(TransitionMessage, InFlatBuffersIsTheJournalsRecord) {
  const Example example;
  AlertMessageOptions options = kOptions;
  options.encoding = AlertEncoding::flatbuffers;
  for (const AlertMessage& message :
       {transition_message(example.fired, options), state_message(example.fired, options)}) {
    EXPECT_EQ(header(message, "content-type"), "application/x-flatbuffers");
    const auto read = read_alert_record(message.value);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, example.fired);
  }
}

TEST(StateMessage, IsKeyedByTheAlertSoThatTheTopicKeepsTheLatest) {
  const Example example;
  const AlertMessage message = state_message(example.acknowledged, kOptions);
  EXPECT_EQ(message.key, example.state.id);
  EXPECT_EQ(header(message, "ce_type"), "alert.state");
  const json::object body = json::parse(message.value).as_object();
  EXPECT_EQ(body.at("phase"), "firing");
  EXPECT_EQ(body.at("acknowledged").at("actor"), "Nguyễn An");
}

TEST(Messages, WithoutAConsoleOrATraceLeaveTheirLinksOut) {
  Example example;
  example.fired.origin.traceparent.clear();
  const AlertMessage message = transition_message(example.fired, {});
  EXPECT_EQ(header(message, "ce_traceparent"), "(absent)");
  EXPECT_EQ(json::parse(message.value).as_object().at("generatorURL"), "");
}

}  // namespace
}  // namespace slipstream
