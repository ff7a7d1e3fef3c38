#include "core/delta/sbd/logistic.hpp"

#include <array>
#include <cstddef>

namespace sb::sbd {
namespace {

// The tables are made by the compiler; no program contains this arithmetic.
constexpr double exponential(double x) {
    double sum = 1, term = 1;
    const double part = x / 1024;
    for (int n = 1; n < 12; ++n) sum += term *= part / n;
    for (int n = 0; n < 10; ++n) sum *= sum;
    return sum;
}

constexpr double logarithm(double x) {
    double halves = 0;
    for (; x < 0.5; x *= 2) halves += 1;
    const double y = (x - 1) / (x + 1);  // ln x = 2 artanh y, |y| <= 1/3
    double sum = 0, power = y;
    for (int n = 1; n < 40; n += 2, power *= y * y) sum += power / n;
    return 2 * sum - halves * 0.693147180559945309;
}

constexpr std::int16_t rounded(double x) {
    return static_cast<std::int16_t>(x < 0 ? x - 0.5 : x + 0.5);
}

// Below 128 each probability has its logit, then every fourth, then every sixteenth; the upper half mirrors the lower.
constexpr std::uint32_t fine_end = 128, middle_end = 512, half = 2048;
constexpr std::size_t middle_from = fine_end, coarse_from = middle_from + (middle_end - fine_end) / 4;
constexpr std::size_t logits = coarse_from + (half - middle_end) / 16;

constexpr auto logit_of = [] {
    std::array<std::int16_t, logits> table{};
    for (std::size_t i = 0; i < logits; ++i) {
        double at = static_cast<double>(i) + 0.5;
        if (i >= coarse_from)
            at = middle_end + (static_cast<double>(i - coarse_from) + 0.5) * 16;
        else if (i >= middle_from)
            at = fine_end + (static_cast<double>(i - middle_from) + 0.5) * 4;
        table[i] = rounded(256 * (logarithm(at / 4096) - logarithm(1 - at / 4096)));
    }
    return table;
}();

// At each logit that is a multiple of 32, from 0 on.
constexpr auto probability_of = [] {
    std::array<std::uint16_t, 98> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double p = 65536 / (1 + exponential(-static_cast<double>(i) / 8));
        table[i] = static_cast<std::uint16_t>(p + 0.5 > 65535 ? 65535 : p + 0.5);
    }
    return table;
}();

}  // namespace

std::int32_t stretch(std::int32_t lead) {
    const bool upper = lead >= 0;
    const std::uint32_t low = half + static_cast<std::uint32_t>(upper ? -1 - lead : lead);
    std::size_t at = low;
    if (low >= middle_end)
        at = coarse_from + (low - middle_end) / 16;
    else if (low >= fine_end)
        at = middle_from + (low - fine_end) / 4;
    return upper ? -logit_of[at] : logit_of[at];
}

std::uint32_t squash(std::int32_t logit) {
    const bool negative = logit < 0;
    auto distance = static_cast<std::uint32_t>(negative ? -logit : logit);
    if (distance > static_cast<std::uint32_t>(logit_limit)) distance = static_cast<std::uint32_t>(logit_limit);
    const std::uint32_t at = distance / 32, beyond = distance % 32;
    std::uint32_t p = (probability_of[at] * (32 - beyond) + probability_of[at + 1] * beyond) / 32;
    if (p > 65532) p = 65532;
    return negative ? 65536 - p : p;
}

}  // namespace sb::sbd
