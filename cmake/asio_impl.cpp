// The compiled part of Asio. Everywhere else its headers are declarations only.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
