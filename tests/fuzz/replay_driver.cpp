// Runs a fuzz target (fuzz_target.h) without libFuzzer, so that any compiler will do: first every input of a
// corpus, then a fixed number of deterministic mutations of them.
//
// The target runs in a child process; the input at work lies in memory that both share. Whatever ends the
// child early (a broken promise, a crash, a sanitizer's report, an input that takes too long or too much
// memory) is a finding: the parent writes the input to a file and prints how to run it again. Files given as
// arguments run in this process, for a debugger.
//
// Exit codes: 0 no finding, 1 a finding, 2 usage.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <new>
#include <string>
#include <thread>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/mutation.h"

extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t*, std::size_t, std::size_t,
                                                                     unsigned);

namespace slipstream::fuzz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kInputBytesMax = 64 * 1024;
constexpr std::chrono::milliseconds kWatchEvery{20};
Mutator* mutator_at_work = nullptr;  // LLVMFuzzerMutate has no argument for it

struct Options {
  std::string corpus;
  std::string dictionary;
  std::string findings = ".";
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  std::uint64_t seconds_max = 30;  // of processor time for one input; of waiting, ten times that
  std::uint64_t mebibytes_max = 2048;
  std::vector<std::string> files;
};

// What parent and child share. The child alone writes.
struct Shared {
  std::atomic<std::uint64_t> started;   // inputs begun
  std::atomic<std::uint64_t> finished;  // inputs done
  std::size_t size;
  std::uint8_t bytes[kInputBytesMax];
};

int usage(const std::string& problem) {
  fmt::print(stderr,
             "{}\nusage: PROGRAM --corpus FOLDER [--dictionary FILE] [--mutations N] [--seed N] [--findings "
             "FOLDER]\n"
             "               [--seconds-max N] [--mebibytes-max N]\n"
             "       PROGRAM FILE...\n",
             problem);
  return 2;
}

std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths)
    corpus.push_back(bytes_of_file(path).substr(0, kInputBytesMax));
  return corpus;
}

