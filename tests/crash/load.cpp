#include "tests/crash/load.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace reprise::testing {
namespace {

namespace asio = boost::asio;

// Between two signals of a client: without it a fast machine fills the log with nothing else.
constexpr Duration kSignalPause = std::chrono::milliseconds(15);

}  // namespace

Load::Load(const LoadSize& size, std::string url) : stays_(io_.get_executor()), address_(io_) {
  address_.move_to(std::move(url));
  for (std::size_t i = 0; i < size.task_clients; ++i)
    start(hand_in_tasks(this, i, size.task_clients, size.tasks));
  for (std::size_t i = 0; i < size.signal_clients; ++i) start(send_signals(this, i));
  for (std::size_t i = 0; i < size.chain_clients; ++i)
    start(run_workflows(this, fmt::format("chain-{}", i),
                        R"("type":"bench.chain","input":{"n":20})"));
  for (std::size_t i = 0; i < size.sleeper_clients; ++i)
    start(run_workflows(this, fmt::format("sleeper-{}", i),
                        R"("type":"bench.sleeper","input":{"ms":250})"));
  thread_ = std::jthread([this] { io_.run(); });
}

Load::~Load() { io_.stop(); }

void Load::start(Work client) {
  {
    const std::lock_guard lock(mutex_);
    ++clients_running_;
  }
  asio::co_spawn(io_, std::move(client), [this](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      complain(std::string("a client gave up: ") + error.what());
    }
    const std::lock_guard lock(mutex_);
    --clients_running_;
    changed_.notify_all();
  });
}

void Load::complain(std::string what) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(std::move(what));
}

void Load::run_for(Duration moment) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, moment, [this] { return clients_running_ == 0; });
}

bool Load::wait_until_done(Duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return clients_running_ == 0; });
}

Acknowledged Load::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::vector<std::string> Load::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

// The answer, however often the connection is lost on the way to it.
asio::awaitable<HttpResponse> Load::insist(Load* load, HttpCall call) {
  for (;;) {
    std::string url = load->address_.url();
    call.url = parse_url(url).value().at(call.url.target());
    call.deadline = system_clock().steady() + kCallTime;
    HttpOutcome outcome = co_await http_call(call);
    if (outcome && outcome->status != 503) co_return std::move(*outcome);
    ++load->calls_lost_;
    co_await ServerAddress::wait_for_another(&load->address_, std::move(url));
  }
}

// The acknowledgement of a start; asked for once more, as a client does that lost it.
asio::awaitable<Json> Load::start_run(Load* load, std::string key, std::string body) {
  const bool is_task = key.starts_with("task");
  const HttpCall call =
      api_call("POST", load->address_.url(), is_task ? "/api/v1/tasks" : "/api/v1/workflows",
               std::move(body), {{.name = "Idempotency-Key", .value = key}});
  const HttpResponse first = co_await insist(load, call);
  const HttpResponse again = co_await insist(load, call);
  if (first.status != 201 || again.status != 201 || first.body != again.body)
    load->complain(fmt::format("{} was answered {} {}, then {} {}", key, first.status, first.body,
                               again.status, again.body));
  co_return json_of(first);
}

// The run's status at its end.
asio::awaitable<std::string> Load::await_end(Load* load, std::string path) {
  const HttpCall call = api_call("GET", load->address_.url(), path + "?wait=20s");
  for (;;) {
    const HttpResponse response = co_await insist(load, call);
    if (response.status == 202) continue;
    if (response.status == 200) co_return json_of(response)["status"].get<std::string>();
    load->complain(fmt::format("{} was answered {} {}", path, response.status, response.body));
    co_return "unknown";
  }
}

asio::awaitable<void> Load::pause(Load* load, Duration pause) {
  asio::steady_timer timer(load->io_, pause);
  co_await timer.async_wait(asio::use_awaitable);
}

Load::Work Load::hand_in_tasks(Load* load, std::size_t first, std::size_t step, std::size_t end) {
  for (std::size_t i = first; i < end; i += step) {
    const Json made = co_await start_run(
        load, fmt::format("task-{}", i),
        fmt::format(R"({{"title":"Compare message brokers for {} devices","description":)"
                    R"("Look at the throughput.\n- Look at the cost\n- Name one broker"}})",
                    1000 + i));
    const auto id = made["task_id"].get<std::string>();
    {
      const std::lock_guard lock(load->mutex_);
      load->acknowledged_.tasks[id] = "running";
    }
    std::string status = co_await await_end(load, "/api/v1/tasks/" + id + "/result");
    const std::lock_guard lock(load->mutex_);
    load->acknowledged_.tasks[id] = std::move(status);
    ++load->tasks_ended_;
  }
}

Load::Work Load::send_signals(Load* load, std::size_t client) {
  const std::string id = fmt::format("signals-{}", client);
  const Json made = co_await start_run(
      load, id, fmt::format(R"({{"type":"bench.signals","id":"{}","input":{{}}}})", id));
  const std::string path = "/api/v1/workflows/" + id;
  for (std::size_t n = 1; !load->is_winding_down_; ++n) {
    const std::string payload = fmt::format(R"({{"n":{}}})", n);
    const HttpResponse response = co_await insist(
        load, api_call("POST", load->address_.url(), path + "/signal/signal", payload,
                       {{.name = "Idempotency-Key", .value = fmt::format("{}-{}", id, n)}}));
    if (response.status != 200) {
      load->complain(
          fmt::format("signal {} was answered {} {}", n, response.status, response.body));
      co_return;
    }
    const auto sequence = json_of(response)["seq"].get<std::uint64_t>();
    {
      const std::lock_guard lock(load->mutex_);
      load->acknowledged_.signals.push_back({id, payload, sequence});
    }
    co_await pause(load, kSignalPause);
  }
  co_await insist(load, api_call("POST", load->address_.url(), path + "/signal/end", "{}",
                                 {{.name = "Idempotency-Key", .value = id + "-end"}}));
  std::string status = co_await await_end(load, path + "/result");
  const std::lock_guard lock(load->mutex_);
  load->acknowledged_.workflows[id] = std::move(status);
}

// One run after the other, each under a name of its own.
Load::Work Load::run_workflows(Load* load, std::string name, std::string type_and_input) {
  for (std::size_t n = 1; !load->is_winding_down_; ++n) {
    const std::string id = fmt::format("{}-{}", name, n);
    const Json made =
        co_await start_run(load, id, fmt::format(R"({{"id":"{}",{}}})", id, type_and_input));
    {
      const std::lock_guard lock(load->mutex_);
      load->acknowledged_.workflows[id] = "running";
    }
    std::string status = co_await await_end(load, "/api/v1/workflows/" + id + "/result");
    const std::lock_guard lock(load->mutex_);
    load->acknowledged_.workflows[id] = std::move(status);
  }
}

}  // namespace reprise::testing
