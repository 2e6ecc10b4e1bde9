#include "engine/app/session.h"

#include <fmt/format.h>

#include <cstdlib>

#include "engine/app/instance_clock.h"

namespace slipstream {

namespace {

const char* read_variable(const char* name) { return std::getenv(name); }

}  // namespace

Error summary_of(const Diagnostics& diagnostics, std::string_view what) {
  return {diagnostics.front().code,
          fmt::format("{}: {} above", what,
                      diagnostics.size() == 1 ? "see the error"
                                              : fmt::format("see the {} errors", diagnostics.size()))};
}

Error with_advice(Error error) {
  if (error.code == ErrorCode::disk_full)
    error.message += "; nothing acknowledged is lost, and the same command goes on where it stopped";
  return error;
}

Result<const LoadedConfiguration*> Session::loaded() {
  if (loaded_) return &*loaded_;
  ConfigurationSources sources;
  if (!options.config.empty()) sources.file = options.config;
  sources.environment = read_variable;
  sources.assignments = options.set;
  // The short forms are the last word.
  if (!options.data.empty()) sources.assignments.push_back("data=" + options.data);
  if (!options.definitions.empty()) sources.assignments.push_back("definitions=" + options.definitions);
  Diagnostics diagnostics;
  loaded_ = load_configuration(sources, diagnostics);
  if (loaded_) return &*loaded_;
  print(diagnostics);
  return tl::unexpected(summary_of(diagnostics, "the configuration cannot be used"));
}

Result<const Configuration*> Session::configuration() {
  SLIPSTREAM_ASSIGN(const LoadedConfiguration* loaded_configuration, loaded());
  return &loaded_configuration->configuration;
}

Result<Configuration> Session::other_configuration(const std::string& file) const {
  Diagnostics diagnostics;
  auto other = load_configuration({file, read_variable, false, {}}, diagnostics);
  if (other) return std::move(other->configuration);
  print(diagnostics);
  return tl::unexpected(summary_of(diagnostics, "the configuration cannot be used"));
}

Result<std::shared_ptr<const Plan>> Session::plan() {
  if (plan_) return plan_;
  SLIPSTREAM_ASSIGN(const Configuration* settings, configuration());
  Diagnostics diagnostics;
  plan_ = load_plan(*settings, diagnostics);
  if (plan_) return plan_;
  if (diagnostics.front().code == ErrorCode::usage)
    return fail(ErrorCode::usage,
                "no definitions given: add --definitions FILE, or set SLIPSTREAM_DEFINITIONS");
  print(diagnostics);
  return tl::unexpected(summary_of(diagnostics, "the definitions cannot be used"));
}

Result<std::unique_ptr<Deployment>> Session::open(Deployment::Access access,
                                                  std::shared_ptr<Patience> patience) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, configuration());
  auto deployment = Deployment::open(*settings, access, std::move(patience));
  const bool reads = access == Deployment::Access::read || access == Deployment::Access::state;
  if (!deployment && deployment.error().code == ErrorCode::not_found && reads &&
      settings->log == LogChoice::embedded)
    return fail(ErrorCode::not_found,
                fmt::format("{}: there is no log; bring events in with `slipstream import`, or name another "
                            "directory with --data",
                            settings->data.string()));
  if (!deployment) return tl::unexpected(with_advice(deployment.error()));
  return deployment;
}

Result<EventSource> Session::event_source(Deployment& deployment, const Plan& plan,
                                          ProgressLine& line) const {
  EventSource source = deployment.event_source(plan);
  std::uint64_t records = 0;
  const auto count = [&](const std::string& topic, std::int32_t partition) -> Result<> {
    SLIPSTREAM_ASSIGN(const OffsetRange range, deployment.log().offsets({topic, Partition(partition)}));
    records += static_cast<std::uint64_t>(range.end.value - range.earliest.value);
    return {};
  };
  SLIPSTREAM_TRY(count(source.topics.reference, 0));
  for (std::int32_t i = 0; i < deployment.partitions(); ++i)
    SLIPSTREAM_TRY(count(source.topics.events, i));
  source.progress = [&line, records, read = std::uint64_t{0}](std::uint64_t more) mutable {
    read += more;
    line.show(fmt::format("{} of {} records read", read, records));
  };
  return source;
}

void Session::remark_clock(Timestamp clock, const Zone& zone) const {
  if (!loaded_) return;
  const Configuration& settings = loaded_->configuration;
  if (settings.clock != ClockMode::fixed || settings.clock_at >= clock) return;
  say(
      fmt::format("the state is of {} already, later than the clock that is set: figures are as of then; "
                  "`slipstream query --as-of` tells those of an earlier instant",
                  format_timestamp(clock, zone)));
}

void Session::print(const Diagnostics& diagnostics) const {
  for (const Diagnostic& diagnostic : diagnostics)
    fmt::print(stderr, "{}\n",
               message_line(options.messages, Severity::error, format_diagnostic(diagnostic), system_now()));
}

void Session::say(const std::string& text, Severity severity) const {
  if (!options.quiet)
    fmt::print(stderr, "{}\n", message_line(options.messages, severity, text, system_now()));
}

}  // namespace slipstream
