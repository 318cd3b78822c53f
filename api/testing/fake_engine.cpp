#include "api/testing/fake_engine.hpp"

namespace reprise::testing {
namespace {

template <typename Answer, typename... Asked>
Result<Answer> scripted(const FakeEngine::Script<Answer, Asked...>& script, const Asked&... asked) {
  if (script) return script(asked...);
  return fail(Errc::not_found, "there is no such thing", "id");
}

}  // namespace

boost::asio::awaitable<Result<StartAnswer>> FakeEngine::start(StartRequest request) {
  calls.emplace_back("start");
  co_return scripted(on_start, request);
}
boost::asio::awaitable<Result<SignalAnswer>> FakeEngine::signal(SignalRequest request) {
  calls.emplace_back("signal");
  co_return scripted(on_signal, request);
}
boost::asio::awaitable<Result<CancelAnswer>> FakeEngine::cancel(CancelRequest request) {
  calls.emplace_back("cancel");
  co_return scripted(on_cancel, request);
}
boost::asio::awaitable<Result<UpdateOutcome>> FakeEngine::update(UpdateRequest request,
                                                                 Duration limit) {
  calls.emplace_back("update");
  co_return scripted(on_update, request, limit);
}
boost::asio::awaitable<Result<ControlAnswer>> FakeEngine::control(ControlRequest request) {
  calls.emplace_back("control");
  co_return scripted(on_control, request);
}
boost::asio::awaitable<Result<Deleted>> FakeEngine::erase(DescribeRequest request) {
  calls.emplace_back("erase");
  co_return scripted(on_erase, request);
}
boost::asio::awaitable<Result<ForkAnswer>> FakeEngine::reset(ResetRequest request) {
  calls.emplace_back("reset");
  co_return scripted(on_reset, request);
}
boost::asio::awaitable<Result<Deleted>> FakeEngine::sweep(UtcTime) {
  calls.emplace_back("sweep");
  co_return Deleted();
}
boost::asio::awaitable<Result<std::optional<RemoteAttempt>>> FakeEngine::poll(PollRequest request,
                                                                              Duration wait) {
  calls.emplace_back("poll");
  co_return scripted(on_poll, request, wait);
}
boost::asio::awaitable<Result<AttemptAnswer>> FakeEngine::heartbeat(
    AttemptToken token, std::optional<Payload> details) {
  calls.emplace_back("heartbeat");
  co_return scripted(on_heartbeat, token, details);
}
boost::asio::awaitable<Result<AttemptAnswer>> FakeEngine::end_attempt(AttemptToken token,
                                                                      ActivityOutcome outcome) {
  calls.emplace_back("end_attempt");
  co_return scripted(on_end_attempt, token, outcome);
}
boost::asio::awaitable<Result<Payload>> FakeEngine::query(QueryRequest request) {
  calls.emplace_back("query");
  co_return scripted(on_query, request);
}
boost::asio::awaitable<Result<RunDescription>> FakeEngine::describe(DescribeRequest request) {
  calls.emplace_back("describe");
  co_return scripted(on_describe, request);
}
boost::asio::awaitable<Result<std::optional<RunOutcome>>> FakeEngine::result(
    DescribeRequest request, Duration limit) {
  calls.emplace_back("result");
  co_return scripted(on_result, request, limit);
}
boost::asio::awaitable<Result<HistoryPage>> FakeEngine::history(DescribeRequest request,
                                                                Sequence after, std::size_t,
                                                                Duration) {
  calls.emplace_back("history");
  co_return scripted(on_history, request, after);
}
boost::asio::awaitable<Result<RunView>> FakeEngine::view(DescribeRequest request) {
  calls.emplace_back("view");
  co_return scripted(on_view, request);
}
boost::asio::awaitable<Result<std::vector<ParkedRun>>> FakeEngine::parked(std::string after,
                                                                          std::size_t limit) {
  calls.emplace_back("parked");
  co_return scripted(on_parked, after, limit);
}
boost::asio::awaitable<Result<std::vector<RunView>>> FakeEngine::views(ViewScan scan) {
  calls.emplace_back("views");
  co_return scripted(on_views, scan);
}

}  // namespace reprise::testing
