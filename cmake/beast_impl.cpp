// The compiled part of Beast. Everywhere else its headers are declarations only.
//
// Without its assertions: one says that a last chunk has five bytes when it is looked at again
// (basic_parser.ipp, parse_chunk_header). Whoever is at the other end decides that: "0\r\n" and "\r",
// sent apart, ended the process. Without it, fewer bytes are read rightly.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/src.hpp>
