#include "core/install/session.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error_name.hpp"
#include "core/delta/raw.hpp"
#include "core/install/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using install_testing::body;
using install_testing::Buffer;
using install_testing::shop;
using install_testing::spec;
using sim::Board;
using sim::BoardSpec;

class Install : public install_testing::Install {};

TEST_F(Install, BringsEveryPayloadFormatIntoTheOtherSlotInPiecesOfAnySize) {
    const std::vector<Buffer> packages = {shop().full(new_), shop().full(new_, PayloadFormat::lzma),
                                          shop().delta(old_, new_, PayloadFormat::endsley),
                                          shop().delta(old_, new_, PayloadFormat::endsley_lzma, 1024, 4096)};
    for (const Buffer& package : packages) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{51}, std::size_t{244}, package.size()}) {
            use(spec);
            ASSERT_TRUE(board_->install(package, piece));
            EXPECT_TRUE(board_->holds(SlotId::b, new_));
            EXPECT_EQ(board_->state().boot.phase, Phase::staged);
            EXPECT_EQ(board_->reset().decision, Decision::trial);
        }
    }
}

TEST_F(Install, ErasesEachUnitOnceAndLeavesTheRunningSlotAlone) {
    ASSERT_TRUE(board_->install(shop().full(new_)));
    const auto& erases = board_->flash().content().erase_counts;
    for (std::uint32_t unit = 0; unit < spec.slot_units; ++unit) {
        EXPECT_EQ(erases[unit], 0U);
        EXPECT_EQ(erases[spec.slot_units + unit], unit * 1024 < new_.size() ? 1U : 0U);
    }
}

