#include "core/delta/lzma_segments.hpp"

#include <gtest/gtest.h>
#include <lzma.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::Random;

struct Packing {
    lzma_mode mode = LZMA_MODE_NORMAL;
    lzma_match_finder finder = LZMA_MF_BT4;
    std::uint32_t nice_length = 64;
    unsigned dictionary_log2 = 12;
    bool end_marker = false;
};

/// One segment as liblzma packs it, without the leading zero byte.
Buffer pack(const Buffer& text, const Packing& packing) {
    lzma_options_lzma options{};
    (void)lzma_lzma_preset(&options, 6);
    options.dict_size = 1U << packing.dictionary_log2;
    options.lc = options.lp = options.pb = 0;
    options.mode = packing.mode;
    options.mf = packing.finder;
    options.nice_len = packing.nice_length;
    options.ext_flags = packing.end_marker ? LZMA_LZMA1EXT_ALLOW_EOPM : 0U;
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    Buffer packed(text.size() * 2 + 256);
    std::size_t used = 0;
    EXPECT_EQ(lzma_raw_buffer_encode(filters, nullptr, text.data(), text.size(), packed.data(), &used, packed.size()),
              LZMA_OK);
    packed.resize(used);
    EXPECT_EQ(packed[0], 0);
    packed.erase(packed.begin());
    return packed;
}

void put_length(Buffer& to, std::size_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 0x80));
    to.push_back(static_cast<std::uint8_t>(value));
}

Buffer container(const Buffer& packed, std::size_t plain_bytes, unsigned dictionary_log2) {
    Buffer bytes(lzma_segments_magic.begin(), lzma_segments_magic.end());
    bytes.push_back(static_cast<std::uint8_t>(0x10 | dictionary_log2));
    put_length(bytes, packed.size());
    put_length(bytes, plain_bytes);
    bytes.insert(bytes.end(), packed.begin(), packed.end());
    return bytes;
}

struct Unpacked {
    Buffer text;
    Error error = Error::none;
    bool whole = false;
};
Unpacked unpack(Bytes in, std::size_t piece, std::size_t work_bytes = lzma_model_bytes + (1U << 14)) {
    std::vector<std::uint16_t> memory(work_bytes / 2, 0x5555);
    LzmaSegments decoder{MutableBytes(reinterpret_cast<std::uint8_t*>(memory.data()), work_bytes)};
    Unpacked result;
    std::size_t used = 0, shown = 0;
    for (;;) {
        const auto step = decoder.decode(in.subspan(used, shown - used), 1000);
        if (!step) {
            result.error = step.error();
            return result;
        }
        used += step->consumed;
        result.text.insert(result.text.end(), step->made.begin(), step->made.end());
        if (step->consumed != 0 || !step->made.empty()) continue;
        result.whole = decoder.at_boundary();
        if (shown == in.size()) return result;
        shown = std::min(in.size(), shown + piece);
    }
}

std::vector<std::pair<const char*, Buffer>> texts() {
    Random random(1);
    Buffer noise(30000), steps(40000), far(20000);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<std::uint8_t>(i / 7 * (i % 3));
    std::copy_n(noise.begin(), 6000, far.begin());
    std::copy_n(noise.begin(), 6000, far.begin() + 12000);  // matches from beyond 4K and 8K
    Buffer sparse(50000);
    for (std::size_t i = 0; i < sparse.size(); i += 1 + random() % 400) sparse[i] = static_cast<std::uint8_t>(random());
    return {{"one byte", {42}},       {"two bytes", {1, 2}},
            {"zeros", Buffer(60000)}, {"noise", noise},
            {"steps", steps},         {"far matches", far},
            {"sparse", sparse},       {"code", delta_testing::code_like(60000, 4, 0x20000000)}};
}

TEST(LzmaSegments, UnpacksWhatLiblzmaPacks) {
    const Packing packings[] = {{},
                                {LZMA_MODE_NORMAL, LZMA_MF_BT2, 273, 12, false},
                                {LZMA_MODE_NORMAL, LZMA_MF_BT3, 8, 13, false},
                                {LZMA_MODE_NORMAL, LZMA_MF_BT4, 273, 14, false},
                                {LZMA_MODE_FAST, LZMA_MF_HC3, 5, 14, false},
                                {LZMA_MODE_FAST, LZMA_MF_HC4, 273, 12, false},
                                {LZMA_MODE_FAST, LZMA_MF_BT2, 2, 13, false}};
    for (const auto& [name, text] : texts()) {
        for (const Packing& packing : packings) {
            const Buffer packed = container(pack(text, packing), text.size(), packing.dictionary_log2);
            for (const std::size_t piece : {std::size_t{1}, std::size_t{23}, packed.size()}) {
                const Unpacked result = unpack(packed, piece);
                ASSERT_EQ(result.text, text) << name << ", pieces of " << piece;
                ASSERT_TRUE(result.whole) << name;
            }
        }
    }
}

TEST(LzmaSegments, UnpacksSegmentsThatFollowEachOther) {
    const Buffer a = delta_testing::code_like(9000, 1, 0), b = delta_testing::code_like(5000, 2, 0);
    Buffer both = container(pack(a, {}), a.size(), 12);
    const Buffer second = container(pack(b, {}), b.size(), 12);
    both.insert(both.end(), second.begin() + 5, second.end());
    Buffer text = a;
    text.insert(text.end(), b.begin(), b.end());
    EXPECT_EQ(unpack(both, 10).text, text);
}

