#include "activities/net/tls_trust.hpp"

#include <openssl/ssl.h>

#include "activities/net/tls_context.hpp"

namespace reprise {
namespace {

namespace ssl = boost::asio::ssl;

ssl::context client_context() {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

Result<TlsTrustPtr> load_system_trust() {
  ssl::context context = client_context();
  boost::system::error_code error;
  context.set_default_verify_paths(error);
  if (error) return fail(Errc::io, "the system's certificates cannot be read: " + error.message());
  return std::make_shared<const TlsTrust>(std::move(context));
}

}  // namespace

Result<TlsTrustPtr> system_trust() {
  static const Result<TlsTrustPtr> loaded = load_system_trust();
  return loaded;
}

Result<TlsTrustPtr> trust_file(const std::string& path) {
  ssl::context context = client_context();
  boost::system::error_code error;
  context.load_verify_file(path, error);
  if (error) return fail(Errc::io, "no certificates in " + path + ": " + error.message());
  return std::make_shared<const TlsTrust>(std::move(context));
}

}  // namespace reprise
