// FakeEngine: answers what a test told it to, and keeps what it was asked.
//
// Guarantees: a call that a test did not prepare answers not_found. `calls` names every call in
//             order, so that a test can claim that there was none.
// Thread:     one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/runtime/engine.hpp"

namespace reprise::testing {

class FakeEngine final : public Engine {
 public:
  template <typename Answer, typename... Asked>
  using Script = std::function<Result<Answer>(const Asked&...)>;

  std::vector<std::string> calls;
  bool is_ready = true;
  DiskLevel disk = DiskLevel::ok;
  Script<StartAnswer, StartRequest> on_start;
  Script<SignalAnswer, SignalRequest> on_signal;
  Script<CancelAnswer, CancelRequest> on_cancel;
  Script<UpdateOutcome, UpdateRequest, Duration> on_update;
  Script<Payload, QueryRequest> on_query;
  Script<RunDescription, DescribeRequest> on_describe;
  Script<std::optional<RunOutcome>, DescribeRequest, Duration> on_result;
  Script<HistoryPage, DescribeRequest, Sequence> on_history;
  Script<RunView, DescribeRequest> on_view;
  Script<std::vector<RunView>, ViewScan> on_views;
  Script<std::vector<ParkedRun>, std::string, std::size_t> on_parked;
  Script<ControlAnswer, ControlRequest> on_control;
  Script<Deleted, DescribeRequest> on_erase;
  Script<ForkAnswer, ResetRequest> on_reset;
  Script<std::optional<RemoteAttempt>, PollRequest, Duration> on_poll;
  Script<AttemptAnswer, AttemptToken, std::optional<Payload>> on_heartbeat;
  Script<AttemptAnswer, AttemptToken, ActivityOutcome> on_end_attempt;
  QueueFigures queue{};
  QueueRules queue_rules{};  // those that were set last

  std::vector<boost::asio::any_io_executor> executors() override { return {}; }
  void stop() override {}
  [[nodiscard]] bool ready() const override { return is_ready; }
  [[nodiscard]] DiskLevel disk_level() const override { return disk; }
  [[nodiscard]] EngineFigures figures() const override { return {.runs_cached = 3}; }

  boost::asio::awaitable<Result<StartAnswer>> start(StartRequest request) override;
  boost::asio::awaitable<Result<SignalAnswer>> signal(SignalRequest request) override;
  boost::asio::awaitable<Result<CancelAnswer>> cancel(CancelRequest request) override;
  boost::asio::awaitable<Result<UpdateOutcome>> update(UpdateRequest request,
                                                       Duration limit) override;
  boost::asio::awaitable<Result<ControlAnswer>> control(ControlRequest request) override;
  boost::asio::awaitable<Result<Deleted>> erase(DescribeRequest request) override;
  boost::asio::awaitable<Result<Deleted>> sweep(UtcTime ended_before) override;
  boost::asio::awaitable<Result<ForkAnswer>> reset(ResetRequest request) override;
  boost::asio::awaitable<Result<std::optional<RemoteAttempt>>> poll(PollRequest request,
                                                                    Duration wait) override;
  boost::asio::awaitable<Result<AttemptAnswer>> heartbeat(AttemptToken token,
                                                          std::optional<Payload> details) override;
  boost::asio::awaitable<Result<AttemptAnswer>> end_attempt(AttemptToken token,
                                                            ActivityOutcome outcome) override;
  [[nodiscard]] QueueFigures queue_figures(const std::string&) const override { return queue; }
  void set_queue_rules(const std::string&, const QueueRules& rules, std::uint64_t) override {
    calls.emplace_back("set_queue_rules");
    queue_rules = rules;
  }
  void resume_queues(const KeptQueueRules&) override {}
  void end_polls() override {}
  boost::asio::awaitable<Result<Payload>> query(QueryRequest request) override;
  boost::asio::awaitable<Result<RunDescription>> describe(DescribeRequest request) override;
  boost::asio::awaitable<Result<std::optional<RunOutcome>>> result(DescribeRequest request,
                                                                   Duration limit) override;
  boost::asio::awaitable<Result<HistoryPage>> history(DescribeRequest request, Sequence after,
                                                      std::size_t limit, Duration wait) override;
  boost::asio::awaitable<Result<RunView>> view(DescribeRequest request) override;
  boost::asio::awaitable<Result<std::vector<RunView>>> views(ViewScan scan) override;
  boost::asio::awaitable<Result<std::vector<ParkedRun>>> parked(std::string after,
                                                                std::size_t limit) override;
};

// Ids that stand for themselves in expectations.
inline const RunId kRun = RunId::from_bytes("0123456789abcdef");
inline const UtcTime kBorn = UtcTime::from_micros(1'700'000'000'000'000);  // 2023-11-14T22:13:20Z

}  // namespace reprise::testing
