#include "tools/diff/tinyuz_writer.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "core/delta/tinyuz.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;

Buffer unpack(Bytes packed) {
    Buffer dictionary(load_le<std::uint32_t>(packed));
    Tinyuz tinyuz;
    tinyuz.start(dictionary);
    packed = packed.subspan(4);
    Buffer plain;
    while (!tinyuz.ended()) {
        const auto step = tinyuz.decode(packed, 1U << 20);
        if (!step || (step->consumed == 0 && step->made.empty())) {
            ADD_FAILURE() << "does not unpack";
            break;
        }
        packed = packed.subspan(step->consumed);
        plain.insert(plain.end(), step->made.begin(), step->made.end());
    }
    EXPECT_TRUE(packed.empty());
    return plain;
}

std::vector<Buffer> texts() {
    delta_testing::Random random(3);
    Buffer noise(5000), sparse(300000), letters(3000);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    for (int i = 0; i < 400; ++i) sparse[random() % sparse.size()] = static_cast<std::uint8_t>(random());
    for (auto& b : letters) b = static_cast<std::uint8_t>('a' + random() % 3);
    return {{},
            {7},
            {7, 7},
            {1, 2, 3},
            Buffer(15, 1),
            Buffer(200000, 9),
            noise,
            sparse,
            letters,
            delta_testing::code_like(20000, 3, 5)};
}

TEST(TinyuzWriter, IsReadBackWithEachDictionary) {
    for (const Buffer& text : texts()) {
        for (const std::uint32_t dictionary : {1U, 2U, 127U, 128U, 2687U, 2688U, 4096U, 16384U, 1U << 20}) {
            if (text.size() > 100000 && dictionary < 4096) continue;  // only longer
            const Buffer packed = write_tinyuz(text, dictionary);
            EXPECT_LE(load_le<std::uint32_t>(packed), dictionary);
            EXPECT_EQ(unpack(packed), text) << text.size() << ' ' << dictionary;
        }
    }
}

TEST(TinyuzWriter, KnowsThePriceOfEachItem) {
    for (const Buffer& text : texts()) {
        std::vector<TinyuzItem> items;
        const Buffer packed = write_tinyuz(text, 4096, &items);
        std::size_t bytes = 0, bits = 0;
        for (const TinyuzItem& item : items) {
            bytes += item.bytes;
            bits += item.bits;
        }
        EXPECT_EQ(bytes, text.size());
        // the end takes 13 bits, and one more after data
        EXPECT_GE(packed.size() - 4, (bits + 13 + 7) / 8) << text.size();
        EXPECT_LE(packed.size() - 4, (bits + 14 + 7) / 8) << text.size();
    }
}

TEST(TinyuzWriter, TakesNoLongerItemThanSixteenBitsCount) {
    std::vector<TinyuzItem> items;
    (void)write_tinyuz(Buffer(200000, 9), 4096, &items);
    for (const TinyuzItem& item : items) EXPECT_LE(item.bytes, 65535U);
    EXPECT_LT(items.size(), 10U);
}

TEST(TinyuzWriter, WritesNoiseInLines) {
    delta_testing::Random random(3);
    Buffer noise(5000);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    EXPECT_LT(write_tinyuz(noise, 4096).size(), noise.size() + 16);
}

}  // namespace
}  // namespace sb::diff
