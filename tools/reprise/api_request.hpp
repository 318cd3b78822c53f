// ApiRequest: what a verb sends to the server. Pure: no IO but the file that `add --file` names.
//
// Guarantees: a value left out on the command line is left out of the request, so that the server's
//             default holds; ids and names stand in the target percent-encoded.
// Errors:     invalid_argument (input that is no JSON, an empty task), io (the file).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "tools/reprise/command_line.hpp"

namespace reprise::cli {

struct ApiRequest {
  std::string method = "GET";
  std::string target;  // path and query
  std::string body;    // JSON; empty: none
  std::string idempotency_key;
  Duration answer_time{0};  // how long the server may hold the answer back (its `wait`)
  friend bool operator==(const ApiRequest&, const ApiRequest&) = default;
};

Result<ApiRequest> request_of(const AddTask& verb);
ApiRequest request_of(const ShowStatus& verb);
ApiRequest request_of(const ListTasks& verb);
ApiRequest request_of(const ShowTask& verb);
ApiRequest request_of(const CancelTask& verb);
ApiRequest request_of(const ApproveTask& verb);
Result<ApiRequest> request_of(const StartWorkflow& verb);
ApiRequest request_of(const ListWorkflows& verb);
ApiRequest request_of(const DescribeWorkflow& verb);
ApiRequest request_of(const ShowHistory& verb);
Result<ApiRequest> request_of(const SignalWorkflow& verb);
Result<ApiRequest> request_of(const QueryWorkflow& verb);
ApiRequest request_of(const CancelWorkflow& verb);
Result<ApiRequest> request_of(const UpdateWorkflow& verb);
ApiRequest request_of(const ControlWorkflow& verb);
ApiRequest request_of(const ResetWorkflow& verb);
ApiRequest request_of(const DeleteWorkflow& verb);
Result<ApiRequest> request_of(const CreateSchedule& verb);
ApiRequest request_of(const ListSchedules& verb);
ApiRequest request_of(const ShowSchedule& verb);
ApiRequest request_of(const PauseSchedule& verb);
ApiRequest request_of(const TriggerSchedule& verb);
ApiRequest request_of(const BackfillSchedule& verb);
ApiRequest request_of(const DeleteSchedule& verb);
ApiRequest request_of(const ShowQueue& verb);
Result<ApiRequest> request_of(const LimitQueue& verb);
ApiRequest request_of(const CreateBackup& verb);
ApiRequest request_of(const ListBackups& verb);
ApiRequest request_of(const ShowBackup& verb);

// The result of a task or a workflow; held back by the server up to `wait`.
ApiRequest task_result_request(std::string_view id, Duration wait);
ApiRequest workflow_result_request(std::string_view id, Duration wait);
ApiRequest backup_request(std::string_view name, Duration wait);
// The live feed of a workflow, as server-sent events.
ApiRequest events_request(std::string_view id);

// The first line, cut at 80 characters (code points) with an ellipsis as the last.
std::string title_of(std::string_view text);

}  // namespace reprise::cli
