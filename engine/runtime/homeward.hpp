// homeward(): a completion handler of Asio as a plain function, to be called on any thread.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>

#include <functional>
#include <utility>

namespace reprise {

// A completion handler as a plain function that runs on the handler's own executor, and keeps that
// executor's context alive until then.
template <typename Value, typename Handler>
std::move_only_function<void(Value)> homeward(Handler handler) {
  auto home = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                  boost::asio::execution::outstanding_work.tracked);
  return [home = std::move(home), handler = std::move(handler)](Value value) mutable {
    boost::asio::dispatch(home, [handler = std::move(handler), value = std::move(value)]() mutable {
      std::move(handler)(std::move(value));
    });
  };
}

}  // namespace reprise
