#include "tools/reprise/listen_address.hpp"

#include <gtest/gtest.h>

namespace reprise::cli {
namespace {

TEST(ListenAddress, LoopbackIsAccepted) {
  EXPECT_EQ(*parse_listen_address("127.0.0.1:8000"), (ListenAddress{"127.0.0.1", 8000}));
  EXPECT_EQ(*parse_listen_address("127.9.9.9:0"), (ListenAddress{"127.9.9.9", 0}));
  EXPECT_EQ(*parse_listen_address("[::1]:80"), (ListenAddress{"::1", 80}));
  EXPECT_EQ(*parse_listen_address("localhost:80"), (ListenAddress{"127.0.0.1", 80}));
}

TEST(ListenAddress, AnythingElseIsRefusedBecauseThereIsNoAuthentication) {
  for (const char* text : {"0.0.0.0:8000", "[::]:8000", "192.168.1.5:80", "example.com:80", ":8000",
                           "[::ffff:127.0.0.1]:80", "127.0.0.1.example.com:80", "2130706433:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_NE(address.error().detail.find("no authentication"), std::string::npos) << text;
  }
}

TEST(ListenAddress, WhatIsNoAddressSaysHowOneLooks) {
  for (const char* text :
       {"", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_EQ(address.error().field, "--listen");
  }
}

}  // namespace
}  // namespace reprise::cli