TEST_F(Install, RefusesAnUpdateWhileTheRunningImageIsOnTrial) {
    ASSERT_TRUE(board_->install(shop().full(new_)));
    ASSERT_EQ(board_->reset().slot, SlotId::b);
    const Buffer third = shop().image({.major = 1, .minor = 2}, body);
    EXPECT_EQ(board_->install(shop().full(third)).error(), Error::not_confirmed);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(Install, TakesTheSamePackageTwiceWithoutWritingItAgain) {
    const Buffer package = shop().full(new_);
    ASSERT_TRUE(board_->install(package));
    const std::uint64_t operations = board_->flash().operations();
    ASSERT_TRUE(board_->install(package));
    EXPECT_EQ(board_->flash().operations(), operations);
}

TEST_F(Install, ReplacesAStagedImageByANewerOne) {
    ASSERT_TRUE(board_->install(shop().full(new_)));
    const Buffer third = shop().image({.major = 1, .minor = 2}, body);
    ASSERT_TRUE(board_->install(shop().full(third)));
    EXPECT_TRUE(board_->holds(SlotId::b, third));
    EXPECT_EQ(board_->reset().decision, Decision::trial);
}

struct Refusal {
    const char* what;
    Buffer package;
    Error why;
};

TEST_F(Install, RefusesWithItsReasonBeforeAnythingIsWritten) {
    const sim::Workshop stranger;
    const sim::Workshop other_class("acme.example/other");
    const Buffer older = shop().image({.major = 0, .minor = 9}, body);
    const Buffer unknown_source = shop().image({.major = 1, .minor = 0, .build = 7}, body, 3);
    const Buffer large = shop().image({.major = 2}, 12 * 1024);
    pack::PackageOptions of_other{.device_class = "acme.example/other"};
    const Buffer wrong_class = pack::build_package(new_, {}, of_other, shop().key()).value();
    const std::vector<Refusal> refusals = {
        {"another maker's key", stranger.full(stranger.image({.major = 1, .minor = 1}, body)), Error::unknown_key},
        {"another class", wrong_class, Error::wrong_class},
        {"an older version", shop().full(older), Error::older},
        {"a delta from another image", shop().delta(unknown_source, new_), Error::wrong_source},
        {"an image that does not fit", shop().full(large), Error::too_large},
    };
    for (const Refusal& r : refusals) {
        use(spec);
        const std::uint64_t operations = board_->flash().operations();
        const Result<void> answer = board_->install(r.package);
        ASSERT_FALSE(answer) << r.what;
        EXPECT_EQ(answer.error(), r.why) << r.what << ": " << error_name(answer.error());
        EXPECT_EQ(board_->flash().operations(), operations) << r.what;
        expect_unharmed();
    }
}

TEST_F(Install, RefusesASecurityCounterBelowTheFloor) {
    const Buffer raised = shop().image({.major = 1, .minor = 1}, body, 0, 5);
    ASSERT_TRUE(board_->install(shop().full(raised)));
    ASSERT_EQ(board_->reset().slot, SlotId::b);
    ASSERT_TRUE(board_->confirm());
    const Buffer newer_but_lower = shop().image({.major = 1, .minor = 2}, body, 0, 4);
    EXPECT_EQ(board_->install(shop().full(newer_but_lower)).error(), Error::below_floor);
    EXPECT_TRUE(board_->holds(SlotId::a, old_)) << "the backup stays";
}

TEST_F(Install, AsksForABadBlockAgainAndGoesOn) {
    const Buffer package = shop().full(new_);
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    constexpr DecoderEntry decoders[] = {raw_decoder};
    constexpr DecoderOffer offers[] = {{PayloadFormat::raw, 0}};
    const InstallDevice device{.map = board_->map(),
                               .crypto = crypto_,
                               .keys = shop().identity().keys,
                               .vendor = shop().identity().vendor,
                               .device_class = shop().identity().device_class,
                               .decoders = decoders,
                               .offers = offers};
    alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
    InstallSession session(device, journal, work);
    Buffer damaged = package;
    damaged[package.size() - 2000] ^= 1;
    std::uint64_t next = 0;
    Result<std::uint64_t> answer{0};
    while ((answer =
                session.write(next, Bytes(damaged).subspan(next, std::min<std::size_t>(300, damaged.size() - next))))) {
        next = *answer;
    }
    EXPECT_EQ(answer.error(), Error::bad_digest);
    EXPECT_EQ(session.write(0, Bytes(package).first(10)), session.next_offset()) << "what it has is not taken again";
    EXPECT_EQ(session.write(session.next_offset() + 1, package), session.next_offset()) << "a gap is not taken";
    while (!session.complete()) {
        next = session.next_offset();
        ASSERT_TRUE(session.write(next, Bytes(package).subspan(next)));
    }
    EXPECT_EQ(session.package_bytes(), package.size());
    EXPECT_TRUE(session.stage());
    EXPECT_TRUE(board_->holds(SlotId::b, new_));
}

TEST_F(Install, StagesNothingThatIsNotComplete) {
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    const InstallDevice device{.map = board_->map(), .crypto = crypto_, .keys = shop().identity().keys};
    alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
    InstallSession session(device, journal, work);
    EXPECT_EQ(session.stage().error(), Error::bad_state);
}

TEST_F(Install, FailsTheUpdateWhenTheResultIsNotTheSignedImage) {
    // Vendor-signed, but the payload decodes to another image of the same length.
    Buffer twin;  // signatures in DER differ in length now and then
    for (int i = 0; i < 100 && twin.size() != new_.size(); ++i) twin = shop().image({.major = 1, .minor = 1}, body, 9);
    ASSERT_EQ(twin.size(), new_.size());
    const diff::Patch patch = diff::make_patch({}, twin, {.format = "lzma", .ram_bytes = 4096});
    const pack::PackageOptions options{.device_class = shop().device_class(),
                                       .format = PayloadFormat::lzma,
                                       .decoder_ram_bytes = patch.decoder_ram_bytes};
    const Buffer package = pack::build_package(new_, patch.bytes, options, shop().key()).value();
    EXPECT_EQ(board_->install(package).error(), Error::image_mismatch);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
    EXPECT_EQ(board_->state().boot.cause, Error::image_mismatch);
    expect_unharmed();
}

TEST_F(Install, FailsTheUpdateWhenManifestAndImageNameDifferentSecurityCounters) {
    const Buffer honest = shop().full(new_);
    const std::size_t envelope = envelope_bytes(honest).value().value();
    Package package = open_package(Bytes(honest).first(envelope), crypto_, shop().identity().keys).value();
    package.manifest.security_counter = 7;
    Buffer lying = pack::encode_envelope(package, shop().key()).value();
    lying.insert(lying.end(), honest.begin() + static_cast<std::ptrdiff_t>(envelope), honest.end());
    EXPECT_EQ(board_->install(lying).error(), Error::counter_mismatch);
    EXPECT_EQ(board_->state().boot.cause, Error::counter_mismatch);
    expect_unharmed();
}

TEST_F(Install, ForgetsThatTheSlotsFormerImageWasConfirmed) {
    ASSERT_TRUE(board_->install(shop().full(new_)));
    board_->reset();
    ASSERT_TRUE(board_->confirm());
    board_->reset();
    ASSERT_TRUE(board_->install(shop().full(shop().image({.major = 1, .minor = 2}, body))));
    EXPECT_FALSE(board_->state().boot.confirmed(SlotId::a));
    EXPECT_TRUE(board_->state().boot.confirmed(SlotId::b));
}

TEST_F(Install, ProvesItsRecordAgainBeforeItGoesOnErasing) {
    const Buffer package = shop().full(new_);
    board_->schedule(sim::PowerCut{20, sim::Torn::nothing});
    board_->reset();
    ASSERT_FALSE(board_->install(package));
    board_->reset();
    ASSERT_GT(board_->state().install.output_bytes, 0U);
    const std::uint32_t journal_at = 2 * spec.slot_units * spec.unit_bytes;
    int records = 0;
    int records_before_erase = -1;
    board_->flash().on_operation = [&](std::uint32_t offset, std::uint32_t, bool erase) {
        records += offset >= journal_at && !erase ? 1 : 0;
        if (offset < journal_at && erase && records_before_erase < 0) records_before_erase = records;
    };
    ASSERT_TRUE(board_->install(package));
    EXPECT_EQ(records_before_erase, 3) << "a page's first record twice, and the third that seals it";
}

TEST_F(Install, HoldsLaterPackagesToTheSequenceThatWasConfirmedNotToTheVersion) {
    const auto with_sequence = [&](Bytes image, std::uint64_t sequence) {
        const pack::PackageOptions options{.device_class = shop().device_class(), .sequence = sequence};
        return pack::build_package(image, {}, options, shop().key()).value();
    };
    const std::uint64_t high = Version{.major = 9}.sequence();
    ASSERT_TRUE(board_->install(with_sequence(new_, high)));
    board_->reset();
    ASSERT_TRUE(board_->confirm());
    board_->reset();
    const Buffer third = shop().image({.major = 1, .minor = 2}, body);
    EXPECT_EQ(board_->install(shop().full(third)).error(), Error::older);
    EXPECT_EQ(board_->install(with_sequence(third, high - 1)).error(), Error::older);
    EXPECT_TRUE(board_->install(with_sequence(third, high)));
}

TEST_F(Install, RefusesEverythingWhenItsWorkMemoryIsTooSmall) {
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    const InstallDevice device{.map = board_->map(), .crypto = crypto_, .keys = shop().identity().keys};
    alignas(8) std::array<std::uint8_t, 1000> work{};
    for (const std::size_t size : {std::size_t{0}, std::size_t{600}, work.size()}) {
        InstallSession session(device, journal, MutableBytes(work).first(size));
        EXPECT_EQ(session.write(0, shop().full(new_)).error(), Error::too_large);
    }
}

TEST_F(Install, IsCompleteWhenTheSamePackageComesAgainDuringItsTrial) {
    const Buffer package = shop().full(new_);
    ASSERT_TRUE(board_->install(package));
    ASSERT_EQ(board_->reset().decision, Decision::trial);
    const State before = board_->state();
    EXPECT_TRUE(board_->install(package));
    EXPECT_EQ(board_->state(), before);
}

TEST_F(Install, TakesAnyPackageThatVerifiesInUpdateModeAlsoInTheMiddleOfATrial) {
    ASSERT_TRUE(board_->install(shop().full(new_)));
    ASSERT_EQ(board_->reset().decision, Decision::trial);
    const Buffer rubbish(2048, 0x5A);
    board_->flash().poke(0, rubbish);
    board_->flash().poke(spec.slot_units * spec.unit_bytes, rubbish);
    ASSERT_FALSE(board_->reset().slot.has_value());
    EXPECT_EQ(board_->install(shop().delta(old_, new_)).error(), Error::wrong_source);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    const BootReport next = board_->reset();
    EXPECT_EQ(next.slot, SlotId::b);
    EXPECT_TRUE(board_->confirm());
}

TEST_F(Install, BelievesNothingOfASlotInUpdateMode) {
    // The header claims the highest version there is; nobody signed that.
    const Buffer claim(4, 0xFF);
    board_->flash().poke(20, claim);
    ASSERT_FALSE(board_->reset().slot.has_value());
    EXPECT_TRUE(board_->install(shop().full(new_)));
}

TEST_F(Install, RefusesAnImageForAnotherHeaderBeforeItErasesAnything) {
    pack::SignOptions options;
    options.version = {.major = 1, .minor = 1};
    options.header_bytes = 0x100;
    const Buffer image = pack::sign_image(Buffer(3000, 0x33), options, shop().key()).value();
    EXPECT_EQ(board_->install(shop().full(image)).error(), Error::wrong_header);
    const auto& erases = board_->flash().content().erase_counts;
    for (std::uint32_t unit = 0; unit < 2 * spec.slot_units; ++unit) EXPECT_EQ(erases[unit], 0U);
}

TEST_F(Install, TakesTheRecordOfAnotherLayoutForNone) {
    State foreign = board_->state();
    foreign.boot.layout_crc += 1;
    foreign.boot.phase = Phase::trial;
    foreign.boot.security_floor = 99;
    Journal journal(board_->map().journal);
    ASSERT_FALSE(!journal.open());
    ASSERT_TRUE(journal.commit(foreign));
    EXPECT_TRUE(board_->install(shop().full(new_)));
    EXPECT_EQ(board_->state().boot.security_floor, 0U);
}

TEST_F(Install, RefusesToRunInASlotThatIsNotTheActiveOne) {
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    const InstallDevice device{
        .map = board_->map(), .crypto = crypto_, .keys = shop().identity().keys, .running = SlotId::b};
    alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
    InstallSession session(device, journal, work);
    EXPECT_EQ(session.write(0, shop().full(new_)).error(), Error::bad_state);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(Install, FailsTheUpdateWhenASignedPatchIsMalicious) {
    Buffer patch = diff::make_patch(old_, new_, {.format = "endsley", .compress = "none"}).bytes;
    patch[24] = 0xFF;  // the first triple claims more diff bytes than the image has
    patch[27] = 0x7F;
    const pack::PackageOptions options{.device_class = shop().device_class(),
                                       .format = PayloadFormat::endsley,
                                       .source_digest = sim::image_digest(old_)};
    const Buffer package = pack::build_package(new_, patch, options, shop().key()).value();
    EXPECT_EQ(board_->install(package).error(), Error::bad_patch);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
    expect_unharmed();
}

/// Feeds `package` as it is. Whatever happens: what stands in the slot is a beginning of the signed image, nothing
/// else was decoded or written; nothing is staged unless the bytes were right.
class BadPackage : public Install {
protected:
    BadPackage() {
        old_ = shop().image({.major = 1}, 600);
        new_ = shop().image({.major = 1, .minor = 1}, 600);
        use(small);
        at_rest_ = board_->moment();
    }
    void try_one(Bytes package) {
        board_->go_to(at_rest_);
        const Result<void> answer = board_->install(package, package.size() + 1);
        ASSERT_FALSE(answer);
        reasons.insert(answer.error());
        const Phase phase = board_->state().boot.phase;
        ASSERT_TRUE(phase == Phase::ready || phase == Phase::writing || phase == Phase::failed);
        const Buffer seen = slot_b();
        for (std::size_t i = 0; i < seen.size(); ++i) {
            ASSERT_TRUE(seen[i] == 0xFF || (i < new_.size() && seen[i] == new_[i])) << "byte " << i;
        }
        ASSERT_TRUE(board_->holds(SlotId::a, old_));
    }
    void try_all(const Buffer& package) {
        for (std::size_t bit = 0; bit < package.size() * 8; ++bit) {
            Buffer flipped = package;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            try_one(flipped);
            if (HasFatalFailure()) FAIL() << "bit " << bit;
        }
        for (std::size_t length = 0; length < package.size(); ++length) {
            try_one(Bytes(package).first(length));
            if (HasFatalFailure()) FAIL() << "length " << length;
        }
        expect_unharmed();
    }

    const BoardSpec small{.name = "small", .unit_bytes = 1024, .slot_units = 3};
    Board::Moment at_rest_;
    std::set<Error> reasons;
};

TEST_F(BadPackage, FullPackageWithAnyBitFlippedOrCutAnywhereIsRefused) {
    try_all(shop().full(new_));
    EXPECT_GE(reasons.size(), 6U) << "each kind of damage has its own reason";
}

TEST_F(BadPackage, DeltaPackageWithAnyBitFlippedOrCutAnywhereIsRefused) {
    try_all(shop().delta(old_, new_));
    EXPECT_GE(reasons.size(), 6U);
}

}  // namespace
}  // namespace sb
