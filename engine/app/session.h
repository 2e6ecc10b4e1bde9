// What one invocation of a command works with: the global options, and configuration, definitions and
// deployment opened from them when the command first asks. Diagnostics are printed where they are found.
// Belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/configuration.h"
#include "engine/app/deployment.h"
#include "engine/app/output/answer.h"
#include "engine/app/output/progress_line.h"

namespace slipstream {

struct GlobalOptions {
  std::string config;            // --config
  std::vector<std::string> set;  // --set key=value
  std::string data;              // --data
  std::string definitions;       // --definitions
  OutputFormat output = OutputFormat::table;
  bool quiet = false;
  MessageFormat messages = MessageFormat::text;
};

class Session {
 public:
  GlobalOptions options;

  Result<const LoadedConfiguration*> loaded();
  Result<const Configuration*> configuration();
  // Another deployment's, of a file alone: the global options are not for it.
  Result<Configuration> other_configuration(const std::string& file) const;
  Result<std::shared_ptr<const Plan>> plan();
  Result<std::unique_ptr<Deployment>> open(Deployment::Access access) {
    return open(access, Deployment::patience_for(access));
  }
  Result<std::unique_ptr<Deployment>> open(Deployment::Access access, std::shared_ptr<Patience> patience);

  // The deployment's events; `line` shows how far reading them is. It must outlive the source.
  Result<EventSource> event_source(Deployment& deployment, const Plan& plan, ProgressLine& line) const;

  Answer answer() const { return Answer(stdout, options.output); }
  ProgressLine progress() const { return ProgressLine(options.quiet, options.messages); }
  // A line on the standard error; not with --quiet. Any thread.
  void say(const std::string& text, Severity severity = Severity::info) const;
  // Each on a line of its own on the standard error, --quiet or not.
  void print(const Diagnostics& diagnostics) const;
  // Says so when the configured clock stands before `clock`, the state's: that one never goes back.
  void remark_clock(Timestamp clock, const Zone& zone) const;

 private:
  std::optional<LoadedConfiguration> loaded_;
  std::shared_ptr<const Plan> plan_;
};

// The same error with what can be done about it, for commands that write.
Error with_advice(Error error);
// An error that stands for diagnostics already printed; its code is the first one's.
Error summary_of(const Diagnostics& diagnostics, std::string_view what);

}  // namespace slipstream
