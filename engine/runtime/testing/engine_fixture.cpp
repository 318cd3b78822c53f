#include "engine/runtime/testing/engine_fixture.hpp"

#include <boost/asio/as_tuple.hpp>

#include "engine/author/definition.hpp"

namespace reprise::testing {
namespace asio = boost::asio;
namespace {

const ActivityOptions kImpatient{.retry = {.initial = std::chrono::milliseconds(1)},
                                 .start_to_close = std::chrono::milliseconds(50)};

Workflow<Payload> echo_once(Context ctx, Payload input) { co_return co_await ctx.run<Echo>(input); }

Workflow<Payload> echo_many(Context ctx, Payload input) {
  std::vector<ActivityCall<Echo>> calls;
  for (std::size_t i = 0; i < input.bytes.size(); ++i)
    calls.push_back(ctx.run<Echo>(Payload{input.bytes.substr(i, 1)}));
  Payload joined;
  for (const Payload& part : co_await all(std::move(calls))) joined.bytes += part.bytes;
  co_return joined;
}

// One after the other: a record for each.
Workflow<Payload> echo_each(Context ctx, Payload input) {
  Payload joined;
  for (const char letter : input.bytes)
    joined.bytes += (co_await ctx.run<Echo>(Payload{std::string(1, letter)})).bytes;
  co_return joined;
}

Workflow<Payload> take_two(Context ctx, Payload) {
  int taken = 0;
  const QueryHandle query = ctx.query(
      "taken", [&](const Payload&) -> Result<Payload> { return Payload{std::to_string(taken)}; });
  Payload joined;
  for (; taken < 2; ++taken) joined.bytes += (co_await ctx.signal<Payload>("word")).bytes;
  co_return joined;
}

Workflow<Payload> hang(Context ctx, Payload input) { co_return co_await ctx.run<Hang>(input); }

Workflow<Payload> hang_impatiently(Context ctx, Payload input) {
  ActivityOptions options = kImpatient;
  options.retry.attempts_max = 2;
  co_return co_await ctx.run<Hang>(input, options);
}

Workflow<Payload> try_again(Context ctx, Payload input) {
  co_return co_await ctx.run<Flaky>(input, kImpatient);
}

// Done by remote workers of the queue "far", who may be silent for 100 ms.
Workflow<Payload> echo_far(Context ctx, Payload input) {
  co_return co_await ctx.run<Echo>(input, {.retry = {.initial = std::chrono::milliseconds(1)},
                                           .queue = "far",
                                           .heartbeat_timeout = std::chrono::milliseconds(100)});
}

// The same, for workers on a machine that is busy with other things.
Workflow<Payload> echo_far_patiently(Context ctx, Payload input) {
  co_return co_await ctx.run<Echo>(input, {.retry = {.initial = std::chrono::milliseconds(1)},
                                           .queue = "far",
                                           .heartbeat_timeout = std::chrono::seconds(60)});
}

// Done in this process, in the queue "near".
const ActivityOptions kNear{.queue = "near", .in_process = true};
Workflow<Payload> echo_near(Context ctx, Payload input) {
  co_return co_await ctx.run<Echo>(input, kNear);
}
Workflow<Payload> hang_near(Context ctx, Payload input) {
  co_return co_await ctx.run<Hang>(input, kNear);
}

Workflow<Payload> hiccup(Context ctx, Payload input) {
  co_return co_await ctx.run<Hiccup>(input, {.retry = {.initial = std::chrono::milliseconds(1)},
                                             .heartbeat_timeout = std::chrono::milliseconds(20)});
}

Workflow<Payload> nap(Context ctx, Payload) {
  co_await ctx.sleep(std::chrono::milliseconds(20));
  co_return Payload{"rested"};
}

Workflow<Payload> shout(Context ctx, Payload input) {
  for (int i = 0; i < 3; ++i)
    input = co_await ctx.step("shout", [input] { return Payload{input.bytes + "!"}; },
                              {.shares_commit = true});
  co_return input;
}

// Whoever watches the fixture's engine lets it go on.
std::atomic<bool> spinning = false;

Workflow<Payload> spin(Context, Payload) {
  for (spinning = true; spinning;) {
  }
  co_return Payload{"let go"};
}

asio::awaitable<ActivityOutcome> echo_body(ActivityInvocation invocation) {
  co_return std::move(invocation.input);
}

asio::awaitable<ActivityOutcome> flaky_body(ActivityInvocation invocation) {
  if (invocation.attempt.value() > static_cast<unsigned>(invocation.input.bytes.size()))
    co_return std::move(invocation.input);
  throw std::runtime_error("not yet");
}

asio::awaitable<ActivityOutcome> hang_body(ActivityInvocation) {
  asio::steady_timer never(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return std::unexpected(ActivityFailure{.type = "cancelled", .message = "it was told to stop"});
}

asio::awaitable<ActivityOutcome> hiccup_body(ActivityInvocation invocation) {
  if (!invocation.last_details.bytes.empty()) co_return std::move(invocation.last_details);
  invocation.heartbeat(Payload{"half"});
  co_return co_await hang_body(std::move(invocation));
}

}  // namespace

EngineFixture::EngineFixture() {
  catalog_.add(define<Payload>("echo", &echo_once));
  catalog_.add(define<Payload>("echo_each", &echo_each));
  catalog_.add(define<Payload>("echo_far", &echo_far));
  catalog_.add(define<Payload>("echo_far_patiently", &echo_far_patiently));
  catalog_.add(define<Payload>("echo_many", &echo_many));
  catalog_.add(define<Payload>("echo_near", &echo_near));
  catalog_.add(define<Payload>("hang_near", &hang_near));
  catalog_.add(define<Payload>("hiccup", &hiccup));
  catalog_.add(define<Payload>("take_two", &take_two));
  catalog_.add(define<Payload>("hang", &hang));
  catalog_.add(define<Payload>("hang_impatiently", &hang_impatiently));
  catalog_.add(define<Payload>("try_again", &try_again));
  catalog_.add(define<Payload>("nap", &nap));
  catalog_.add(define<Payload>("shout", &shout));
  catalog_.add(define<Payload>("spin", &spin));
  activities_.add<Echo>(&echo_body);
  activities_.add<Flaky>(&flaky_body);
  activities_.add<Hiccup>(&hiccup_body);
  activities_.add<Hang>([this](ActivityInvocation invocation) {
    ++bodies_started;
    bodies_started.notify_all();
    return hang_body(std::move(invocation));
  });
  open();
}

EngineFixture::~EngineFixture() {
  engine.reset();
  callers_.join();
}

void EngineFixture::open(EngineOptions options) {
  Result<DurableFloor> floor = DurableFloor::open(directory_.path() / "floor");
  CHECK(floor.has_value(), "{}", to_string(floor.error()));
  floor_ = std::move(*floor);
  auto opened =
      Engine::open(std::move(options), {catalog_, activities_, *log_to_open, *floor_, disk});
  CHECK(opened.has_value(), "{}", to_string(opened.error()));
  engine = std::move(*opened);
}

void EngineFixture::let_go() { spinning = false; }

Error EngineFixture::reopen_error() {
  auto opened = Engine::open({.threads = 1, .shards = 4}, {catalog_, activities_, log, *floor_});
  return opened ? Error{} : opened.error();
}

void EngineFixture::restart() {
  engine.reset();
  log.restart();
  open();
}

Result<StartAnswer> EngineFixture::start(std::string type, std::string input, std::string id) {
  StartRequest request{.type = std::move(type), .input = Payload{std::move(input)}};
  if (!id.empty()) request.workflow = WorkflowId(std::move(id));
  return wait(engine->start(std::move(request)));
}

Result<RunOutcome> EngineFixture::outcome(const WorkflowId& workflow) {
  const auto ended = wait(engine->result({.workflow = workflow}, std::chrono::seconds(30)));
  if (!ended) return std::unexpected(ended.error());
  if (!*ended) return fail(Errc::timed_out, workflow.text() + " did not end");
  return **ended;
}

std::vector<Event> EngineFixture::history(const WorkflowId& workflow) {
  auto page = wait(engine->history({.workflow = workflow}, Sequence(), 10'000, Duration(0)));
  CHECK(page.has_value(), "{}", to_string(page.error()));
  return std::move(page->events);
}

std::size_t EngineFixture::count(const WorkflowId& workflow, EventKind kind) {
  std::size_t found = 0;
  for (const Event& event : history(workflow)) found += kind_of(event.body) == kind ? 1U : 0U;
  return found;
}

}  // namespace reprise::testing
