// Which addresses are of the public internet: those that anybody may be sent to by a stranger's URL.
//
// Guarantees: an IPv4 address in an IPv6 one (mapped, 6to4) counts as that IPv4 address.
// Source:     the IANA registries of special-purpose addresses (RFC 6890): only what is globally
//             reachable there, and no multicast.
#pragma once

#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace reprise {

bool is_public(const boost::asio::ip::address& address);

// A host that is an address, and no public one, or a name that means this machine. False for any
// other name: what it stands for is known once it is resolved.
bool is_private_host(std::string_view host);

}  // namespace reprise