void run(std::string_view input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void run_shared(Shared& shared, const std::string& input) {
  std::memcpy(shared.bytes, input.data(), input.size());
  shared.size = input.size();
  ++shared.started;
  run(input);
  ++shared.finished;
}

std::string mutant_of(std::string input, Mutator& mutator) {
  if (LLVMFuzzerCustomMutator == nullptr || mutator.below(4) == 0) {
    mutator.mutate(input, kInputBytesMax);
    return input;
  }
  std::string buffer = input;
  buffer.resize(kInputBytesMax);
  auto* bytes = reinterpret_cast<std::uint8_t*>(buffer.data());
  buffer.resize(LLVMFuzzerCustomMutator(bytes, input.size(), buffer.size(),
                                        static_cast<unsigned>(mutator.below(1u << 31))));
  return buffer;
}

void run_all(Shared& shared, const Options& options, const std::vector<std::string>& corpus) {
  for (const std::string& input : corpus)
    run_shared(shared, input);
  Mutator mutator(options.seed, corpus, read_dictionary(options.dictionary));
  mutator_at_work = &mutator;
  for (std::uint64_t i = 0; i < options.mutations; ++i)
    run_shared(shared, mutant_of(mutator.any_of_corpus(), mutator));
}

std::uint64_t resident_mebibytes(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/statm", process));
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

// Processor time of a process so far: on a busy machine an input waits, which is no fault of its own.
std::chrono::nanoseconds processor_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Watches the child until it ends; says why it is a finding, or nothing.
class Watch {
 public:
  Watch(pid_t child, const Shared& shared, const Options& options)
      : child_(child), shared_(shared), options_(options) {}

  std::string until_the_end() {
    int status = 0;
    while (waitpid(child_, &status, WNOHANG) == 0) {
      std::this_thread::sleep_for(kWatchEvery);
      if (std::string problem = bound_exceeded(); !problem.empty()) {
        kill(child_, SIGKILL);
        waitpid(child_, &status, 0);
        return problem;
      }
    }
    if (WIFSIGNALED(status))
      return fmt::format("ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 0) return {};
    return fmt::format("ended with code {}{}", WEXITSTATUS(status),
                       shared_.started == shared_.finished ? " after the last input: memory was leaked" : "");
  }
  std::uint64_t mebibytes() const { return mebibytes_; }

 private:
  std::string bound_exceeded() {
    mebibytes_ = std::max(mebibytes_, resident_mebibytes(child_));
    if (mebibytes_ > options_.mebibytes_max)
      return fmt::format("took more than {} MiB of memory", options_.mebibytes_max);
    if (shared_.started != seen_) {
      seen_ = shared_.started;
      since_ = Clock::now();
      spent_before_ = processor_time(child_);
    }
    const std::chrono::seconds most(options_.seconds_max);
    const bool slow = processor_time(child_) - spent_before_ > most || Clock::now() - since_ > 10 * most;
    return slow && shared_.finished < seen_ ? fmt::format("took longer than {} s", options_.seconds_max) : "";
  }

  const pid_t child_;
  const Shared& shared_;
  const Options& options_;
  std::uint64_t seen_ = 0;
  Clock::time_point since_ = Clock::now();
  std::chrono::nanoseconds spent_before_{};
  std::uint64_t mebibytes_ = 0;
};

void report(const std::string& program, const Options& options, const Shared& shared,
            const std::string& problem) {
  std::error_code none;
  std::filesystem::create_directories(options.findings, none);
  const std::string name = std::filesystem::path(program).filename().string();
  const auto path = std::filesystem::absolute(std::filesystem::path(options.findings) /
                                              fmt::format("{}.{}.input", name, shared.started.load()));
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(shared.bytes), static_cast<std::streamsize>(shared.size));
  fmt::print(stderr, "FINDING: input {} {}\n  its {} bytes: {}\n  reproduce: '{}' '{}'\n",
             shared.started.load(), problem, shared.size, path.string(),
             std::filesystem::absolute(program).string(), path.string());
}

int replay(const std::string& program, const Options& options) {
  const std::vector<std::string> corpus = read_corpus(options.corpus);
  if (corpus.empty()) return usage(fmt::format("no input in the folder '{}'", options.corpus));
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return usage("no memory to share");
  auto& shared = *new (memory) Shared{};
  const auto began = Clock::now();
  const pid_t child = fork();
  if (child == 0) {
    run_all(shared, options, corpus);
    std::exit(0);  // not _exit: the leak check is part of the run
  }
  Watch watch(child, shared, options);
  const std::string problem = watch.until_the_end();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  fmt::print("{} inputs of the corpus, {} of {} in all, {:.1f} s, at most {} MiB\n", corpus.size(),
             shared.finished.load(), corpus.size() + options.mutations, seconds, watch.mebibytes());
  if (problem.empty()) return 0;
  report(program, options, shared, problem);
  return 1;
}

int main_of(const std::vector<std::string>& arguments) {
  Options options;
  const std::map<std::string, std::string*> texts{{"--corpus", &options.corpus},
                                                  {"--dictionary", &options.dictionary},
                                                  {"--findings", &options.findings}};
  const std::map<std::string, std::uint64_t*> numbers{{"--mutations", &options.mutations},
                                                      {"--seed", &options.seed},
                                                      {"--seconds-max", &options.seconds_max},
                                                      {"--mebibytes-max", &options.mebibytes_max}};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (!name.starts_with("--")) {
      options.files.push_back(name);
      continue;
    }
    if (++i == arguments.size()) return usage(fmt::format("{} needs a value", name));
    if (const auto text = texts.find(name); text != texts.end())
      *text->second = arguments[i];
    else if (const auto number = numbers.find(name); number != numbers.end())
      *number->second = std::strtoull(arguments[i].c_str(), nullptr, 10);
    else
      return usage(fmt::format("no option {}", name));
  }
  for (const std::string& file : options.files)
    run(bytes_of_file(file));
  if (!options.files.empty()) return 0;
  return replay(arguments[0], options);
}

}  // namespace
}  // namespace slipstream::fuzz

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max) {
  std::string input(reinterpret_cast<const char*>(data), size);
  slipstream::fuzz::mutator_at_work->mutate(input, size_max);
  std::memcpy(data, input.data(), input.size());
  return input.size();
}

int main(int argc, char** argv) { return slipstream::fuzz::main_of({argv, argv + argc}); }
