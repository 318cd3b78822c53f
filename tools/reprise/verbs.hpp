// The client's verbs: each asks the server and shows what it says.
//
// Thread: one; a verb blocks until it is done.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tools/reprise/client.hpp"
#include "tools/reprise/command_line.hpp"
#include "tools/reprise/exit_code.hpp"

namespace reprise::cli {

// Runs any verb but Serve.
ExitCode run_verb(const CommandLine& line, const Screen& screen);

ExitCode run(const Client& client, const AddTask& verb);
ExitCode run(const Client& client, const ShowStatus& verb);
ExitCode run(const Client& client, const ListTasks& verb);
ExitCode run(const Client& client, const ShowTask& verb);
ExitCode run(const Client& client, const ShowTaskResult& verb);
ExitCode run(const Client& client, const CancelTask& verb);
ExitCode run(const Client& client, const ApproveTask& verb);
ExitCode run(const Client& client, const WatchTask& verb);
ExitCode run(const Client& client, const StartWorkflow& verb);
ExitCode run(const Client& client, const ListWorkflows& verb);
ExitCode run(const Client& client, const DescribeWorkflow& verb);
ExitCode run(const Client& client, const ShowHistory& verb);
ExitCode run(const Client& client, const SignalWorkflow& verb);
ExitCode run(const Client& client, const QueryWorkflow& verb);
ExitCode run(const Client& client, const CancelWorkflow& verb);
ExitCode run(const Client& client, const UpdateWorkflow& verb);
ExitCode run(const Client& client, const ControlWorkflow& verb);
ExitCode run(const Client& client, const ResetWorkflow& verb);
ExitCode run(const Client& client, const DeleteWorkflow& verb);
ExitCode run(const Client& client, const ShowWorkflowResult& verb);
ExitCode run(const Client& client, const CreateSchedule& verb);
ExitCode run(const Client& client, const ListSchedules& verb);
ExitCode run(const Client& client, const ShowSchedule& verb);
ExitCode run(const Client& client, const PauseSchedule& verb);
ExitCode run(const Client& client, const TriggerSchedule& verb);
ExitCode run(const Client& client, const BackfillSchedule& verb);
ExitCode run(const Client& client, const DeleteSchedule& verb);
ExitCode run(const Client& client, const ShowQueue& verb);
ExitCode run(const Client& client, const LimitQueue& verb);
ExitCode run(const Client& client, const CreateBackup& verb);
ExitCode run(const Client& client, const ListBackups& verb);
ExitCode run(const Client& client, const ShowBackup& verb);

struct ResultWait {
  ApiRequest (*request)(std::string_view id, Duration wait);
  std::string id;
  std::optional<Duration> limit;  // nothing: ask once
  bool server_answered = false;   // a moment ago: then it is waited for from the start
};

// The answer to a result request. A server that goes away while it is waited for is tried again for a
// minute, so that its restart is not the end of the wait. Status 202: the limit is over.
std::expected<HttpResponse, ExitCode> await_result(const Client& client, const ResultWait& wait);

// completed: ok; failed, cancelled: failed.
ExitCode exit_code_of_status(std::string_view status);

}  // namespace reprise::cli
