// The audit of the crash test finds what it is there to find: each lie about a whole store is named.
#include "tests/crash/audit.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "storage/data_dir.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AuditOfATask : public ::testing::Test {
 protected:
  AuditOfATask() {
    ServerProcess server({.data = data_.path(),
                          .arguments = {"--bench", "--provider", "offline"},
                          .environment = {}});
    server.start();
    const ApiClient api(server.url());
    task_ = json_of(api.post("/api/v1/tasks", R"({"title":"Name a broker"})"))["task_id"]
                .get<std::string>();
    truth_.tasks[task_] = api.task_result(task_)["status"].get<std::string>();
    api.post("/api/v1/workflows", R"({"type":"bench.signals","id":"s","input":{"count":1}})");
    const Json signalled = json_of(api.post("/api/v1/workflows/s/signal/signal", R"({"n":1})"));
    truth_.signals.push_back({"s", R"({"n":1})", signalled["seq"].get<std::uint64_t>()});
    truth_.workflows["s"] = api.workflow_result("s")["status"].get<std::string>();
    run_ = api.read("/api/v1/workflows/" + task_)["run_id"].get<std::string>();
    server.kill();
  }

  std::vector<std::string> faults_of(const Acknowledged& acknowledged) const {
    return audit(data_.path(), acknowledged).faults;
  }
  void note_call(int command, int attempt) const {
    std::ofstream(DataDir(data_.path()).offline_calls(), std::ios::app)
        << fmt::format(R"({{"attempt":{},"key":"{}/{}","phase":"begin"}})"
                       "\n",
                       attempt, run_, command);
  }

  TemporaryDirectory data_;
  std::string task_;
  std::string run_;
  Acknowledged truth_;
};

TEST_F(AuditOfATask, FindsNothingWhereNothingIsWrong) { EXPECT_THAT(faults_of(truth_), IsEmpty()); }

TEST_F(AuditOfATask, FindsATaskThatIsNotThere) {
  truth_.tasks["task_gone"] = "completed";
  EXPECT_THAT(faults_of(truth_), Contains(HasSubstr("task_gone was acknowledged")));
}

TEST_F(AuditOfATask, FindsATaskThatEndedInAnotherWay) {
  truth_.tasks[task_] = "failed";
  EXPECT_THAT(faults_of(truth_), Contains(HasSubstr("was told failed")));
}

TEST_F(AuditOfATask, FindsASignalThatIsMissingOrStandsElsewhere) {
  truth_.signals.push_back({"s", R"({"n":2})", 9});
  ++truth_.signals.front().sequence;
  const std::vector<std::string> faults = faults_of(truth_);
  EXPECT_THAT(faults, Contains(HasSubstr(R"(signal {"n":2} is missing)")));
  EXPECT_THAT(faults, Contains(HasSubstr(R"(signal {"n":1} was acknowledged as event)")));
}

TEST_F(AuditOfATask, FindsACallThatWasMadeAfterItsResultWasRecorded) {
  note_call(1, 2);
  // Commands of a task are stages and facts too: one of the first is the analysis.
  note_call(2, 2);
  EXPECT_THAT(faults_of(truth_), Contains(HasSubstr("although attempt 1 is recorded")));
}

TEST_F(AuditOfATask, FindsAnAttemptThatWasMadeTwice) {
  note_call(2, 1);
  EXPECT_THAT(faults_of(truth_), Contains(HasSubstr("was run 2 times")));
}

}  // namespace
}  // namespace reprise::testing
