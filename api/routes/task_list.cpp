#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/task_json.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kPageMax = 1'000'000;
constexpr std::uint64_t kLimitDefault = 20;
constexpr std::uint64_t kLimitMax = 100;
constexpr std::size_t kScanPage = 200;     // views looked at before other work gets its turn
constexpr std::size_t kTasksMax = 50'000;  // looked at; more are said to be there, not counted

enum class SortBy : std::uint8_t { created_at, updated_at, priority };

struct ListQuery {
  std::string user_id;
  std::string status;
  SortBy sort = SortBy::created_at;
  bool ascending = false;
  std::size_t page = 1;
  std::size_t limit = kLimitDefault;

  // Whether a task's own view has to be read for it.
  [[nodiscard]] bool looks_inside() const {
    return !user_id.empty() || !status.empty() || sort == SortBy::priority;
  }
};

ListQuery read_list(const HttpRequest& request, InputErrors& errors) {
  QueryReader query(request, errors);
  ListQuery list;
  constexpr std::string_view kStatuses[] = {"",       "pending",           "in_progress",
                                            "paused", "waiting_for_human", "completed",
                                            "failed", "cancelled"};
  list.user_id = query.text("user_id").value_or("");
  list.status =
      kStatuses[query.choice("status", {"", "pending", "in_progress", "paused", "waiting_for_human",
                                        "completed", "failed", "cancelled"})];
  list.page = query.number("page", {.min = 1, .max = kPageMax, .otherwise = 1});
  list.limit = query.number("limit", {.min = 1, .max = kLimitMax, .otherwise = kLimitDefault});
  list.sort = static_cast<SortBy>(query.choice("sort", {"created_at", "updated_at", "priority"}));
  list.ascending = query.choice("order", {"desc", "asc"}) == 1;
  query.finish();
  return list;
}

// What is kept of each task that fits, until the page is known.
struct Row {
  RunView view;  // without the fold's own part
  std::int64_t key = 0;
  std::size_t place = 0;  // newest first
};

// 2 high, 1 normal, 0 low
std::int64_t rank_of(std::string_view priority) {
  return priority == "high" ? 2 : priority == "low" ? 0 : 1;
}

// Reads views one after the other with one parser.
class RowMaker {
 public:
  explicit RowMaker(const ListQuery& list) : list_(list) {}

  std::optional<Row> row_of(const RunView& view) {
    Row row{.view = {.workflow = view.workflow, .run = view.run, .status = view.status}};
    row.key =
        list_.sort == SortBy::updated_at ? view.updated_at.micros() : view.started_at.micros();
    if (!list_.looks_inside()) return row;
    simdjson::dom::object custom;
    const bool has_custom = parser_.parse(view.custom).get(custom) == simdjson::SUCCESS;
    const auto member = [&](const char* key) {
      std::string_view text;
      if (!has_custom || custom[key].get(text) != simdjson::SUCCESS) return std::string_view();
      return text;
    };
    if (!list_.user_id.empty() && member("user_id") != list_.user_id) return std::nullopt;
    if (!list_.status.empty() && member("status") != list_.status) return std::nullopt;
    if (list_.sort == SortBy::priority) row.key = rank_of(member("priority"));
    return row;
  }

 private:
  const ListQuery& list_;
  simdjson::dom::parser parser_;
};

struct Found {
  std::vector<Row> rows;  // newest first
  bool is_cut = false;    // there are more than kTasksMax
};

asio::awaitable<Result<Found>> find_rows(ApiContext api, ListQuery list) {
  Found found;
  ViewScan scan{.type = std::string(kTaskType), .id_prefix = {}, .limit = kScanPage};
  for (std::size_t scanned = 0;;) {
    const Result<std::vector<RunView>> views = co_await api.engine->views(scan);
    if (!views) co_return std::unexpected(views.error());
    RowMaker maker(list);
    for (const RunView& view : *views)
      if (auto row = maker.row_of(view)) {
        row->place = found.rows.size();
        found.rows.push_back(std::move(*row));
      }
    scanned += views->size();
    if (views->size() < kScanPage) co_return found;
    found.is_cut = scanned >= kTasksMax;
    if (found.is_cut) co_return found;
    scan.after = views->back().workflow;
  }
}

// Equal tasks stay newest first.
std::vector<Row> page_of(std::vector<Row> rows, const ListQuery& list) {
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    if (a.key == b.key) return a.place < b.place;
    return list.ascending ? a.key < b.key : a.key > b.key;
  });
  const std::size_t begin = std::min((list.page - 1) * list.limit, rows.size());
  const std::size_t end = std::min(begin + list.limit, rows.size());
  return {rows.begin() + static_cast<std::ptrdiff_t>(begin),
          rows.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::string pagination_json(const ListQuery& list, const Found& found) {
  std::string out;
  ObjectWriter json(out);
  const std::size_t total = found.rows.size();
  json.number("page", list.page).number("limit", list.limit).number("total", total);
  json.number("pages", (total + list.limit - 1) / list.limit);
  if (found.is_cut) json.boolean("total_is_lower_bound", true);
  json.close();
  return out;
}

}  // namespace

RouteAnswer list_tasks(ApiContext api, RouteCall call) {
  InputErrors errors;
  const ListQuery list = read_list(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<Found> found = co_await find_rows(api, list);
  if (!found) co_return problem(found.error(), call.path());
  const std::string pagination = pagination_json(list, *found);
  HttpResponse response{.body = R"({"tasks":[)"};
  for (const Row& row : page_of(std::move(found->rows), list)) {
    const Result<RunView> view =
        co_await api.engine->view({.workflow = row.view.workflow, .run = row.view.run});
    if (!view) co_return problem(view.error(), call.path());
    if (response.body.back() != '[') response.body += ',';
    response.body += task_json(*view, {});
  }
  response.body += "],\"pagination\":" + pagination + "}";
  co_return response;
}

}  // namespace reprise::api
