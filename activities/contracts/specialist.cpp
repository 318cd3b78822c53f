#include "activities/contracts/specialist.hpp"

#include <algorithm>
#include <array>

namespace reprise {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 4> kManager = {"task_analysis", "decomposition", "planning", "review"};
constexpr std::array<Names, 2> kCoordinator = {"coordination", "cross_referencing"};
constexpr std::array<Names, 3> kAnalyst = {"synthesis", "reasoning", "writing"};
constexpr std::array<Names, 6> kGeneral = {"research",  "writing",     "planning",
                                           "reasoning", "summarizing", "file_processing"};
constexpr std::array<Names, 4> kFinancial = {"financial_modeling", "trend_analysis", "forecasting",
                                             "data_analysis"};
constexpr std::array<Names, 4> kResearcher = {"research", "web_scraping", "fact_checking",
                                              "summarizing"};
constexpr std::array<Names, 4> kDataAnalyst = {"data_analysis", "statistics", "visualization",
                                               "database_operations"};
constexpr std::array<Names, 4> kScientist = {"machine_learning", "statistics", "forecasting",
                                             "data_analysis"};
constexpr std::array<Names, 4> kMarketResearcher = {"market_knowledge", "competitive_analysis",
                                                    "customer_segmentation", "research"};
constexpr std::array<Names, 4> kBusiness = {"business_strategy", "process_analysis", "requirements",
                                            "planning"};
constexpr std::array<Names, 4> kMarketing = {"marketing_strategy", "channel_planning",
                                             "copywriting", "customer_segmentation"};
constexpr std::array<Names, 5> kDeveloper = {"code_generation", "software_design", "testing",
                                             "api_integration", "database_operations"};

constexpr std::array<SpecialistType, 12> kTypes = {{
    {"manager", "Analyses and splits the task, reviews every solution", kManager, false},
    {"coordinator", "Orders findings by topic and sets them against each other", kCoordinator,
     false},
    {"analyst", "Writes the final answer from the findings", kAnalyst, false},
    {kGeneralist, "Works on what no other specialist covers", kGeneral},
    {"financial_analyst", "Reads figures, trends, budgets and their outlook", kFinancial},
    {"data_researcher", "Finds, checks and sums up what is known", kResearcher},
    {"data_analyst", "Turns data into figures and explains them", kDataAnalyst},
    {"data_scientist", "Builds models and forecasts from data", kScientist},
    {"market_researcher", "Knows markets, competitors and customers", kMarketResearcher},
    {"business_analyst", "Weighs options, processes and requirements", kBusiness},
    {"marketing_specialist", "Plans messages, channels and campaigns", kMarketing},
    {"developer", "Designs, writes and tests software", kDeveloper},
}};

}  // namespace

std::span<const SpecialistType> specialist_types() { return kTypes; }

const SpecialistType* find_specialist_type(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, &SpecialistType::name);
  return found == kTypes.end() ? nullptr : &*found;
}

}  // namespace reprise
