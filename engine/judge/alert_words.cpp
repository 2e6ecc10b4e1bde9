#include "engine/judge/alert_words.h"

#include <fmt/format.h>

#include <string_view>

namespace slipstream {
namespace {

// "-1234567.50" -> "-1,234,567.5" with the language's marks.
std::string format_number(const Rational& value, int precision, char group, char point) {
  std::string text = format_rational(value, precision);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  const bool negative = text.front() == '-';
  if (negative) text.erase(0, 1);
  const std::size_t whole = std::min(text.find('.'), text.size());
  std::string result;
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) result += group;
    result += text[i];
  }
  if (whole < text.size()) result += point + text.substr(whole + 1);
  return negative && result != "0" ? "-" + result : result;
}

bool is_percent(std::string_view unit) { return unit == "percent" || unit == "%"; }

std::string with_unit(std::string number, const std::string& unit) {
  return unit.empty() ? number : number + " " + unit;
}

class English final : public Words {
 public:
  std::string number(const Rational& value, int precision) const override {
    return format_number(value, precision, ',', '.');
  }
  std::string date(CivilDate date) const override { return format_date(date); }
  std::string moment(const std::string& date, const std::string& time) const override {
    return fmt::format("{} at {}", date, time);
  }
  std::string percentage_points() const override { return "percentage points"; }

  std::string title(const Title& title, const std::string& name) const override {
    return !title.en.empty() ? title.en : !title.vi.empty() ? title.vi : name;
  }
  std::string root() const override { return "the whole organisation"; }
  std::string someone() const override { return "Someone"; }
  std::string labelled(const std::string& period) const override { return "for " + period; }
  std::string until(const std::string& last_day) const override { return "until " + last_day; }
  std::string span(const std::string& first_day, const std::string& last_day) const override {
    return fmt::format("from {} to {}", first_day, last_day);
  }
  std::string subject(const std::string& title, const std::string& node,
                      const std::string& period) const override {
    return fmt::format("{} of {} {}", title, node, period);
  }

  std::string is(const std::string& value) const override { return "is " + value; }
  std::string no_data() const override { return "has no data"; }
  std::string the_expected(const std::string& value) const override { return "the expected " + value; }
  std::string the_target(const std::string& value) const override { return "the target of " + value; }
  std::string compared(int sign, const std::string& difference, const std::string& reference) const override {
    if (sign == 0) return ", equal to " + reference;
    return fmt::format(", {} {} {}", difference, sign < 0 ? "below" : "above", reference);
  }
  std::string target(const std::string& target, const std::string& last_day) const override {
    return fmt::format(" (target {} by {})", target, last_day);
  }
  std::string forecast(const std::string& value) const override {
    return fmt::format(" At this pace the period will end at {}.", value);
  }

  std::string pending(const std::string& deadline) const override {
    return fmt::format(" If this lasts, an alert will be raised on {}.", deadline);
  }
  std::string again() const override { return " The alert had begun to recover; its condition holds again."; }
  std::string recovering(const std::string& deadline) const override {
    return fmt::format(
        " The alert's condition no longer holds; if this lasts, the alert will be resolved on {}.", deadline);
  }
  std::string resolved(const std::string& fired) const override {
    return fmt::format(" The alert raised on {} is resolved.", fired);
  }
  std::string not_raised() const override {
    return " The condition no longer holds and no alert was raised.";
  }
  std::string superseded() const override {
    return " The alert is withdrawn because its target or definition has changed.";
  }
  std::string expired() const override { return " The alert has ended with its period."; }

  std::string acknowledged(const std::string& actor, const std::string& subject) const override {
    return fmt::format("{} has acknowledged the alert on {}", actor, subject);
  }
  std::string follow_up(const std::string& date) const override { return ", to be followed up on " + date; }
  std::string silenced(const std::string& actor, const std::string& subject,
                       const std::string& until) const override {
    return fmt::format("{} has silenced the alert on {} until {}", actor, subject, until);
  }
  std::string silence_lifted(const std::string& actor, const std::string& subject) const override {
    return fmt::format("{} has lifted the silence of the alert on {}", actor, subject);
  }
};

class Vietnamese final : public Words {
 public:
  std::string number(const Rational& value, int precision) const override {
    return format_number(value, precision, '.', ',');
  }
  std::string date(CivilDate date) const override {
    return fmt::format("{:02}/{:02}/{}", static_cast<int>(date.day), static_cast<int>(date.month), date.year);
  }
  std::string moment(const std::string& date, const std::string& time) const override {
    return fmt::format("{} ngày {}", time, date);
  }
  std::string percentage_points() const override { return "điểm phần trăm"; }

