// Tables of types: how they are walked, and what the fast form of sbd makes of two builds that number them otherwise.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "tools/diff/sbd/fast_decoder.hpp"
#include "tools/diff/sbd/fast_encoder.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;
using Words = std::vector<std::uint32_t>;

constexpr std::uint32_t integer = 1U << 24, structure = 4U << 24;

Buffer image_of(const Words& types, const std::string& strings) {
    const auto types_bytes = static_cast<std::uint32_t>(types.size() * 4);
    Words words{0x0001eb9f, 24, 0, types_bytes, types_bytes, static_cast<std::uint32_t>(strings.size())};
    words.insert(words.end(), types.begin(), types.end());
    Buffer image(64, 0x55);  // something stands before it
    for (const std::uint32_t word : words)
        for (unsigned k = 0; k < 4; ++k) image.push_back(static_cast<std::uint8_t>(word >> 8 * k));
    image.insert(image.end(), strings.begin(), strings.end());
    return image;
}

/// A table of as many structures, in this order, each with a member of the type of another.
Buffer structures(const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> numbers(order.size());
    for (std::uint32_t k = 0; k < order.size(); ++k) numbers[order[k]] = k + 1;
    Words types;
    std::string strings(1, '\0');
    const auto named = [&](const char* what, std::uint32_t which) {
        const auto at = static_cast<std::uint32_t>(strings.size());
        strings += what + std::to_string(which * 7919 % 100003) + '\0';
        return at;
    };
    for (const std::uint32_t which : order) {
        const std::uint32_t other = numbers[(which * 5 + 3) % order.size()];
        types.insert(types.end(), {named("structure", which), structure | 1, which % 64 * 8});
        types.insert(types.end(), {named("member", which), other, which % 32});
    }
    return image_of(types, strings);
}

TEST(TypeTable, KnowsTheWordsOfEveryKind) {
    struct Case {
        std::uint32_t kind, vlen;
        const char* words;  ///< n: name, t: type, -: other
    };
    const Case cases[] = {{1, 0, "n---"},     {2, 0, "n-t"},     {3, 0, "n--tt-"},     {4, 2, "n--nt-nt-"},
                          {5, 1, "n--nt-"},   {6, 2, "n--n-n-"}, {7, 0, "n--"},        {8, 0, "n-t"},
                          {9, 0, "n-t"},      {10, 0, "n-t"},    {11, 0, "n-t"},       {12, 1, "n-t"},
                          {13, 2, "n-tntnt"}, {14, 0, "n-t-"},   {15, 2, "n--t--t--"}, {16, 0, "n--"},
                          {17, 0, "n-t-"},    {18, 0, "n-t"},    {19, 1, "n--n--"}};
    Words types;
    std::string expected;
    for (const Case& one : cases) {
        Words words(std::string_view(one.words).size(), 9);
        words[1] = one.kind << 24 | one.vlen;
        types.insert(types.end(), words.begin(), words.end());
        expected += one.words;
    }
    const Buffer image = image_of(types, std::string(20, '\0'));
    MemoryReader reader(image);
    const auto place = find_type_table(image);
    ASSERT_TRUE(place.has_value());
    const TypeTable table(reader, *place);
    std::string found;
    for (std::uint32_t at = place->types_at; at < place->types_at + place->types_bytes; at += 4)
        found += "-nt"[static_cast<int>(table.word(at))];
    EXPECT_EQ(found, expected);
    EXPECT_EQ(table.word(place->types_at - 4), TypeWord::other);
    EXPECT_EQ(table.word(place->types_at + 1), TypeWord::other);
    EXPECT_EQ(table.word(0xfffffffc), TypeWord::other);
}

TEST(TypeTable, EndsWhereItIsDamaged) {
    const Words good{1, integer, 4, 32};
    for (const Words& rest : {Words{0, 31U << 24, 0, 0}, Words{0, structure | 0xffff, 0, 0}, Words{0, integer}}) {
        Words types = good;
        types.insert(types.end(), rest.begin(), rest.end());
        const Buffer image = image_of(types, std::string(4, '\0'));
        MemoryReader reader(image);
        std::vector<std::uint32_t> begins;
        const TypeTable table(reader, *find_type_table(image), [&](std::uint32_t at) { begins.push_back(at); });
        EXPECT_EQ(begins[0], 88U);
        EXPECT_LE(begins.size(), 2U);
        EXPECT_EQ(table.word(88), TypeWord::name);
    }
}

TEST(TypeTable, IsNoneThatDoesNotLieInTheImage) {
    const Buffer good = image_of({1, integer, 4, 32}, "ab");
    ASSERT_TRUE(find_type_table(good).has_value());
    for (const std::size_t number : {4U, 8U, 12U, 16U, 20U}) {
        Buffer bad = good;
        store_le<std::uint32_t>(bad, 64 + number, 0x7fffffff);
        EXPECT_FALSE(find_type_table(bad).has_value()) << number;
    }
    EXPECT_FALSE(find_type_table(Bytes(good).first(good.size() - 1)).has_value());
    EXPECT_FALSE(find_type_table(Bytes(good).first(70)).has_value());
}

TEST(TypeMap, FollowsTypesThatAreNumberedOtherwise) {
    std::vector<std::uint32_t> order(4000);
    std::iota(order.begin(), order.end(), 0U);
    const Buffer old = structures(order);
    std::rotate(order.begin() + 300, order.begin() + 1500, order.begin() + 3100);
    const Buffer made = structures(order);
    const Buffer patch = encode_fast(old, made, {});
    MemoryReader old_reader(old), patch_reader(patch);
    BufferSink out;
    apply_fast(old_reader, patch_reader, out);
    EXPECT_TRUE(out.made == made);

    // the same without what tells that it is a table
    Buffer blind_old = old, blind_made = made;
    blind_old[64] = blind_made[64] = 0;
    EXPECT_LT(patch.size() * 8, encode_fast(blind_old, blind_made, {}).size());
}

TEST(TypeMap, IsRefusedWhereTheOldImageHasNoTable) {
    std::vector<std::uint32_t> order(100);
    std::iota(order.begin(), order.end(), 0U);
    Buffer old = structures(order);
    const Buffer patch = encode_fast(old, old, {});
    old[64] = 0;
    MemoryReader old_reader(old), patch_reader(patch);
    BufferSink out;
    EXPECT_THROW(apply_fast(old_reader, patch_reader, out), PatchError);
}

}  // namespace
}  // namespace sb::diff
