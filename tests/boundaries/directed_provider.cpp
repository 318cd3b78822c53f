#include "tests/boundaries/directed_provider.hpp"

#include <utility>

#include "activities/offline/offline_provider.hpp"

namespace reprise::testing {
namespace {

class DirectedProvider final : public ModelProvider {
 public:
  explicit DirectedProvider(Direction direction) : direction_(std::move(direction)) {}

  [[nodiscard]] const std::string& name() const override { return name_; }
  boost::asio::awaitable<ModelOutcome> complete(ModelRequest request) override {
    if (auto outcome = direction_(request)) co_return std::move(*outcome);
    co_return co_await rules_->complete(std::move(request));
  }

 private:
  std::string name_ = "directed";
  Direction direction_;
  std::shared_ptr<OfflineProvider> rules_ = OfflineProvider::make({}).value();
};

}  // namespace

std::shared_ptr<ModelProvider> directed_provider(Direction direction) {
  return std::make_shared<DirectedProvider>(std::move(direction));
}

}  // namespace reprise::testing
