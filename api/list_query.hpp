// ListQuery: which runs a list shows: `customer = "acme" and priority >= 3 and status = running`.
//
//   query = term ("and" term)*           term  = name operator value
//   operator = = != < <= > >=            value = "text" | word | number | true | false
// A name is a field (type, status, workflow_id, run_id, started_at, updated_at, closed_at) or else an
// attribute. Times are RFC 3339. A run without the attribute, or with one of another type, satisfies no
// term about it, != included. Whole and other numbers compare as numbers.
// Errors: invalid_argument, with what is wrong and where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/core/view.hpp"

namespace reprise::api {

class ListQuery {
 public:
  static constexpr std::size_t kTermsMax = 20;

  static Result<ListQuery> parse(std::string_view text);
  [[nodiscard]] bool matches(const RunView& view) const;

 private:
  enum class Operator : std::uint8_t { equal, unequal, less, at_most, greater, at_least };
  struct Term {
    std::string name;
    Operator op = Operator::equal;
    AttributeValue value;
  };
  class Parser;
  static bool holds(const Term& term, const RunView& view);

  std::vector<Term> terms_;
};

}  // namespace reprise::api
