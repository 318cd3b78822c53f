// ServerAddress: where the server is at present; it moves with each restart.
//
// Guarantees: a client whose call failed waits here for the next address; nobody waits longer than a
//             moment for nothing, as a call can fail for other reasons than a server that is gone.
// Thread:     its executor's; move_to() from any.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <utility>

namespace reprise::testing {

class ServerAddress {
 public:
  explicit ServerAddress(boost::asio::io_context& io) : io_(io), moved_(io) {}

  [[nodiscard]] const std::string& url() const { return url_; }

  void move_to(std::string url) {
    boost::asio::post(io_, [this, to = std::move(url)] {
      url_ = to;
      moved_.cancel();
    });
  }

  // Until the address is another one than `failed`, or a moment has passed.
  static boost::asio::awaitable<void> wait_for_another(ServerAddress* address, std::string failed) {
    if (address->url_ != failed) co_return;
    if (address->moved_.expiry() <= std::chrono::steady_clock::now())
      address->moved_.expires_after(kMoment);
    co_await address->moved_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  static constexpr auto kMoment = std::chrono::milliseconds(50);

  boost::asio::io_context& io_;
  std::string url_;
  boost::asio::steady_timer moved_;
};

}  // namespace reprise::testing
