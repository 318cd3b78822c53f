// QueryReader: the parameters behind the `?`, checked like the fields of a body.
//
// Guarantees: a parameter that stands twice, that nobody asked for, or that is out of range is an
//             error "query.NAME".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"
#include "api/json_input.hpp"
#include "base/time.hpp"

namespace reprise::api {

// Sequences and counts stay below 2^63, so that every client can hold them.
inline constexpr std::uint64_t kNumberMax = INT64_MAX;

struct NumberRange {
  std::uint64_t min = 0;
  std::uint64_t max = kNumberMax;
  std::uint64_t otherwise = 0;
};

class QueryReader {
 public:
  QueryReader(const HttpRequest& request, InputErrors& errors)
      : request_(request), errors_(errors) {}

  std::uint64_t number(std::string_view name, NumberRange range);
  // "30s", "500ms"; nothing when it is absent.
  std::optional<Duration> duration(std::string_view name, Duration max);
  // Nothing when it is absent or empty.
  std::optional<std::string_view> text(std::string_view name);
  // The place of the value among `names`; the first when it is absent.
  std::size_t choice(std::string_view name, std::initializer_list<std::string_view> names);
  // After the last parameter: refuses what nobody asked for.
  void finish();

 private:
  void refuse(std::string_view name, std::string reason);

  const HttpRequest& request_;
  InputErrors& errors_;
  std::vector<std::string_view> known_;
};

}  // namespace reprise::api
