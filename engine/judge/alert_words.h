// The words of the alert sentences, one object per language.
//
// The sentences of both languages have the same parts in the same order (alert_text.cpp puts them together);
// what differs is behind this interface: words, number format, date format.
#pragma once

#include <string>

#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/definition/plan.h"

namespace slipstream {

class Words {
 public:
  virtual ~Words() = default;

  // Number and date formats.
  virtual std::string number(const Rational& value, int precision) const = 0;
  virtual std::string date(CivilDate date) const = 0;
  virtual std::string moment(const std::string& date, const std::string& time) const = 0;
  virtual std::string percentage_points() const = 0;

  std::string amount(const Rational& value, int precision, const std::string& unit) const;
  std::string difference(const Rational& value, int precision, const std::string& unit) const;
  std::string date(Timestamp t, const Zone& zone) const { return date(zone.date_of(t)); }
  // The last local day before an exclusive end.
  std::string last_day(Timestamp end, const Zone& zone) const {
    return date(zone.date_of(end - microseconds(1)));
  }
  std::string moment(Timestamp t, const Zone& zone) const;

  // Names.
  virtual std::string title(const Title& title, const std::string& name) const = 0;
  virtual std::string root() const = 0;
  virtual std::string someone() const = 0;
  virtual std::string labelled(const std::string& period) const = 0;
  virtual std::string until(const std::string& last_day) const = 0;
  virtual std::string span(const std::string& first_day, const std::string& last_day) const = 0;
  virtual std::string subject(const std::string& title, const std::string& node,
                              const std::string& period) const = 0;

  // Figures.
  virtual std::string is(const std::string& value) const = 0;
  virtual std::string no_data() const = 0;
  // What a figure is held against: the trajectory, or the target where the two are the same.
  virtual std::string the_expected(const std::string& value) const = 0;
  virtual std::string the_target(const std::string& value) const = 0;
  virtual std::string compared(int sign, const std::string& difference,
                               const std::string& reference) const = 0;
  virtual std::string target(const std::string& target, const std::string& last_day) const = 0;
  virtual std::string forecast(const std::string& value) const = 0;

  // What became of the alert.
  virtual std::string pending(const std::string& deadline) const = 0;
  virtual std::string again() const = 0;
  virtual std::string recovering(const std::string& deadline) const = 0;
  virtual std::string resolved(const std::string& fired) const = 0;
  virtual std::string not_raised() const = 0;
  virtual std::string superseded() const = 0;
  virtual std::string expired() const = 0;

  // What a person did.
  virtual std::string acknowledged(const std::string& actor, const std::string& subject) const = 0;
  virtual std::string follow_up(const std::string& date) const = 0;
  virtual std::string silenced(const std::string& actor, const std::string& subject,
                               const std::string& until) const = 0;
  virtual std::string silence_lifted(const std::string& actor, const std::string& subject) const = 0;
};

const Words& english();
const Words& vietnamese();

}  // namespace slipstream
