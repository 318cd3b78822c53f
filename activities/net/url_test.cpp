#include "activities/net/url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

TEST(Url, PartsAreRead) {
  EXPECT_EQ(parse_url("http://127.0.0.1:9/v1").value(),
            (Url{.tls = false, .host = "127.0.0.1", .port = 9, .path = "/v1", .query = ""}));
  EXPECT_EQ(
      parse_url("https://API.example.com/a/b?c=d&e").value(),
      (Url{.tls = true, .host = "api.example.com", .port = 443, .path = "/a/b", .query = "c=d&e"}));
  EXPECT_EQ(parse_url("HTTP://[2001:DB8::1]:8000").value(),
            (Url{.tls = false, .host = "2001:db8::1", .port = 8000, .path = "", .query = ""}));
  EXPECT_EQ(parse_url("https://host?x=%2F").value(),
            (Url{.tls = true, .host = "host", .port = 443, .path = "", .query = "x=%2F"}));
}

TEST(Url, ASlashAtTheEndMakesNoDifference) {
  EXPECT_EQ(parse_url("http://host/v1/"), parse_url("http://host/v1"));
  EXPECT_EQ(parse_url("http://host/"), parse_url("http://host"));
  EXPECT_EQ(parse_url("http://host:/"), parse_url("http://host:80"));
}

TEST(Url, WhatIsBelowKeepsTheBasePathAndDropsItsQuery) {
  const Url base = parse_url("http://host:8000/v1?a=b").value();
  EXPECT_EQ(base.at("/messages").target(), "/v1/messages");
  EXPECT_EQ(base.at("/messages?limit=2").target(), "/v1/messages?limit=2");
  EXPECT_EQ(parse_url("http://host").value().target(), "/");
  EXPECT_EQ(parse_url("http://host?a").value().target(), "/?a");
}

TEST(Url, TheHostHeaderNamesOnlyAPortThatIsNotTheSchemesOwn) {
  EXPECT_EQ(parse_url("http://host").value().authority(), "host");
  EXPECT_EQ(parse_url("https://host:443").value().authority(), "host");
  EXPECT_EQ(parse_url("http://host:443").value().authority(), "host:443");
  EXPECT_EQ(parse_url("http://[::1]:80/x").value().authority(), "[::1]");
}

struct BadUrl {
  const char* text;
  const char* reason;  // a part of the detail
};

class BadUrlTest : public ::testing::TestWithParam<BadUrl> {};

TEST_P(BadUrlTest, IsRefusedWithItsReason) {
  const auto url = parse_url(GetParam().text);
  ASSERT_FALSE(url.has_value());
  EXPECT_EQ(url.error().code, Errc::invalid_argument);
  EXPECT_NE(url.error().detail.find(GetParam().reason), std::string::npos) << url.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Url, BadUrlTest,
    ::testing::Values(BadUrl{"", "http:// or https://"},
                      BadUrl{"localhost:8000", "http:// or https://"},
                      BadUrl{"ftp://host", "http:// or https://"}, BadUrl{"http://", "no host"},
                      BadUrl{"http:///path", "no host"}, BadUrl{"http://ho st", "no host name"},
                      BadUrl{"http://h%41st", "no host name"}, BadUrl{"http://host:0", "port"},
                      BadUrl{"http://host:65536", "port"}, BadUrl{"http://host:8o", "port"},
                      BadUrl{"http://[::1", "']'"}, BadUrl{"http://[host]", "IPv6"},
                      BadUrl{"http://[::1]x", "port"}, BadUrl{"http://[fe80::1%25eth0]", "IPv6"},
                      BadUrl{"http://host/a#b", "fragment"}, BadUrl{"http://host/a b", "percent"},
                      BadUrl{"http://host/\r\nX: y", "percent"},
                      BadUrl{"http://host/%4", "percent"}, BadUrl{"http://host/é", "percent"}));

TEST(Url, APasswordIsRefusedAndNotRepeated) {
  const auto url = parse_url("http://user:swordfish@host/");
  ASSERT_FALSE(url.has_value());
  EXPECT_EQ(to_string(url.error()).find("swordfish"), std::string::npos);
}

TEST(Url, OverEightKibibytesIsTooLarge) {
  EXPECT_EQ(parse_url("http://host/" + std::string(9000, 'a')).error().code, Errc::too_large);
}

RC_GTEST_PROP(Url, WhatIsWrittenIsReadAgain, ()) {
  const auto word = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
  const Url url{.tls = *rc::gen::arbitrary<bool>(),
                .host = *rc::gen::element<std::string>("a.example", "10.0.0.1", "::1", "x-y_z"),
                .port = *rc::gen::inRange<std::uint16_t>(1, 65535),
                .path = *rc::gen::arbitrary<bool>() ? "/" + *word : "",
                .query = *rc::gen::arbitrary<bool>() ? *word + "=1" : ""};
  RC_ASSERT(parse_url(to_string(url)).value() == url);
}

}  // namespace
}  // namespace reprise
