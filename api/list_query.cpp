#include "api/list_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <utility>

namespace reprise::api {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_operator(char c) { return c == '=' || c == '!' || c == '<' || c == '>'; }

bool is_and(std::string_view word) {
  return word.size() == 3 && (word[0] | 32) == 'a' && (word[1] | 32) == 'n' &&
         (word[2] | 32) == 'd';
}

// A number when the whole word is one.
template <typename Number>
std::optional<Number> number_of(std::string_view word) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

AttributeValue value_of(std::string_view word) {
  if (word == "true") return true;
  if (word == "false") return false;
  if (const auto whole = number_of<std::int64_t>(word)) return *whole;
  if (const auto real = number_of<double>(word)) return *real;
  return std::string(word);
}

constexpr std::array<std::string_view, 3> kTimes = {"started_at", "updated_at", "closed_at"};

bool is_time(std::string_view name) { return std::ranges::find(kTimes, name) != kTimes.end(); }

// A field of the view, times as microseconds, else the attribute.
std::optional<AttributeValue> found(const RunView& view, std::string_view name) {
  const auto time = [](UtcTime at) -> std::optional<AttributeValue> {
    if (at == UtcTime()) return std::nullopt;
    return at.micros();
  };
  if (name == "type") return view.type;
  if (name == "status") return std::string(to_string(view.status));
  if (name == "workflow_id") return view.workflow.text();
  if (name == "run_id") return to_string(view.run);
  if (name == "started_at") return time(view.started_at);
  if (name == "updated_at") return time(view.updated_at);
  if (name == "closed_at") return time(view.closed_at);
  const auto attribute = view.attributes.find(name);
  if (attribute == view.attributes.end()) return std::nullopt;
  return attribute->second;
}

// Unordered when the two are of different types.
std::partial_ordering compare(const AttributeValue& a, const AttributeValue& b) {
  return std::visit(
      []<typename A, typename B>(const A& x, const B& y) -> std::partial_ordering {
        if constexpr (std::same_as<A, B>)
          return x <=> y;
        else if constexpr ((std::same_as<A, double> || std::same_as<B, double>) &&
                           (std::same_as<A, std::int64_t> || std::same_as<B, std::int64_t>))
          return static_cast<double>(x) <=> static_cast<double>(y);
        else
          return std::partial_ordering::unordered;
      },
      a, b);
}

}  // namespace

class ListQuery::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<ListQuery> query() {
    ListQuery query;
    do {
      Result<Term> next = term();
      if (!next) return std::unexpected(next.error());
      query.terms_.push_back(std::move(*next));
      if (query.terms_.size() > kTermsMax)
        return refuse(fmt::format("at most {} terms", kTermsMax));
      skip_blanks();
      if (at_end()) return query;
    } while (is_and(word()));
    return refuse("\"and\" stands between two terms");
  }

 private:
  Result<Term> term() {
    Term term;
    skip_blanks();
    term.name = word();
    if (term.name.empty()) return refuse("a term begins with a name");
    skip_blanks();
    const std::optional<Operator> op = operator_here();
    if (!op) return refuse("one of = != < <= > >= stands behind the name");
    term.op = *op;
    skip_blanks();
    if (at_end()) return refuse("a value stands behind the operator");
    const bool is_quoted = text_[at_] == '"';
    if (is_quoted) {
      const auto text = quoted();
      if (!text) return refuse("the text's closing \" is missing");
      term.value = *text;
    } else {
      const std::string_view value = word();
      if (value.empty()) return refuse("a value stands behind the operator");
      term.value = is_time(term.name) || term.name == "type" || term.name == "status" ||
                           term.name == "workflow_id" || term.name == "run_id"
                       ? AttributeValue(std::string(value))
                       : value_of(value);
    }
    if (!is_time(term.name)) return term;
    const auto time = parse_rfc3339(std::get<std::string>(term.value));
    if (!time) return refuse(term.name + " is compared with a time like 2026-05-04T10:00:00Z");
    term.value = time->micros();
    return term;
  }

  std::string_view word() {
    const std::size_t begin = at_;
    while (!at_end() && !is_blank(text_[at_]) && !is_operator(text_[at_]) && text_[at_] != '"')
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::optional<std::string> quoted() {
    std::string text;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      text += text_[at_];
    }
    if (at_end()) return std::nullopt;
    ++at_;
    return text;
  }

  std::optional<Operator> operator_here() {
    constexpr std::array<std::pair<std::string_view, Operator>, 6> kOperators = {
        {{"!=", Operator::unequal},
         {"<=", Operator::at_most},
         {">=", Operator::at_least},
         {"=", Operator::equal},
         {"<", Operator::less},
         {">", Operator::greater}}};
    for (const auto& [text, op] : kOperators)
      if (text_.substr(at_).starts_with(text)) {
        at_ += text.size();
        return op;
      }
    return std::nullopt;
  }

  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) ++at_;
  }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
    return fail(Errc::invalid_argument, fmt::format("at byte {}: {}", at_ + 1, why));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<ListQuery> ListQuery::parse(std::string_view text) { return Parser(text).query(); }

bool ListQuery::holds(const Term& term, const RunView& view) {
  const std::optional<AttributeValue> value = found(view, term.name);
  if (!value) return false;
  const std::partial_ordering order = compare(*value, term.value);
  if (order == std::partial_ordering::unordered) return false;
  switch (term.op) {
    case Operator::equal: return order == 0;
    case Operator::unequal: return order != 0;
    case Operator::less: return order < 0;
    case Operator::at_most: return order <= 0;
    case Operator::greater: return order > 0;
    case Operator::at_least: return order >= 0;
  }
  return false;
}

bool ListQuery::matches(const RunView& view) const {
  return std::ranges::all_of(terms_, [&](const Term& term) { return holds(term, view); });
}

}  // namespace reprise::api
