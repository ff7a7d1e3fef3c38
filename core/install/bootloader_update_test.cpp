#include "core/install/bootloader_update.hpp"

#include <gtest/gtest.h>

#include "core/delta/all_decoders.hpp"
#include "core/install/testing.hpp"
#include "core/stage0/seal.hpp"

namespace sb {
namespace {

using install_testing::Buffer;
using install_testing::Linked;
using install_testing::shop;
using sim::NorFlash;
using sim::PowerCut;
using sim::Torn;

constexpr std::uint32_t copy_bytes = install_testing::slot_b_address;
constexpr std::uint32_t few_bytes = 5000;
constexpr DecoderOffer copies_take[] = {{PayloadFormat::endsley, 0}};

class Bootloader : public testing::Test {
protected:
    Bootloader() { make({.granule = 4}); }

    void make(const Geometry& geometry) {
        part_ = std::make_unique<NorFlash>(geometry, std::vector<EraseRun>{{24, 1024}});
        copies_ = {{Region(*part_, 0, copy_bytes), Region(*part_, copy_bytes, copy_bytes)}};
        map_ = bootloader_map(copies_, {0, copy_bytes}, 0x200, false);
        Buffer first = v1_.a;
        first.resize((first.size() + 31) / 32 * 32, geometry.erased);
        ASSERT_TRUE(copies_[0].program(0, first));
        ASSERT_TRUE(unseal(copies_[0]));
        ASSERT_TRUE(seal(copies_[0], 1, static_cast<std::uint32_t>(v1_.a.size())));
    }
    [[nodiscard]] InstallDevice device(SlotId running) {
        return {.map = map_,
                .crypto = crypto_,
                .keys = shop().identity().keys,
                .vendor = shop().identity().vendor,
                .device_class = shop().identity().device_class,
                .decoders = all_decoders,
                .offers = copies_take,
                .running = running};
    }
    /// What a bootloader does that runs from `running`.
    Result<void> update(SlotId running, const Buffer& package, std::size_t piece = 100) {
        const InstallDevice facts = device(running);
        std::array<std::uint8_t, bootloader_records_bytes> records;
        alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
        BootloaderUpdate update(facts, records, work);
        for (std::uint64_t at = 0; !update.complete();) {
            if (at >= package.size()) return fail(Error::truncated);
            const Bytes rest = Bytes(package).subspan(static_cast<std::size_t>(at));
            SB_TRY_ASSIGN(at, update.write(at, rest.first(std::min(piece, rest.size()))));
        }
        return update.seal();
    }
    [[nodiscard]] Buffer package(const Linked& to, bool delta = false, const Linked* from = nullptr) {
        return shop().for_each_slot(delta ? from->pair() : sim::Workshop::Pair{}, to.pair(),
                                    delta ? PayloadFormat::endsley : PayloadFormat::raw);
    }
    [[nodiscard]] bool holds(SlotId copy, const Buffer& image) {
        Buffer seen(image.size());
        return copies_[index_of(copy)].read(0, seen) && seen == image;
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_{real_};
    const Linked v1_{{.major = 1}, 0, few_bytes}, v2_{{.major = 2}, 0, few_bytes}, v3_{{.major = 3}, 0, few_bytes};
    std::unique_ptr<NorFlash> part_;
    BootloaderCopies copies_;
    FlashMap map_;
};

TEST_F(Bootloader, IsWrittenToTheOtherCopyAndStartsFromThere) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{333}, std::size_t{100'000}}) {
        make({.granule = 4});
        ASSERT_EQ(choose_bootloader(copies_), SlotId::a);
        ASSERT_TRUE(update(SlotId::a, package(v2_), piece));
        EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
        EXPECT_TRUE(holds(SlotId::b, v2_.b));
        EXPECT_TRUE(holds(SlotId::a, v1_.a));
        ASSERT_TRUE(update(SlotId::b, package(v3_, true, &v2_), piece));
        EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
        EXPECT_TRUE(holds(SlotId::a, v3_.a));
    }
}

TEST_F(Bootloader, RefusesWhatIsNotForItAndKeepsBothCopies) {
    ASSERT_TRUE(update(SlotId::a, package(v2_)));
    const sim::Workshop stranger;
    const Buffer theirs = stranger.image({.major = 3}, few_bytes, 0, {}, 0);
    const Buffer theirs_b = stranger.image({.major = 3}, few_bytes, 0, {}, copy_bytes);
    Buffer tampered = package(v3_);
    tampered[100] ^= 1;
    const Linked large({.major = 4}, 0, copy_bytes - 0x200 - 160);
    const struct {
        const char* what;
        Buffer package;
        Error why;
    } table[] = {
        {"an older one", package(v1_), Error::older},
        {"another key", stranger.for_each_slot({}, {theirs, theirs_b}), Error::unknown_key},
        {"a tampered one", tampered, Error::bad_signature},
        {"one for the other source", package(v3_, true, &v1_), Error::wrong_source},
        {"one that reaches the seals", package(large), Error::too_large},
        {"cut short", Buffer(tampered.begin(), tampered.begin() + 60), Error::truncated},
    };
    for (const auto& t : table) {
        const Result<void> refused = update(SlotId::b, t.package);
        ASSERT_FALSE(refused) << t.what;
        EXPECT_EQ(refused.error(), t.why) << t.what;
        EXPECT_EQ(choose_bootloader(copies_), SlotId::b) << t.what;
        EXPECT_TRUE(read_seal(copies_[0])) << t.what << ": the other copy was given up";
    }
}

TEST_F(Bootloader, KeepsBothCopiesHoweverLongARefusedPackageIsSent) {
    ASSERT_TRUE(update(SlotId::a, package(v2_)));
    const Buffer older = package(v1_);
    const InstallDevice facts = device(SlotId::b);
    std::array<std::uint8_t, bootloader_records_bytes> records;
    alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
    BootloaderUpdate update(facts, records, work);
    const std::uint64_t before = part_->operations();
    for (std::size_t at = 0; at < older.size(); at += 100) {
        const auto answer = update.write(at, Bytes(older).subspan(at, std::min<std::size_t>(100, older.size() - at)));
        EXPECT_TRUE(answer || answer.error() == Error::older);
    }
    EXPECT_EQ(part_->operations(), before);
    EXPECT_FALSE(update.complete());
}

TEST_F(Bootloader, TakesNoneBelowTheSecurityCounterOfTheOneThatRuns) {
    const auto both = [](const Version& version, std::uint32_t counter) {
        return shop().for_each_slot({}, {shop().image(version, few_bytes, 0, counter, 0),
                                         shop().image(version, few_bytes, 0, counter, copy_bytes)});
    };
    ASSERT_TRUE(update(SlotId::a, both({.major = 2}, 5)));
    EXPECT_EQ(update(SlotId::b, both({.major = 3}, 4)).error(), Error::below_floor);
    EXPECT_TRUE(read_seal(copies_[0]));
    ASSERT_TRUE(update(SlotId::b, both({.major = 3}, 5)));
    EXPECT_EQ(read_seal(copies_[0])->number, 3U) << "one above that of the copy that wrote it";
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

TEST_F(Bootloader, IsSealedOnce) {
    const Buffer whole = package(v2_);
    const InstallDevice facts = device(SlotId::a);
    std::array<std::uint8_t, bootloader_records_bytes> records;
    alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
    BootloaderUpdate update(facts, records, work);
    EXPECT_EQ(update.seal().error(), Error::bad_state);
    for (std::uint64_t at = 0; !update.complete();) {
        const auto next = update.write(at, Bytes(whole).subspan(static_cast<std::size_t>(at)));
        ASSERT_TRUE(next);
        at = *next;
    }
    ASSERT_TRUE(update.seal());
    EXPECT_EQ(update.seal().error(), Error::bad_state);
    EXPECT_EQ(part_->rule_breaks(), 0U);
    EXPECT_EQ(read_seal(copies_[1])->number, 2U);
}

TEST_F(Bootloader, IsNotSealedWhereItDoesNotVerify) {
    const Buffer whole = package(v2_);
    Buffer damaged = whole;
    damaged[damaged.size() - 20] ^= 0x10;
    EXPECT_FALSE(update(SlotId::a, damaged));
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
    EXPECT_FALSE(read_seal(copies_[1]));
    ASSERT_TRUE(update(SlotId::a, whole));
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
}

class BootloaderCut : public Bootloader, public testing::WithParamInterface<std::tuple<int, bool>> {};

/// Whatever a cut leaves, a whole copy starts at each of the next resets, and the update can be made again.
TEST_P(BootloaderCut, AlwaysLeavesACopyThatStarts) {
    const auto [torn, ecc] = GetParam();
    const Geometry geometry = ecc ? Geometry{.granule = 32, .erased_readable = false, .ecc = true}
                                  : Geometry{.granule = 4, .reprogram_same = true};
    const Buffer wanted = package(v2_);
    bool done = false;
    std::uint64_t cuts = 0;
    for (std::uint64_t at = 1; !done; ++at) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            make(geometry);
            part_->arm({.at_operation = at, .outcome = static_cast<Torn>(torn), .seed = seed});
            const Result<void> first = update(SlotId::a, wanted);
            done = part_->powered();
            if (done) break;
            EXPECT_FALSE(first);
            ++cuts;
            part_->power_on();
            for (int reset = 0; reset < 4; ++reset) {
                const auto copy = choose_bootloader(copies_);
                ASSERT_TRUE(copy) << "operation " << at;
                ASSERT_TRUE(holds(*copy, *copy == SlotId::a ? v1_.a : v2_.b)) << "operation " << at;
            }
            const SlotId running = *choose_bootloader(copies_);
            if (running == SlotId::b) continue;  // it is there
            ASSERT_TRUE(update(running, wanted)) << "operation " << at;
            ASSERT_EQ(choose_bootloader(copies_), SlotId::b) << "operation " << at;
            ASSERT_TRUE(holds(SlotId::b, v2_.b));
        }
    }
    EXPECT_GT(cuts, 30U);
    EXPECT_EQ(part_->rule_breaks(), 0U);
}

INSTANTIATE_TEST_SUITE_P(EveryOperation, BootloaderCut,
                         testing::Combine(testing::Range(0, sim::torn_kinds), testing::Bool()));

}  // namespace
}  // namespace sb
