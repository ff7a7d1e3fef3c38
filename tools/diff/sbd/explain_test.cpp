#include "tools/diff/sbd/explain.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tools/diff/sbd/elf_file.hpp"
#include "tools/diff/sbd/encoder.hpp"

namespace sb::diff::explain_test {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer noise(std::size_t bytes, unsigned seed) {
    std::mt19937 random(seed);
    Buffer made(bytes);
    for (auto& byte : made) byte = static_cast<std::uint8_t>(random());
    return made;
}

struct Case {
    Buffer old = noise(6000, 1);
    Buffer now;
    Buffer patch;

    explicit Case(std::uint32_t segment_bytes) {
        const Buffer fresh = noise(300, 2);
        now = old;
        now.insert(now.begin() + 2000, fresh.begin(), fresh.end());
        now.insert(now.end(), fresh.begin(), fresh.end());  // once more: from the new image itself
        SbdOptions options;
        options.level = 1;
        options.segment_bytes = segment_bytes;
        patch = encode_sbd(old, now, options).patch();
    }
};

TEST(ExplainSbd, AccountsForEachBitAndByte) {
    for (const std::uint32_t segment_bytes : {0U, 4096U}) {
        const Case c(segment_bytes);
        const SbdExplanation explained = explain_sbd(c.patch, c.old);
        const SbdWithOld& with = *explained.with_old;
        EXPECT_EQ(with.made.image, c.now);
        ASSERT_EQ(with.account.bytes.size(), c.now.size());
        double bits = 0;
        for (const ByteCost& cost : with.account.bytes) bits += static_cast<double>(cost.bits);
        EXPECT_NEAR(bits, with.account.bits(), 1);
        const double segments = segment_bytes == 0 ? 1 : 2;
        EXPECT_GT(with.remainder_bits, -8 * segments);
        EXPECT_LT(with.remainder_bits, 40 * segments);
        const SbdShares& shares = with.shares;
        EXPECT_EQ(shares.old_unchanged + shares.old_rewritten + shares.self + shares.substituted, c.now.size());
        const PatchInfo info = info_of(explained);
        EXPECT_EQ(info.covered_bytes() + info.self_bytes + info.extra_bytes, c.now.size());
        const SbdParts& parts = explained.parts;
        EXPECT_EQ(parts.preamble_bytes + parts.length_bytes + parts.segment_bytes, c.patch.size());
    }
}

TEST(ExplainSbd, SaysWhichBytesWereNewAndWhichWereCopied) {
    const Case c(0);
    const SbdWithOld with = *explain_sbd(c.patch, c.old).with_old;
    double fresh = 0;
    for (std::size_t at = 2000; at < 2300; ++at) fresh += static_cast<double>(with.account.bytes[at].bits);
    EXPECT_GT(fresh, 300 * 8 * 0.95);
    EXPECT_GT(with.shares.substituted, 280U);
    EXPECT_GT(with.shares.self, 280U);
    EXPECT_GT(with.shares.old_unchanged, 5950U);
}

TEST(ExplainSbd, RefusesAnotherOldImage) {
    const Case c(0);
    EXPECT_THROW((void)explain_sbd(c.patch, noise(6000, 9)), PatchError);
    EXPECT_THROW((void)explain_sbd(Bytes(c.patch).first(4)), PatchError);
}

TEST(ElfFile, BelievesNoNumberOfADamagedFile) {
    Buffer file(0x200);
    const auto put = [&](std::size_t at, std::initializer_list<std::uint32_t> words) {
        for (const std::uint32_t word : words) {
            store_le(MutableBytes(file), at, word);
            at += 4;
        }
    };
    put(0, {0x464c457f, 0x00010101});
    file[16] = 2, file[18] = 40, file[28] = 52, file[32] = 0xa0, file[42] = 32, file[44] = 1;
    file[46] = 40, file[48] = 3, file[50] = 0;
    put(52, {1, 0x60, 0x1000, 0x1000, 0x20, 0x20, 5, 4});
    put(0xa0 + 40, {0, 2, 0, 0, 0x130, 32, 2, 0, 4, 16});
    put(0xa0 + 80, {0, 3, 0, 0, 0x160, 6, 0, 0, 1, 0});
    put(0x140, {1, 0x1009, 12, 0x00010002});  // Thumb: the lowest bit is no part of the address
    file[0x161] = 'm', file[0x162] = 'a', file[0x163] = 'i', file[0x164] = 'n';

    const std::vector<ElfSymbol> symbols = ElfFile(file).symbols();
    ASSERT_EQ(symbols.size(), 1U);
    EXPECT_EQ(symbols[0].name, "main");
    EXPECT_EQ(symbols[0].address, 0x1008U);
    EXPECT_EQ(symbols[0].bytes, 12U);
    EXPECT_TRUE(symbols[0].is_function);

    for (std::size_t at = 16; at < file.size(); ++at) {
        for (const unsigned value : {0x00U, 0x7fU, 0xffU}) {
            Buffer damaged = file;
            damaged[at] = static_cast<std::uint8_t>(value);
            try {
                const ElfFile elf(damaged);
                (void)elf.sections();
                (void)elf.symbols();
                for (const ElfSegment& segment : elf.segments()) EXPECT_LE(elf.bytes_of(segment).size(), file.size());
            } catch (const InputError&) {
                continue;
            }
        }
    }
    for (std::size_t kept = 0; kept < 0x166; ++kept) {
        try {
            EXPECT_TRUE(ElfFile(Bytes(file).first(kept)).symbols().empty()) << kept;
        } catch (const InputError&) {
            continue;
        }
    }
}

}  // namespace
}  // namespace sb::diff::explain_test
