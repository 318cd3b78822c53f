// TlsTrust: which certificates a TLS client believes.
//
// Guarantees: TLS 1.2 or newer; the peer's chain must end at one of these certificates.
// Thread:     any; one object serves any number of connections.
// Errors:     io: the file cannot be read or holds no certificate.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace reprise {

class TlsTrust;
using TlsTrustPtr = std::shared_ptr<const TlsTrust>;

// The system's certificates (SSL_CERT_FILE and SSL_CERT_DIR count). Read once, at the first call,
// which takes tens of milliseconds: a server makes it at its start.
Result<TlsTrustPtr> system_trust();

// Those in this PEM file only.
Result<TlsTrustPtr> trust_file(const std::string& path);

}  // namespace reprise
