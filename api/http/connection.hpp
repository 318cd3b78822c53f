// Connection: one client: its requests one after the other, each with its deadlines.
//
// Guarantees: answers stand in the order of the requests. A response is one write if the client has
//             room. After the last response the connection is closed so that the client can read it.
// Thread:     its lane's executor only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/http/message.hpp"
#include "api/http/request_parser.hpp"
#include "api/http/share.hpp"

namespace reprise::api {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Ptr = std::shared_ptr<Connection>;
  using Socket = boost::asio::ip::tcp::socket;

  Connection(std::shared_ptr<HttpServerShare> share, Lane& lane, Socket socket);

  // Serves the client until it goes, breaks a rule, or the server stops.
  static boost::asio::awaitable<void> serve(Ptr self);
  // Of the coroutine above.
  boost::asio::cancellation_slot slot() { return signal_.slot(); }

  // The server stops: ends at once when nothing is owed to the client.
  void stop_gently();
  // Ends whatever it waits for.
  void stop_now();

 private:
  friend class ChunkedStream;
  enum class Phase : std::uint8_t { idle, reading, answering, streaming, closing };
  // What stands in the connection's list while serve() runs.
  struct Listing {
    explicit Listing(Connection& c);
    ~Listing();
    Connection& connection;
    std::list<Connection*>::iterator place;
  };

  // True: a request is whole. False: the connection is over, and a refusal may have to be sent.
  static boost::asio::awaitable<bool> read_request(Ptr self);
  static boost::asio::awaitable<HttpResponse> answer(Ptr self);
  static boost::asio::awaitable<void> stream(Ptr self, HttpResponse response);
  // Sends the rest of out_ and tail_. False: the client is gone or too slow.
  static boost::asio::awaitable<bool> send_rest(Ptr self);
  static boost::asio::awaitable<void> linger(Ptr self);

  void begin_request();
  // The client has closed, or at least will send nothing more.
  [[nodiscard]] bool client_is_gone();
  void refuse(const HttpRefusal& refusal);
  void say_continue();
  void put_head(const HttpResponse& response, bool is_stream);
  // True when all is sent.
  bool send_now();
  [[nodiscard]] std::array<boost::asio::const_buffer, 2> unsent() const;
  [[nodiscard]] bool stays_open() const;

  // Ends the operation that is under way unless this is called again within `limit`.
  void set_deadline(Duration limit);
  void no_deadline() { deadline_ = boost::asio::steady_timer::time_point::max(); }
  void start_timer();
  void on_timer();

  [[nodiscard]] std::string_view unread() const { return {input_.data() + begin_, end_ - begin_}; }
  void take(std::size_t bytes);
  boost::asio::mutable_buffer room();

  const std::shared_ptr<HttpServerShare> share_;
  Lane& lane_;
  Socket socket_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer::time_point deadline_;
  bool timer_waits_ = false;
  bool timed_out_ = false;
  boost::asio::cancellation_signal signal_;

  Phase phase_ = Phase::idle;
  bool served_one_ = false;
  std::vector<char> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::shared_ptr<HttpRequest> request_;
  RequestParser parser_;
  bool keeps_alive_ = false;

  std::string out_;   // a response's head, and its body when that is small
  std::string tail_;  // a large body
  std::size_t sent_ = 0;
  bool broken_ = false;  // the client's end is gone
};

}  // namespace reprise::api
