#include "tools/diff/sbd/image_kind.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

using sbd::Architecture;

struct Counts {
    std::size_t thumb_calls = 0;     ///< BL into the image
    std::size_t a64_calls = 0;       ///< BL into the image
    std::size_t a64_returns = 0;     ///< RET
    std::size_t xtensa_returns = 0;  ///< RET.N and RETW.N
    std::size_t riscv_returns = 0;   ///< C.JR ra
    std::size_t avr_returns = 0;     ///< RET
};

/// The place that a Thumb BL (T1) at `at` calls; only its sign and upper distance matter here.
std::int64_t thumb_target(std::int64_t at, std::uint32_t word) {
    const std::uint32_t sign = word >> 10 & 1, j1 = word >> 29 & 1, j2 = word >> 27 & 1;
    const std::uint32_t distance =
        sign << 24 | (j1 ^ sign ^ 1) << 23 | (j2 ^ sign ^ 1) << 22 | (word & 0x3ff) << 12 | (word >> 16 & 0x7ff) << 1;
    return at + 4 + distance - (sign != 0 ? std::int64_t{1} << 25 : 0);
}

std::int64_t a64_target(std::int64_t at, std::uint32_t word) {
    return at + std::int64_t{static_cast<std::int32_t>(word << 6) >> 4};
}

Counts count(Bytes image) {
    Counts counts;
    const auto bytes = static_cast<std::int64_t>(image.size());
    const auto inside = [bytes](std::int64_t target) { return target >= 0 && target < bytes; };
    for (std::size_t at = 0; at + 4 <= image.size(); ++at) {
        const auto word = load_le<std::uint32_t>(image, at);
        const std::uint32_t half = word & 0xffff;
        if (half == 0xf00d || half == 0xf01d) ++counts.xtensa_returns;
        if (at % 2 != 0) continue;
        const auto place = static_cast<std::int64_t>(at);
        if ((word & 0xd000f800) == 0xd000f000 && inside(thumb_target(place, word))) ++counts.thumb_calls;
        if (half == 0x8082) ++counts.riscv_returns;
        if (half == 0x9508) ++counts.avr_returns;
        if (at % 4 != 0) continue;
        if ((word & 0xfc000000) == 0x94000000 && inside(a64_target(place, word))) ++counts.a64_calls;
        if (word == 0xd65f03c0) ++counts.a64_returns;
    }
    return counts;
}

struct Score {
    Architecture architecture;
    std::size_t per_million;  ///< how often it occurs,
    std::size_t at_least;     ///< and what images that are nothing of the kind do not reach
};

}  // namespace

sbd::Architecture detect_architecture(Bytes image) {
    constexpr std::size_t enough = 16U << 20, too_few = 512;
    image = image.first(std::min(image.size(), enough));
    if (image.size() < too_few) return Architecture::none;
    const Counts counts = count(image);
    const auto per_million = [&](std::size_t found) { return found * 1000000 / image.size(); };
    const Score scores[] = {
        {Architecture::thumb, per_million(counts.thumb_calls), 2500},
        {Architecture::a64, per_million(counts.a64_calls + 4 * counts.a64_returns), 5000},
        {Architecture::xtensa, per_million(counts.xtensa_returns), 250},
        {Architecture::riscv, per_million(counts.riscv_returns), 1000},
        {Architecture::avr, per_million(counts.avr_returns), 1600},
    };
    const Score* best = nullptr;
    for (const Score& score : scores) {
        if (score.per_million < score.at_least) continue;
        if (best == nullptr || score.per_million * best->at_least > best->per_million * score.at_least) best = &score;
    }
    return best == nullptr ? Architecture::none : best->architecture;
}

}  // namespace sb::diff
