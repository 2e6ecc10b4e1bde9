// One figure taken apart: what `slipstream explain` prints and GET /v1/explain answers.
#pragma once

#include <string>

#include "engine/app/answers/asked.h"
#include "engine/app/output/answer.h"
#include "engine/view/explain.h"

namespace slipstream {

struct ExplanationRequest {
  std::string subject, node;
  AskedWindows windows;      // `label` is needed
  std::string measure;       // empty: all
  std::size_t limit = 1000;  // contributions listed
};

// The request in terms of the definitions.
struct AskedExplanation {
  ExplanationRequest request;
  AskedSubject subject;
  std::vector<std::size_t> measures;
  ViewQuery query;
  Window window;
};
// Errors: usage, naming what there is.
Result<AskedExplanation> ask_for_explanation(const Plan& plan, const ExplanationRequest& request);

// Facts, then the section "contributions", and beside it "events" and "sums".
Result<> answer_explanation(Answer& answer, const CommittedState& state, const AskedExplanation& asked,
                            const Explanation& explanation);

}  // namespace slipstream
