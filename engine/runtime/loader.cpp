#include "engine/runtime/loader.hpp"

#include <boost/asio/post.hpp>

#include <chrono>

#include "base/thread_name.hpp"
#include "engine/reads/log_answers.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

// Answered together: each delivery wakes a worker, which costs as much as a short history.
constexpr std::size_t kAtOnce = 8;
// On a machine that is never idle, what wakes is late by about as much.
constexpr Duration kPatience = std::chrono::milliseconds(50);

}  // namespace

Loader::Loader(const EventLog& log, const Clock& clock, std::function<void(Answers)> answer)
    : log_(log), clock_(clock), answer_(std::move(answer)) {
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
  bool late = false;
  {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    waking_.push_back({shard, std::move(read), now});
    late = now - waking_.front().since > kPatience;
  }
  asio::post(waker_, [this] { answer_some(); });
  if (late) asio::post(pool_, [this] { answer_some(); });
}

void Loader::answer_some() {
  std::vector<Waiting> taken;
  {
    const std::lock_guard lock(mutex_);
    for (; taken.size() < kAtOnce && !waking_.empty(); waking_.pop_front())
      taken.push_back(std::move(waking_.front()));
  }
  if (taken.empty()) return;  // an earlier call took them along
  Answers answers;
  for (const Waiting& read : taken)
    answers.emplace_back(read.shard, answer_of(log_, read.shard, read.read));
  answer_(std::move(answers));
}

void Loader::stop() {
  stop_.request_stop();
  for (asio::thread_pool* pool : {&pool_, &waker_}) pool->stop();
  for (asio::thread_pool* pool : {&pool_, &waker_}) pool->join();
}

}  // namespace reprise
