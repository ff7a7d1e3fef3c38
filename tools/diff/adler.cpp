#include "tools/diff/adler.hpp"

#include <algorithm>

#if defined(__x86_64__) && !defined(__clang__) && __has_include(<sys/platform/x86.h>)
// What the C library found out at the start; to ask the processor again costs as much as a small patch where a
// hypervisor answers.
#include <sys/platform/x86.h>
#define SB_AVX2 1
#endif

namespace sb::diff {
namespace {

constexpr std::uint32_t base = 65521;
constexpr std::size_t lanes = 32;
constexpr std::size_t most_rows = 4096 / lanes;  // sums stay below 2^32

/// How often each byte of a row counts in the second sum.
constexpr auto weights = [] {
    std::array<std::int16_t, lanes> of{};
    for (std::size_t i = 0; i < lanes; ++i) of[i] = static_cast<std::int16_t>(lanes - i);
    return of;
}();

struct Sums {
    std::uint32_t plain = 0;
    std::uint32_t before = 0;  ///< the plain sums before each row
    std::uint32_t graded = 0;
};

/// Written for the compiler to make vectors of.
[[gnu::always_inline]] inline Sums sums_of(const std::uint8_t* at, std::size_t rows) {
    Sums sums;
    for (std::size_t row = 0; row < rows; ++row, at += lanes) {
        std::int32_t plain = 0, graded = 0;
        for (std::size_t i = 0; i < lanes; ++i) {
            plain += at[i];
            graded += weights[i] * static_cast<std::int16_t>(at[i]);
        }
        sums.before += sums.plain;
        sums.plain += static_cast<std::uint32_t>(plain);
        sums.graded += static_cast<std::uint32_t>(graded);
    }
    return sums;
}

using SumsOf = Sums (*)(const std::uint8_t* at, std::size_t rows);

#ifdef SB_AVX2
[[gnu::target("avx2")]] Sums sums_by_avx2(const std::uint8_t* at, std::size_t rows) {
    return sums_of(at, rows);
}
#endif

Sums sums_by_any(const std::uint8_t* at, std::size_t rows) {
    return sums_of(at, rows);
}

SumsOf best_here() {
#ifdef SB_AVX2
    if (CPU_FEATURE_ACTIVE(AVX2)) return sums_by_avx2;
#endif
    return sums_by_any;
}

}  // namespace

void Adler::take(Bytes bytes) {
    const SumsOf sums_here = best_here();
    while (bytes.size() >= lanes) {
        const std::size_t rows = std::min(bytes.size() / lanes, most_rows);
        const Sums sums = sums_here(bytes.data(), rows);
        const std::uint64_t b =
            b_ + std::uint64_t{lanes} * rows * a_ + std::uint64_t{lanes} * sums.before + sums.graded;
        b_ = static_cast<std::uint32_t>(b % base);
        a_ = (a_ + sums.plain) % base;
        bytes = bytes.subspan(rows * lanes);
    }
    for (const std::uint8_t byte : bytes) {
        a_ = (a_ + byte) % base;
        b_ = (b_ + a_) % base;
    }
}

}  // namespace sb::diff
