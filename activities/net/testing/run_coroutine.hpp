// run_coroutine: one coroutine from start to end on the calling thread, for tests.
//
// Errors: an exception that leaves the coroutine leaves this.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

namespace reprise::testing {

template <typename T>
T run_coroutine(boost::asio::awaitable<T> work) {
  boost::asio::io_context io(1);
  auto result = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
  io.run();
  return result.get();
}

}  // namespace reprise::testing
