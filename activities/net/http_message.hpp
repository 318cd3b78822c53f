// HttpHeaders and HttpResponse: what travels over HTTP, without the library that carries it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reprise {

struct HttpHeader {
  std::string name;
  std::string value;
  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

// In the order in which they travel; a name may stand more than once.
using HttpHeaders = std::vector<HttpHeader>;

// The value of the first header with this name, in any case; null when there is none.
const std::string* find_header(const HttpHeaders& headers, std::string_view name);

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;

  [[nodiscard]] const std::string* header(std::string_view name) const {
    return find_header(headers, name);
  }
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

}  // namespace reprise
