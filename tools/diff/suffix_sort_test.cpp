#include "tools/diff/suffix_sort.hpp"

#include <divsufsort.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace sb::diff {
namespace {

using Text = std::vector<std::uint8_t>;

Text random_text(std::mt19937& random, std::size_t bytes, unsigned symbols) {
    Text text(bytes);
    for (auto& byte : text) byte = static_cast<std::uint8_t>(random() % symbols * (255 / symbols));
    return text;
}

/// Both widths give what libdivsufsort gives.
void expect_sorted(const Text& text) {
    if (text.empty()) return sort_suffixes(text, std::span<std::int32_t>());  // libdivsufsort takes no empty text
    std::vector<std::int32_t> expected(text.size()), ranks(text.size());
    std::vector<std::int64_t> wide(text.size());
    ASSERT_EQ(divsufsort(text.data(), expected.data(), static_cast<std::int32_t>(text.size())), 0);
    sort_suffixes(text, std::span(ranks));
    sort_suffixes(text, std::span(wide));
    EXPECT_EQ(ranks, expected);
    EXPECT_TRUE(std::equal(wide.begin(), wide.end(), expected.begin(), expected.end()));
}

TEST(SuffixSort, SortsAllShortTextsOfThreeSymbols) {
    for (std::size_t bytes = 0; bytes <= 8; ++bytes) {
        std::size_t texts = 1;
        for (std::size_t i = 0; i < bytes; ++i) texts *= 3;
        for (std::size_t number = 0; number < texts; ++number) {
            Text text(bytes);
            std::size_t left = number;
            for (auto& byte : text) {
                byte = static_cast<std::uint8_t>(left % 3 * 127);
                left /= 3;
            }
            expect_sorted(text);
            if (::testing::Test::HasFailure()) FAIL() << "text " << number << " of " << bytes << " bytes";
        }
    }
}

TEST(SuffixSort, SortsRandomTexts) {
    std::mt19937 random(1);
    for (const unsigned symbols : {1U, 2U, 3U, 5U, 200U, 255U})
        for (int turn = 0; turn < 40; ++turn) expect_sorted(random_text(random, random() % 3000, symbols));
}

TEST(SuffixSort, SortsWhatRepeatsItself) {
    std::mt19937 random(2);
    for (const std::size_t period : {1U, 2U, 3U, 7U, 64U, 1000U}) {
        const Text once = random_text(random, period, 4);
        Text text;
        while (text.size() < 20000) text.insert(text.end(), once.begin(), once.end());
        expect_sorted(text);
        text[text.size() / 2] ^= 1;
        expect_sorted(text);
    }
    Text one{'a'}, two{'b'};  // Fibonacci's words: names need as many levels as there can be
    while (two.size() < 20000) {
        Text next = two;
        next.insert(next.end(), one.begin(), one.end());
        one = std::exchange(two, std::move(next));
    }
    expect_sorted(two);
}

}  // namespace
}  // namespace sb::diff
