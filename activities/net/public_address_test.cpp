#include "activities/net/public_address.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

bool reachable(const char* address) { return is_public(boost::asio::ip::make_address(address)); }

TEST(PublicAddress, IsOneThatTheInternetReaches) {
  for (const char* address :
       {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1",
        "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::1"})
    EXPECT_TRUE(reachable(address)) << address;
}

TEST(PublicAddress, IsNoneOfThisMachineOrItsNetworks) {
  for (const char* address : {"127.0.0.1",
                              "127.255.255.254",
                              "0.0.0.0",
                              "10.0.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "192.0.2.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "2002:7f00:1::",
                              "2001:db8::1",
                              "2001::1"})
    EXPECT_FALSE(reachable(address)) << address;
}

TEST(PublicAddress, AHostThatMeansThisMachineIsKnownByItsName) {
  for (const char* host : {"localhost", "api.localhost", "127.0.0.1", "::1", "10.0.0.1"})
    EXPECT_TRUE(is_private_host(host)) << host;
  for (const char* host : {"example.com", "localhost.example.com", "8.8.8.8"})
    EXPECT_FALSE(is_private_host(host)) << host;
}

}  // namespace
}  // namespace reprise
