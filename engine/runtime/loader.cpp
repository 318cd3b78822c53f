#include "engine/runtime/loader.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>

#include "base/thread_name.hpp"
#include "engine/reads/log_answers.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

// On a machine that is never idle, the waker comes late by about as much.
constexpr Duration kPatience = std::chrono::milliseconds(50);

}  // namespace

Loader::Loader(const EventLog& log, WakePace& pace, const Clock& clock,
               std::function<void(Answers)> answer)
    : log_(log), pace_(pace), clock_(clock), answer_(std::move(answer)) {
  asio::post(pool_, [] { name_this_thread("loader"); });
  asio::post(waker_, [] {
    name_this_thread("waker");
    run_behind_other_threads();
  });
}

void Loader::read(ShardIndex shard, Read read) {
  if (!is_background(read)) {
    asio::post(pool_, [this, shard, what = std::move(read)] {
      Answers answers;
      answers.emplace_back(shard, answer_of(log_, shard, what));
      answer_(std::move(answers));
    });
    return;
  }
  const SteadyTime now = clock_.steady();
  bool waker_is_late = false;
  {
    const std::lock_guard lock(mutex_);
    waking_.push_back({shard, std::move(read)});
    waker_is_late = turn_at_ && now - *turn_at_ > kPatience;
    if (turn_at_ && !waker_is_late) return;
    turn_at_ = now;
  }
  if (waker_is_late)
    asio::post(pool_, [this] { answer_some(); });
  else
    asio::post(waker_, [this] { take_turn(); });
}

void Loader::take_turn() {
  answer_some();
  const SteadyTime now = clock_.steady();
  SteadyTime next;
  {
    const std::lock_guard lock(mutex_);
    turn_at_.reset();
    if (waking_.empty()) return;
    next = std::max(next_wake_, now);
    turn_at_ = next;
  }
  if (next <= now) return asio::post(waker_, [this] { take_turn(); });
  pause_.expires_at(asio::steady_timer::time_point(std::chrono::microseconds(next.micros())));
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) take_turn();
  });
}

void Loader::answer_some() {
  const std::vector<Waiting> taken = take_some();
  if (taken.empty()) return;
  Answers answers;
  for (const Waiting& waiting : taken)
    answers.emplace_back(waiting.shard, answer_of(log_, waiting.shard, waiting.read));
  answer_(std::move(answers));
  pace_.delivered();
}

std::vector<Loader::Waiting> Loader::take_some() {
  std::vector<Waiting> taken;
  const std::lock_guard lock(mutex_);
  next_wake_ = std::max(next_wake_, pace_.not_before());
  if (waking_.empty() || clock_.steady() < next_wake_) return taken;
  std::size_t runs = 0;
  Duration late(0);
  const std::size_t at_once = pace_.at_once();
  for (; taken.size() < at_once && !waking_.empty(); waking_.pop_front()) {
    taken.push_back(std::move(waking_.front()));
    const auto* records = std::get_if<LoadRecords>(&taken.back().read);
    if (records == nullptr || records->from != Sequence(1)) continue;
    ++runs;
    late = std::max(late, clock_.utc() - records->due);
  }
  next_wake_ = pace_.woke(runs, late);
  return taken;
}

void Loader::stop() {
  stop_.request_stop();
  for (asio::thread_pool* pool : {&pool_, &waker_}) pool->stop();
  for (asio::thread_pool* pool : {&pool_, &waker_}) pool->join();
}

}  // namespace reprise
