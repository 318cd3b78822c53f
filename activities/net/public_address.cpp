#include "activities/net/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace reprise {
namespace {

namespace ip = boost::asio::ip;

struct Network {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c = 0, unsigned d = 0) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array kNotPublic = {
    Network{v4(0, 0), 8},           // this network
    Network{v4(10, 0), 8},          // private
    Network{v4(100, 64), 10},       // shared, of providers
    Network{v4(127, 0), 8},         // loopback
    Network{v4(169, 254), 16},      // link-local: metadata of clouds
    Network{v4(172, 16), 12},       // private
    Network{v4(192, 0, 0), 24},     // protocol assignments
    Network{v4(192, 0, 2), 24},     // documentation
    Network{v4(192, 88, 99), 24},   // 6to4 relays
    Network{v4(192, 168), 16},      // private
    Network{v4(198, 18), 15},       // benchmarks
    Network{v4(198, 51, 100), 24},  // documentation
    Network{v4(203, 0, 113), 24},   // documentation
    Network{v4(224, 0), 4},         // multicast
    Network{v4(240, 0), 4},         // reserved, broadcast
};

bool is_public(ip::address_v4 address) {
  return std::ranges::none_of(kNotPublic, [&](const Network& network) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - network.bits);
    return (address.to_uint() & mask) == network.address;
  });
}

// Of 2000::/3, the space that is handed out, without the parts that lead elsewhere.
bool is_public(const ip::address_v6& address) {
  if (address.is_v4_mapped()) return is_public(ip::make_address_v4(ip::v4_mapped, address));
  const ip::address_v6::bytes_type bytes = address.to_bytes();
  const auto first = static_cast<unsigned>(bytes[0] << 8U | bytes[1]);
  const auto second = static_cast<unsigned>(bytes[2] << 8U | bytes[3]);
  if ((first & 0xE000U) != 0x2000U) return false;
  if (first == 0x2001 && second < 0x0200) return false;   // Teredo, ORCHID, benchmarks
  if (first == 0x2001 && second == 0x0DB8) return false;  // documentation
  if (first == 0x3FFF && second < 0x1000) return false;   // documentation
  if (first == 0x2002)                                    // 6to4
    return is_public(ip::address_v4({bytes[2], bytes[3], bytes[4], bytes[5]}));
  return true;
}

}  // namespace

bool is_public(const ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

bool is_private_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code no_address;
  const ip::address address = ip::make_address(std::string(host), no_address);
  return !no_address && !is_public(address);
}

}  // namespace reprise
