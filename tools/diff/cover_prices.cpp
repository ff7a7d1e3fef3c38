#include "tools/diff/cover_prices.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tools/diff/triples.hpp"

namespace sb::diff {
namespace {

using Counts = std::array<double, 256>;

/// Fewer bytes than this say nothing about those to come.
constexpr double few_bytes = 64;

Counts counts_from(double each) {
    Counts counts;
    counts.fill(each);
    return counts;
}

ByteCosts entropy(const Counts& counts, double scale) {
    const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
    ByteCosts costs;
    for (std::size_t value = 0; value < costs.size(); ++value)
        costs[value] = static_cast<float>(scale * std::log2(all / counts[value]) / 8);
    return costs;
}

}  // namespace

CoverPrices flat_prices(const FlatPrices& flat) {
    CoverPrices prices;
    prices.cover = flat.cover;
    prices.carried.fill(static_cast<float>(flat.carried));
    prices.behind_same.fill(static_cast<float>(flat.changed));
    prices.behind_same[0] = static_cast<float>(flat.same);
    prices.behind_change = prices.behind_same;
    return prices;
}

CoverPrices measured_prices(Bytes old, Bytes new_image, const Covers& covers, const PriceScales& scales) {
    Counts carried = counts_from(0.5), behind_same = counts_from(0.1), behind_change = counts_from(0.1);
    double carried_bytes = 0;
    for_each_triple(covers, new_image.size(), [&](const Triple& triple) {
        bool same = true;
        for_each_difference(old, new_image, triple.diff, [&](Bytes differences) {
            for (const std::uint8_t d : differences) {
                ++(same ? behind_same : behind_change)[d];
                same = d == 0;
            }
        });
        for (const std::uint8_t byte : new_image.subspan(triple.diff.new_end(), triple.extra_bytes())) ++carried[byte];
        carried_bytes += static_cast<double>(triple.extra_bytes());
    });
    CoverPrices prices = flat_prices({});
    prices.cover = scales.cover;
    // Covers that are not chosen yet will carry other bytes: half of the price stays what it was.
    if (carried_bytes >= few_bytes) {
        const ByteCosts measured = entropy(carried, scales.carried);
        for (std::size_t value = 0; value < measured.size(); ++value)
            prices.carried[value] = (prices.carried[value] + measured[value]) / 2;
    }
    prices.behind_same = entropy(behind_same, scales.added);
    prices.behind_change = entropy(behind_change, scales.added);
    return prices;
}

double cost_of(Bytes old, Bytes new_image, const Covers& covers, const CoverPrices& prices) {
    double cost = prices.cover * static_cast<double>(covers.size());
    for_each_triple(covers, new_image.size(), [&](const Triple& triple) {
        bool same = true;
        for_each_difference(old, new_image, triple.diff, [&](Bytes differences) {
            for (const std::uint8_t d : differences) {
                cost += static_cast<double>((same ? prices.behind_same : prices.behind_change)[d]);
                same = d == 0;
            }
        });
        for (const std::uint8_t byte : new_image.subspan(triple.diff.new_end(), triple.extra_bytes()))
            cost += static_cast<double>(prices.carried[byte]);
    });
    return cost;
}

}  // namespace sb::diff
