// TestAuthority: a certificate authority that lives as long as a test.
//
// Guarantees: a new key each time (ECDSA P-256), valid from an hour ago for a day; nothing is
//             written to disk.
// Errors:     std::runtime_error when OpenSSL refuses: it serves tests only.
#pragma once

#include <memory>
#include <string>

namespace reprise::testing {

// What a TLS server shows, as PEM.
struct TestIdentity {
  std::string certificate;
  std::string key;
};

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Its own certificate: who trusts this trusts what it issues.
  [[nodiscard]] std::string certificate() const;

  // An identity for these subjectAltNames, in OpenSSL's notation: "DNS:localhost,IP:127.0.0.1".
  [[nodiscard]] TestIdentity issue(const std::string& names) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace reprise::testing
