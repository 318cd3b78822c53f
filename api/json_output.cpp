#include "api/json_output.hpp"

#include <simdjson.h>

#include <array>

namespace reprise::api {
namespace {

constexpr std::size_t kDepthMax = 64;

// An object whose only member is "base64" would be taken for other bytes.
bool is_json(const std::string& bytes) {
  simdjson::dom::parser parser;
  if (parser.allocate(std::max<std::size_t>(bytes.size(), 64), kDepthMax) != simdjson::SUCCESS)
    return false;
  simdjson::dom::element root;
  if (parser.parse(bytes).get(root) != simdjson::SUCCESS) return false;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS || object.size() != 1) return true;
  return (*object.begin()).key != "base64";
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  out += '"';
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), 3);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = (word << 8U) | (i < count ? static_cast<unsigned char>(bytes[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= count ? kDigits[(word >> (18 - 6 * i)) & 0x3FU] : '=';
    bytes.remove_prefix(count);
  }
  out += '"';
}

void append_payload(std::string& out, const Payload& payload) {
  if (payload.bytes.empty()) {
    out += "null";
  } else if (is_json(payload.bytes)) {
    const std::size_t begin = out.size();
    out += payload.bytes;
    // Within JSON strings there are no raw line breaks: these stand between tokens.
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  } else {
    ObjectWriter json(out);
    append_base64(json.begin("base64"), payload.bytes);
    json.close();
  }
}

}  // namespace reprise::api
