// Batch: the rows of one step, to be written together or not at all.
//
// Guarantees: rows apply in order, so a later row of the same key wins.
// Units:      bytes counts keys and values, the figure that bounds what is in flight.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "storage/schema.hpp"

namespace reprise {

struct RowName {
  Table table = Table::record;
  std::string key;
};

struct Row {
  Table table = Table::record;
  bool erase = false;
  std::string key;
  std::string value;

  friend bool operator==(const Row&, const Row&) = default;
};

class Batch {
 public:
  void put(Table table, std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    rows_.push_back({table, false, std::move(key), std::move(value)});
  }
  void erase(Table table, std::string key) {
    bytes_ += key.size();
    rows_.push_back({table, true, std::move(key), {}});
  }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::vector<Row> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace reprise
