#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "activities/net/http_client.hpp"
#include "activities/net/testing/run_coroutine.hpp"
#include "activities/net/testing/scripted_server.hpp"
#include "activities/net/tls_context.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;
using testing::run_coroutine;
using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;
using testing::TestAuthority;
using Kind = HttpFailure::Kind;
using namespace std::chrono_literals;

ScriptedServer server_as(const testing::TestIdentity& identity,
                         ScriptedReply reply = {.body = "ok"}) {
  return ScriptedServer([reply = std::move(reply)](const ScriptedRequest&) { return reply; },
                        identity);
}

// A file of this process, which others that run the same tests at the same time do not touch.
class TextFile {
 public:
  explicit TextFile(const std::string& text)
      : path_(::testing::TempDir() + "reprise_tls_test_" + std::to_string(getpid()) + ".pem") {
    std::ofstream(path_) << text;
  }
  ~TextFile() { std::remove(path_.c_str()); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TlsTrustPtr trust_in(const TestAuthority& authority) {
  return trust_file(TextFile(authority.certificate()).path()).value();
}

// What no call needs, on a machine under any load.
constexpr Duration kPlenty = 2min;

HttpOutcome get(const std::string& url, TlsTrustPtr trust) {
  return run_coroutine(http_call({.url = parse_url(url).value(),
                                  .deadline = system_clock().steady() + kPlenty,
                                  .connect_timeout = kPlenty,
                                  .trust = std::move(trust)}));
}

TEST(HttpTls, ATrustedAuthorityAndTheRightNameAreAccepted) {
  const TestAuthority authority;
  const auto server = server_as(authority.issue("DNS:localhost"));
  const auto outcome =
      get("https://localhost:" + std::to_string(server.port()), trust_in(authority));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail;
  EXPECT_EQ(outcome->body, "ok");
}

TEST(HttpTls, AnAddressCountsWhenTheCertificateNamesIt) {
  const TestAuthority authority;
  const auto server = server_as(authority.issue("IP:127.0.0.1"));
  const auto outcome = get(server.url(), trust_in(authority));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail;
  EXPECT_EQ(outcome->body, "ok");
}

TEST(HttpTls, AnotherHostsCertificateIsRefused) {
  const TestAuthority authority;
  const auto by_name = server_as(authority.issue("DNS:other.example"));
  const auto outcome =
      get("https://localhost:" + std::to_string(by_name.port()), trust_in(authority));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::tls);
  EXPECT_THAT(outcome.error().detail, HasSubstr("ostname mismatch"));
  EXPECT_TRUE(by_name.requests().empty());

  const auto by_address = server_as(authority.issue("IP:127.0.0.2"));
  const auto address_outcome = get(by_address.url(), trust_in(authority));
  ASSERT_FALSE(address_outcome.has_value());
  EXPECT_EQ(address_outcome.error().kind, Kind::tls);
}

TEST(HttpTls, AnUnknownAuthorityIsRefused) {
  const TestAuthority authority;
  const TestAuthority another;
  const auto server = server_as(authority.issue("IP:127.0.0.1"));
  for (const TlsTrustPtr& trust : {trust_in(another), TlsTrustPtr()}) {
    const auto outcome = get(server.url(), trust);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().kind, Kind::tls);
    EXPECT_THAT(outcome.error().detail, HasSubstr("certificate refused"));
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpTls, APlainServerIsRefused) {
  const ScriptedServer server([](const ScriptedRequest&) { return ScriptedReply{}; });
  const auto outcome = get("https://127.0.0.1:" + std::to_string(server.port()), nullptr);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::tls);
}

TEST(HttpTls, ABodyWithoutALengthThatIsCutOffIsNotTakenAsWhole) {
  const TestAuthority authority;
  // Closed without TLS's farewell: anyone on the way could have done that.
  const auto server =
      server_as(authority.issue("IP:127.0.0.1"), {.raw = "HTTP/1.1 200 OK\r\n\r\nhalf an ans"});
  const auto outcome = get(server.url(), trust_in(authority));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::cut);
}

TEST(HttpTls, NothingOlderThanTls12IsSpoken) {
  const auto trust = system_trust().value();
  EXPECT_EQ(SSL_CTX_get_min_proto_version(trust->context.native_handle()), TLS1_2_VERSION);
}

TEST(TlsTrust, AFileWithoutCertificatesIsAnError) {
  EXPECT_EQ(trust_file("/nonexistent/ca.pem").error().code, Errc::io);
  EXPECT_EQ(trust_file(TextFile("none here\n").path()).error().code, Errc::io);
}

}  // namespace
}  // namespace reprise
