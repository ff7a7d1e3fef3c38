#include "core/delta/sbd/logistic.hpp"

#include <cstddef>

#include "core/delta/sbd/constant_math.hpp"

namespace sb::sbd {
namespace {

consteval std::array<std::uint16_t, 50> make_probabilities() {
    std::array<std::uint16_t, 50> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double p = 65536 * probability_of(static_cast<double>(i) / 4);
        table[i] = static_cast<std::uint16_t>(p + 0.5 > 65535 ? 65535 : p + 0.5);
    }
    return table;
}

}  // namespace

constexpr std::array<std::uint16_t, 50> probabilities = make_probabilities();

}  // namespace sb::sbd
