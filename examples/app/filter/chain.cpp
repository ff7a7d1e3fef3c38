#include "filter/chain.hpp"

namespace app {

FilterChain::FilterChain(const FilterRecipe& recipe)
    : outlier_(recipe.outlier),
      median_(recipe.median_window),
      average_(recipe.average_window),
      low_pass_(coefficients(recipe.low_pass)) {}

std::int32_t FilterChain::step(std::int32_t sample) {
    if (!started_) {
        started_ = true;
        low_pass_.settle(sample);
    }
    return low_pass_.step(average_.step(median_.step(outlier_.step(sample))));
}

}  // namespace app
