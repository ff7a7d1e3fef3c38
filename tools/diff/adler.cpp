#include "tools/diff/adler.hpp"

#include <algorithm>

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <immintrin.h>
#include <sys/platform/x86.h>
#define SB_HAS_AVX2 1
#endif

namespace sb::diff {
namespace {

constexpr std::uint32_t base = 65521;
constexpr std::size_t most_bytes = 4096;  // at a time: sums stay below 2^32

/// Of some rows of bytes.
struct Sums {
    std::uint32_t plain = 0;     ///< of all bytes
    std::uint32_t before = 0;    ///< of the plain sums before each row
    std::uint32_t weighted = 0;  ///< of all bytes, each as often as bytes of its row are left, itself included
};

constexpr std::size_t lanes = 16;
constexpr std::array<std::int16_t, lanes> weights{16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

/// The compiler makes vectors of this.
Sums sums_of(const std::uint8_t* at, std::size_t rows) {
    Sums sums;
    for (std::size_t row = 0; row < rows; ++row, at += lanes) {
        std::int32_t plain = 0, graded = 0;
        for (std::size_t i = 0; i < lanes; ++i) {
            plain += at[i];
            graded += weights[i] * static_cast<std::int16_t>(at[i]);
        }
        sums.before += sums.plain;
        sums.plain += static_cast<std::uint32_t>(plain);
        sums.weighted += static_cast<std::uint32_t>(graded);
    }
    return sums;
}

#ifdef SB_HAS_AVX2
constexpr std::size_t wide_lanes = 32;

[[gnu::target("avx2")]] std::uint32_t across(__m256i words) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1))));
}

/// As sums_of(), of rows twice as long.
[[gnu::target("avx2")]] Sums wide_sums_of(const std::uint8_t* at, std::size_t rows) {
    const __m256i zero = _mm256_setzero_si256(), ones = _mm256_set1_epi16(1);
    const __m256i grades = _mm256_setr_epi8(32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14,
                                            13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    __m256i plain = zero, before = zero, weighted = zero;
    for (std::size_t row = 0; row < rows; ++row, at += wide_lanes) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at));
        before = _mm256_add_epi32(before, plain);
        plain = _mm256_add_epi32(plain, _mm256_sad_epu8(bytes, zero));
        weighted = _mm256_add_epi32(weighted, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, grades), ones));
    }
    return {across(plain), across(before), across(weighted)};
}

/// As the C library found it at the start: to ask the processor takes a virtual machine microseconds.
bool has_wide() {
    return CPU_FEATURE_ACTIVE(AVX2);
}
#else
constexpr std::size_t wide_lanes = lanes;
Sums wide_sums_of(const std::uint8_t* at, std::size_t rows) {
    return sums_of(at, rows);
}
bool has_wide() {
    return false;
}
#endif

}  // namespace

void Adler::take(Bytes bytes) {
    const bool wide = has_wide();
    const std::size_t row_bytes = wide ? wide_lanes : lanes;
    while (bytes.size() >= row_bytes) {
        const std::size_t rows = std::min(bytes.size(), most_bytes) / row_bytes;
        const Sums sums = (wide ? wide_sums_of : sums_of)(bytes.data(), rows);
        const std::uint64_t b =
            b_ + std::uint64_t{row_bytes} * rows * a_ + std::uint64_t{row_bytes} * sums.before + sums.weighted;
        b_ = static_cast<std::uint32_t>(b % base);
        a_ = (a_ + sums.plain) % base;
        bytes = bytes.subspan(rows * row_bytes);
    }
    for (const std::uint8_t byte : bytes) {
        a_ = (a_ + byte) % base;
        b_ = (b_ + a_) % base;
    }
}

}  // namespace sb::diff
