// TlsTrust as the sources of this floor see it: a TLS client's context.
#pragma once

#include <boost/asio/ssl/context.hpp>

namespace reprise {

class TlsTrust {
 public:
  explicit TlsTrust(boost::asio::ssl::context loaded) : context(std::move(loaded)) {}

  // Asio asks for one that it may change; a stream only takes its own reference to it, which
  // OpenSSL counts atomically.
  mutable boost::asio::ssl::context context;
};

}  // namespace reprise
