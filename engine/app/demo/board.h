// What the demo shows: KPIs by unit, the alerts that fired, and one figure taken apart.
#pragma once

#include "engine/app/demo/city.h"
#include "engine/app/deployment.h"
#include "engine/view/view_reader.h"

namespace slipstream {

class Board {
 public:
  // All outlive the board.
  Board(Deployment& deployment, std::shared_ptr<const Plan> plan, const City& city, bool colour)
      : deployment_(deployment), plan_(std::move(plan)), city_(city), colour_(colour) {}
  Result<> print() const;

 private:
  Result<> print_units(const CommittedState& state) const;
  Result<> print_alerts() const;
  Result<> print_figure(const CommittedState& state) const;
  Result<std::string> figure_of(const CommittedState& state, std::size_t kpi, const std::string& node) const;
  std::string painted(Status status, const std::string& text) const;
  std::string heading(const std::string& text) const;

  Deployment& deployment_;
  std::shared_ptr<const Plan> plan_;
  const City& city_;
  bool colour_;
};

}  // namespace slipstream