TEST(LzmaSegments, RefusesAnEndMarker) {
    const Buffer text = delta_testing::code_like(3000, 1, 0);
    Packing packing;
    packing.end_marker = true;
    const Buffer packed = pack(text, packing);
    EXPECT_EQ(unpack(container(packed, text.size(), 12), 100).error, Error::bad_patch);
    EXPECT_EQ(unpack(container(packed, text.size() + 1, 12), 100).error, Error::bad_patch);
}

TEST(LzmaSegments, RefusesDistancesBeyondTheDictionary) {
    const Buffer noise = texts()[5].second;
    const Buffer packed = pack(noise, {LZMA_MODE_NORMAL, LZMA_MF_BT4, 64, 14, false});
    EXPECT_EQ(unpack(container(packed, noise.size(), 14), 1000).text, noise);
    EXPECT_EQ(unpack(container(packed, noise.size(), 13), 1000).error, Error::bad_patch);
    EXPECT_EQ(unpack(container(packed, noise.size(), 12), 1000).error, Error::bad_patch);
}

TEST(LzmaSegments, RefusesAMatchBeforeAnyByteWasMade) {
    // all ones: the first symbol is a match; a distance of whatever it says is before the start
    EXPECT_EQ(unpack(container(Buffer(40, 0xff), 100, 12), 1000).error, Error::bad_patch);
    EXPECT_EQ(unpack(container(Buffer{0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54}, 100, 12), 1).error, Error::bad_patch);
}

TEST(LzmaSegments, RefusesAMatchPastTheEndOfItsSegment) {
    const Buffer zeros(5000);
    const Buffer packed = pack(zeros, {});
    EXPECT_EQ(unpack(container(packed, zeros.size() - 1, 12), 1000).error, Error::bad_patch);
}

TEST(LzmaSegments, RefusesBytesThatTheSegmentDoesNotNeed) {
    const Buffer text = delta_testing::code_like(3000, 1, 0);
    Buffer packed = pack(text, {});
    packed.insert(packed.end(), 2, 0);
    EXPECT_EQ(unpack(container(packed, text.size(), 12), 1000).error, Error::bad_patch);
}

TEST(LzmaSegments, StaysFailedUntilItStartsAgain) {
    const Buffer text = delta_testing::code_like(3000, 1, 0);
    const Buffer good = container(pack(text, {}), text.size(), 12);
    std::vector<std::uint16_t> memory((lzma_model_bytes + 4096) / 2);
    LzmaSegments decoder{MutableBytes(reinterpret_cast<std::uint8_t*>(memory.data()), memory.size() * 2)};
    const Buffer bad = container(Buffer(40, 0xff), 100, 12);
    ASSERT_TRUE(decoder.decode(Bytes(bad).first(5), 100).has_value());
    EXPECT_FALSE(decoder.decode(Bytes(bad).subspan(5), 100).has_value());
    EXPECT_EQ(decoder.decode(good, 100).error(), Error::bad_patch);
    EXPECT_FALSE(decoder.at_boundary());
    decoder.reset();
    EXPECT_TRUE(decoder.decode(good, 100).has_value());
    ASSERT_TRUE(decoder.restart(12).has_value());
    EXPECT_TRUE(decoder.at_boundary());
    const auto step = decoder.decode(Bytes(good).subspan(5), 100);
    ASSERT_TRUE(step.has_value());
    EXPECT_TRUE(equal(step->made, Bytes(text).first(100)));
    EXPECT_EQ(decoder.restart(11).error(), Error::malformed);
    EXPECT_EQ(decoder.restart(13).error(), Error::too_large);
}

struct HeaderCase {
    const char* what;
    Buffer bytes;
    Error error;
};

TEST(LzmaSegments, RefusesHeadersThatCannotBe) {
    const HeaderCase cases[] = {
        {"another magic", {'S', 'B', 'L', 'X', 0x1c}, Error::malformed},
        {"another version", {'S', 'B', 'L', 'Z', 0x2c}, Error::unsupported},
        {"a dictionary of 2K", {'S', 'B', 'L', 'Z', 0x1b}, Error::malformed},
        {"a dictionary of 32K", {'S', 'B', 'L', 'Z', 0x1f}, Error::malformed},
        {"a dictionary beyond the memory", {'S', 'B', 'L', 'Z', 0x1d}, Error::too_large},
        {"an empty segment", {'S', 'B', 'L', 'Z', 0x1c, 0}, Error::malformed},
        {"a segment without output", {'S', 'B', 'L', 'Z', 0x1c, 5, 0}, Error::malformed},
        {"a length longer than needed", {'S', 'B', 'L', 'Z', 0x1c, 0x85, 0}, Error::malformed},
        {"a length of 5 bytes", {'S', 'B', 'L', 'Z', 0x1c, 0x85, 0x80, 0x80, 0x80, 1}, Error::malformed},
    };
    for (const HeaderCase& c : cases)
        for (const std::size_t piece : {std::size_t{1}, std::size_t{100}})
            EXPECT_EQ(unpack(c.bytes, piece, lzma_model_bytes + 4096).error, c.error) << c.what;
}

TEST(LzmaSegments, TakesLengthsOfUpToFourBytes) {
    const Buffer header{'S', 'B', 'L', 'Z', 0x1c, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f};
    EXPECT_EQ(unpack(header, 1).error, Error::none);
}

}  // namespace
}  // namespace sb
