// Runs the real `slipstream` in a temporary directory and keeps what it prints and ends with.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace slipstream {

struct Ran {
  int code = -1;
  std::string out, err;
};

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    std::string name = (std::filesystem::temp_directory_path() / "slipstream-command-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
  }
  ~CommandTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path path(const std::string& name) const { return directory_ / name; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

  static std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }

  // `arguments` as a shell reads them; run in the temporary directory, with no SLIPSTREAM_* variables but
  // those given.
  Ran run(const std::string& arguments, const std::string& environment = "") const {
    const std::string command =
        fmt::format("cd '{}' && env {} '{}' {} >out.txt 2>err.txt </dev/null", directory_.string(),
                    environment, SLIPSTREAM_EXECUTABLE, arguments);
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(path("out.txt")), read(path("err.txt"))};
  }

  // A script of bash in the temporary directory, where $SLIPSTREAM is the executable. Returns its exit code.
  int run_script(const std::string& script) const {
    write("script.sh", script);
    const int status = std::system(fmt::format("cd '{}' && SLIPSTREAM='{}' timeout 150 bash script.sh",
                                               directory_.string(), SLIPSTREAM_EXECUTABLE)
                                       .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Runs, expects exit code `code`, and parses the answer.
  boost::json::object json(const std::string& arguments, int code = 0) const {
    const Ran ran = run(arguments + " --output json");
    EXPECT_EQ(ran.code, code) << arguments << "\n" << ran.out << ran.err;
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(ran.out, error);
    EXPECT_FALSE(error) << ran.out << ran.err;
    return value.is_object() ? value.as_object() : boost::json::object();
  }

  static std::string text(const boost::json::value& value) { return std::string(value.as_string()); }

 private:
  std::filesystem::path directory_;
};

// Two departments' tasks, and what is wanted of them.
class TaskCommandTest : public CommandTest {
 protected:
  TaskCommandTest() {
    write("tasks.yaml", R"yaml(
name: tasks
time_zone: Asia/Ho_Chi_Minh
organisation: { root: city }
columns: { tasks: { fee: decimal } }
views:
  delivery:
    from: tasks
    node: [unit, person]
    window: { on: due_at, every: month }
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
      fees: sum(fee)
  air:
    from: observations
    window: { every: day }
    deduplicate: sequence
    measures: { particles: avg(value) }
kpis:
  on_time_rate: { view: delivery, value: "100.0 * on_time / nullif(due, 0)", unit: percent, precision: 2 }
targets:
  - { kpi: on_time_rate, every: month, target: 80, amber: 10 }
alerts:
  slipping: { kpi: on_time_rate, nodes: [city, "*"], when: status = 'red', for: 1 day }
)yaml");
    write("mapping.yaml", R"yaml(
format: csv
time_zone: Asia/Ho_Chi_Minh
source: tasks
events:
  - type: task.assigned
    time: assigned
    id: "{task}/assigned"
    fields: { task: task, unit: unit, person: person, due_at: due }
    attributes: { fee: fee }
  - type: task.completed
    when: completed
    time: completed
    id: "{task}/completed"
    fields: { task: task }
)yaml");
    write("tasks.csv",
          "task,unit,person,assigned,due,completed,fee\n"
          "t1,Roads,An,2025-01-02,2025-01-10,2025-01-08,12.50\n"
          "t2,Roads,An,2025-01-03,2025-01-12,,7.25\n"
          "t3,Roads,Chi,2025-01-03,2025-01-20,2025-01-25,0.1\n"
          "t4,Parks,Minh,2025-01-05,2025-01-21,2025-01-20,0.2\n"
          "t5,Parks,Minh,2025-02-01,2025-02-10,2025-02-05,\n");
  }

  static constexpr const char* kHere = " --data data --definitions tasks.yaml --set clock=events";

  void import_and_run(const std::string& partitions = "3") const {
    const Ran imported =
        run("import tasks.csv --mapping mapping.yaml --set partitions=" + partitions + kHere);
    ASSERT_EQ(imported.code, 0) << imported.err;
    catch_up();
  }
  void catch_up() const {
    const Ran ran = run(std::string("run --until-idle --quiet") + kHere);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  boost::json::object ask(const std::string& arguments, int code = 0) const {
    return json(arguments + kHere, code);
  }
};

}  // namespace slipstream