  std::string title(const Title& title, const std::string& name) const override {
    return !title.vi.empty() ? title.vi : !title.en.empty() ? title.en : name;
  }
  std::string root() const override { return "toàn tổ chức"; }
  std::string someone() const override { return "Người dùng"; }
  std::string labelled(const std::string& period) const override { return "kỳ " + period; }
  std::string until(const std::string& last_day) const override { return "tính đến hết ngày " + last_day; }
  std::string span(const std::string& first_day, const std::string& last_day) const override {
    return fmt::format("từ ngày {} đến ngày {}", first_day, last_day);
  }
  std::string subject(const std::string& title, const std::string& node,
                      const std::string& period) const override {
    return fmt::format("{} của {} {}", title, node, period);
  }

  std::string is(const std::string& value) const override { return "ở mức " + value; }
  std::string no_data() const override { return "chưa có số liệu"; }
  std::string the_expected(const std::string& value) const override { return "mức kỳ vọng " + value; }
  std::string the_target(const std::string& value) const override { return "chỉ tiêu " + value; }
  std::string compared(int sign, const std::string& difference, const std::string& reference) const override {
    if (sign == 0) return ", đúng bằng " + reference;
    return fmt::format(", {} {} là {}", sign < 0 ? "thấp hơn" : "cao hơn", reference, difference);
  }
  std::string target(const std::string& target, const std::string& last_day) const override {
    return fmt::format(" (chỉ tiêu {} đến hết ngày {})", target, last_day);
  }
  std::string forecast(const std::string& value) const override {
    return fmt::format(" Với tiến độ hiện tại, dự báo đến cuối kỳ ở mức {}.", value);
  }

  std::string pending(const std::string& deadline) const override {
    return fmt::format(" Nếu tình trạng này kéo dài, cảnh báo sẽ được phát lúc {}.", deadline);
  }
  std::string again() const override {
    return " Tình hình đã có dấu hiệu phục hồi nhưng điều kiện cảnh báo lại xuất hiện.";
  }
  std::string recovering(const std::string& deadline) const override {
    return fmt::format(" Điều kiện cảnh báo không còn; nếu được duy trì, cảnh báo sẽ kết thúc lúc {}.",
                       deadline);
  }
  std::string resolved(const std::string& fired) const override {
    return fmt::format(" Cảnh báo phát lúc {} đã được khắc phục.", fired);
  }
  std::string not_raised() const override {
    return " Điều kiện cảnh báo không còn, cảnh báo không được phát.";
  }
  std::string superseded() const override {
    return " Cảnh báo được hủy bỏ do chỉ tiêu hoặc định nghĩa đã thay đổi.";
  }
  std::string expired() const override { return " Cảnh báo hết hiệu lực do đã hết kỳ đánh giá."; }

  std::string acknowledged(const std::string& actor, const std::string& subject) const override {
    return fmt::format("{} đã tiếp nhận cảnh báo về {}", actor, subject);
  }
  std::string follow_up(const std::string& date) const override {
    return fmt::format(", hẹn theo dõi lại ngày {}", date);
  }
  std::string silenced(const std::string& actor, const std::string& subject,
                       const std::string& until) const override {
    return fmt::format("{} đã tạm dừng thông báo của cảnh báo về {} đến {}", actor, subject, until);
  }
  std::string silence_lifted(const std::string& actor, const std::string& subject) const override {
    return fmt::format("{} đã bật lại thông báo của cảnh báo về {}", actor, subject);
  }
};

}  // namespace

std::string Words::amount(const Rational& value, int precision, const std::string& unit) const {
  std::string text = number(value, precision);
  return is_percent(unit) ? text + "%" : with_unit(std::move(text), unit);
}

// A difference of two percentages is counted in points: 64% is 16 points below 80%, not 16%.
std::string Words::difference(const Rational& value, int precision, const std::string& unit) const {
  return with_unit(number(value, precision), is_percent(unit) ? percentage_points() : unit);
}

std::string Words::moment(Timestamp t, const Zone& zone) const {
  constexpr std::int64_t kUsPerSecond = 1'000'000;
  const CivilTime local = zone.to_civil(t);
  const std::int64_t second = local.us_of_day / kUsPerSecond;
  std::string time = fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
  if (second % 60 != 0) time += fmt::format(":{:02}", second % 60);
  return moment(date(local.date), time);
}

const Words& english() {
  static const English words;
  return words;
}

const Words& vietnamese() {
  static const Vietnamese words;
  return words;
}

}  // namespace slipstream
