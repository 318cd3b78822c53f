// StepPool: threads for the local steps of workflows, which may block and compute.
//
// Guarantees: at most kThreads steps run at once, and the others wait in the order they came; the
//             engine's threads never run one. stop() drops those that wait (they are lost attempts,
//             begun again by the next process) and returns when those that run have ended.
// Thread:     any.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <utility>

#include "engine/author/host.hpp"
#include "engine/runtime/activity.hpp"

namespace reprise {

class StepPool {
 public:
  static constexpr std::size_t kThreads = 4;

  void run(std::shared_ptr<const StepBody> body,
           std::move_only_function<void(ActivityOutcome)> done) {
    boost::asio::post(
        pool_, [body = std::move(body), done = std::move(done)]() mutable { done((*body)()); });
  }
  void stop() {
    pool_.stop();
    pool_.join();
  }

 private:
  boost::asio::thread_pool pool_{kThreads};
};

}  // namespace reprise
