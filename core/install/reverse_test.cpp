// Scheme copy: a reverse patch that came with the update is kept, and undoes it.
#include "core/boot/application.hpp"
#include "core/install/staged_package.hpp"
#include "core/install/there_and_back_testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb::reverse_testing {
namespace {

using install_testing::Board;
using install_testing::BoardSpec;
using install_testing::Buffer;
using install_testing::shop;

constexpr std::uint32_t unit = 1024, segment = 2048;

/// With `patch_units` the reverse patch has a region of its own, else it stands in slot B behind the image.
BoardSpec spec(std::uint32_t golden_units = 0, std::uint32_t patch_units = 0) {
    return {.name = "reverse",
            .unit_bytes = unit,
            .slot_units = patch_units == 0 ? 14U : 8U,
            .scheme = Scheme::copy,
            .golden_units = golden_units,
            .patch_units = patch_units};
}

/// For patches that are not packed.
BoardSpec roomy() {
    BoardSpec board = spec();
    board.slot_units = 24;
    return board;
}

class ReversePatch : public install_testing::ThereAndBack {
protected:
    void use(const BoardSpec& board) {
        ThereAndBack::use(board);
        board_->accept_no_way_back = false;
    }
    [[nodiscard]] Buffer package(PayloadFormat format = PayloadFormat::endsley_lzma) const {
        return shop().there_and_back(old_, new_, format, 256, segment);
    }
    /// Where the envelope and the reverse patch stand in the part.
    [[nodiscard]] std::uint32_t kept_at() const {
        const sim::BoardMap& at = board_->regions();
        const auto image = static_cast<std::uint32_t>(new_.size());
        return at.patch.bytes != 0 ? at.patch.offset : at.slots[1].offset + (image + unit - 1) / unit * unit;
    }
    void install_and_try(const Buffer& package) {
        const Result<void> installed = board_->install(package);
        ASSERT_TRUE(installed) << error_name(installed.error());
        for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    }
    void expect_waits(Error cause) {
        const BootReport report = board_->reset();
        EXPECT_FALSE(report.slot);
        EXPECT_STREQ(error_name(report.cause), error_name(cause));
    }
};

TEST_F(ReversePatch, UndoesAnImageThatDoesNotConfirm) {
    for (const BoardSpec& board : {spec(), spec(0, 6), spec(8)}) {
        use(board);
        install_and_try(package());
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
        EXPECT_EQ(board_->state().boot.phase, Phase::failed);
        EXPECT_TRUE(board_->state().boot.confirmed_a);
        expect_runs(old_, Decision::active, Error::tries_exhausted);
        ASSERT_TRUE(board_->install(package()));
        expect_runs(new_, Decision::trial);
        ASSERT_TRUE(board_->confirm());
        for (int i = 0; i < 4; ++i) expect_runs(new_, Decision::active);
    }
}

TEST_F(ReversePatch, WorksWithEveryFormatThatStartsFromAnImage) {
    for (const PayloadFormat format : {PayloadFormat::endsley_lzma, PayloadFormat::endsley, PayloadFormat::hpatchlite,
                                       PayloadFormat::vcdiff, PayloadFormat::hdiffsf, PayloadFormat::sbd}) {
        use(roomy());
        install_and_try(package(format));
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    }
}

TEST_F(ReversePatch, WorksOnPartsWhoseBlanksDoNotRead) {
    for (const std::uint32_t granule : {8U, 32U}) {
        BoardSpec blind = spec();
        blind.granule = granule;
        blind.ecc = true;
        blind.erased_readable = blind.reprogram_same = false;
        use(blind);
        install_and_try(package());
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    }
}

TEST_F(ReversePatch, ErasesNoUnitTwiceOnTheWayThere) {
    use(spec());
    const auto before = board_->flash().content().erase_counts;
    install_and_try(package());
    for (std::uint32_t i = 0; i < 28; ++i) EXPECT_LE(board_->flash().content().erase_counts[i] - before[i], 1U) << i;
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    for (std::uint32_t i = 0; i < 14; ++i) EXPECT_LE(board_->flash().content().erase_counts[i] - before[i], 2U) << i;
    for (std::uint32_t i = 14; i < 28; ++i) EXPECT_LE(board_->flash().content().erase_counts[i] - before[i], 1U) << i;
}

TEST_F(ReversePatch, AFactoryImageIsAWayBackOnlyWhereItWouldRun) {
    use(spec(8));
    board_->flash().poke(board_->regions().golden.offset + 1000, Buffer(4, 0));
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::no_way_back);
    expect_runs(old_, Decision::active);

    use(spec(8));
    const Buffer raises_floor = shop().image({.major = 1, .minor = 1}, 6100, 0, 2);
    ASSERT_TRUE(board_->install(shop().full(raises_floor)));
    expect_runs(raises_floor, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    EXPECT_EQ(board_->install(shop().full(shop().image({.major = 1, .minor = 2}, 6100, 0, 2))).error(),
              Error::no_way_back);
}

TEST_F(ReversePatch, OrAFactoryImageIsAskedForWhereTheLayoutDoesNotAcceptNone) {
    use(spec());
    EXPECT_EQ(board_->install(shop().delta(old_, new_)).error(), Error::no_way_back);
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::no_way_back);
    expect_runs(old_, Decision::active);
    board_->accept_no_way_back = true;
    install_and_try(shop().delta(old_, new_));
    expect_waits(Error::tries_exhausted);
    // Nothing runs that could be gone back to.
    board_->accept_no_way_back = false;
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);

    // What waits because it was asked to still has an image to lose.
    use(spec());
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits(Error::none);
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::no_way_back);
    ASSERT_TRUE(board_->install(package()));
    expect_runs(new_, Decision::trial);
    expect_runs(new_, Decision::trial);
    expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);

    use(spec(8));
    install_and_try(shop().delta(old_, new_));
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, IsRefusedWhereItDoesNotFit) {
    BoardSpec small = spec();
    for (const auto& [slot_units, patch_units] : {std::pair{7U, 0U}, {12U, 0U}, {14U, 4U}}) {
        small.slot_units = slot_units;  // the image takes 7, the reverse patch 6 to 7
        small.patch_units = patch_units;
        use(small);
        EXPECT_EQ(board_->install(package(PayloadFormat::endsley)).error(), Error::too_large);
        EXPECT_EQ(board_->flash().content().erase_counts[slot_units], 0U) << "slot B is as it was";
        expect_runs(old_, Decision::active);
    }
}

TEST_F(ReversePatch, IsRefusedForAnotherSource) {
    use(spec());
    const Buffer other = shop().image({.major = 1}, 5600, 3, 1);
    EXPECT_EQ(board_->install(shop().there_and_back(other, new_)).error(), Error::wrong_source);
    expect_runs(old_, Decision::active);
}

TEST_F(ReversePatch, IsRefusedByASchemeThatKeepsTheOldImage) {
    for (const Scheme scheme : {Scheme::xip, Scheme::swap, Scheme::inplace}) {
        BoardSpec board = spec();
        board.scheme = scheme;
        board.patch_units = scheme == Scheme::inplace ? 14 : 0;
        use(board);
        // No patch for in place, it would take the only slot while that runs.
        const Error why = scheme == Scheme::inplace ? Error::bad_state : Error::unsupported;
        EXPECT_EQ(board_->install(package()).error(), why) << static_cast<int>(scheme);
    }
}

TEST_F(ReversePatch, LosesNothingWhereABlockOfItDoesNotVerify) {
    use(roomy());
    const Buffer good = package(PayloadFormat::endsley);
    Buffer bad = good;
    bad[3000] ^= 1;
    EXPECT_EQ(board_->install(bad).error(), Error::bad_digest);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    ASSERT_TRUE(board_->install(good));
    EXPECT_GT(board_->resumed_from(), 0U);
    expect_runs(new_, Decision::trial);
}

TEST_F(ReversePatch, ThatRottedIsNotUsedAndNothingOfSlotAIsTouched) {
    for (const std::uint32_t golden_units : {0U, 8U}) {
        use(spec(golden_units));
        install_and_try(package());
        const std::array<std::uint8_t, 4> rot{};
        board_->flash().poke(kept_at() + 700, rot);
        if (golden_units != 0) {
            expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
            continue;
        }
        expect_waits(Error::tries_exhausted);
        EXPECT_TRUE(board_->holds(SlotId::a, new_));
        expect_waits(Error::tries_exhausted);
    }
}

TEST_F(ReversePatch, IsNotUsedWhereTheImageInSlotBRotted) {
    use(spec());
    install_and_try(package());
    const std::array<std::uint8_t, 4> rot{};
    board_->flash().poke(board_->regions().slots[1].offset + 3000, rot);
    expect_waits(Error::tries_exhausted);
    EXPECT_TRUE(board_->holds(SlotId::a, new_));
}

TEST_F(ReversePatch, ThatMakesAnotherImageThanItSaysIsNoWayBack) {
    BoardSpec board = roomy();
    board.golden_units = 8;
    use(board);
    Buffer other;  // as long as the old one: signatures are not
    for (int i = 0; i < 1000 && other.size() != old_.size(); ++i) other = shop().image({.major = 1}, 5600, 3, 1);
    ASSERT_EQ(other.size(), old_.size());
    const diff::DiffOptions how{.format = "endsley", .compress = "none"};
    pack::PackageOptions options{
        .device_class = shop().device_class(), .format = PayloadFormat::endsley, .block_bytes = 256};
    options.source_digest = sim::image_digest(old_);
    options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(old_.size()),
                                           .payload = diff::make_patch(new_, other, how).bytes};
    const Buffer there = diff::make_patch(old_, new_, how).bytes;
    install_and_try(pack::build_package(new_, there, options, shop().key()).value());
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, ThatCannotBeDecodedIsRefusedBeforeAnythingIsErased) {
    use(spec());
    diff::DiffOptions how{.format = "sbd", .compress = "", .level = 1};
    how.threads = 1;
    how.preamble_bytes = 200;
    how.ram_bytes = 4096;
    diff::Patch there = diff::make_patch(old_, new_, how);
    const auto split = there.bytes.begin() + diff::sbd_preamble_bytes(there.bytes);
    pack::PackageOptions options{.device_class = shop().device_class(),
                                 .format = PayloadFormat::sbd,
                                 .decoder_ram_bytes = there.decoder_ram_bytes,
                                 .source_digest = sim::image_digest(old_),
                                 .parameters = Buffer(there.bytes.begin(), split),
                                 .block_bytes = 256};
    options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(old_.size()),
                                           .payload = Buffer(500, 1),
                                           .parameters = Buffer(40, 0xFF)};
    const Buffer payload(split, there.bytes.end());
    const auto before = board_->flash().content().erase_counts;
    const Buffer sent = pack::build_package(new_, payload, options, shop().key()).value();
    EXPECT_EQ(board_->install(sent).error(), Error::no_decoder);
    for (std::uint32_t i = 0; i < 28; ++i) EXPECT_EQ(board_->flash().content().erase_counts[i], before[i]);
    expect_runs(old_, Decision::active);
    options.reverse.reset();
    board_->accept_no_way_back = true;
    const Result<void> without = board_->install(pack::build_package(new_, payload, options, shop().key()).value());
    EXPECT_TRUE(without) << error_name(without.error());
}

TEST_F(ReversePatch, ThatRottedBeforeTheImageIsStagedFailsTheUpdate) {
    use(spec());
    const Buffer sent = package();
    // All but the last bytes: then what is kept rots, and the image is whole.
    EXPECT_FALSE(board_->install(Bytes(sent).first(sent.size() - 10)));
    const std::array<std::uint8_t, 4> rot{};
    board_->flash().poke(kept_at() + 700, rot);
    EXPECT_EQ(board_->install(sent).error(), Error::readback);
    expect_runs(old_, Decision::active, Error::readback);
    ASSERT_TRUE(board_->install(sent));
    expect_runs(new_, Decision::trial);
}

TEST_F(ReversePatch, IsOfNoUseOnceTheImageIsConfirmed) {
    use(spec(8));
    ASSERT_TRUE(board_->install(package()));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    expect_runs(new_, Decision::active);
    // What is left of it stands behind this image, too, and does not start from it.
    const Buffer third = shop().image({.major = 1, .minor = 2}, 6100, 0, 1);
    ASSERT_TRUE(board_->install(shop().full(third)));
    for (int i = 0; i < 3; ++i) expect_runs(third, Decision::trial);
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, OfAnEarlierUpdateIsNotUsed) {
    use(spec(8));
    install_and_try(package());
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    // The same image once more, by a package without a way back: that of the other one still stands behind it.
    install_and_try(shop().delta(old_, new_));
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, IsFoundByTheImageWhereEveryRecordIsLost) {
    use(spec());
    install_and_try(package());
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    board_->wipe_journal();
    // The newer of two images is tried, and the way back is still there.
    expect_runs(new_, Decision::recovered, Error::journal_lost);
    for (int i = 0; i < 2; ++i) expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, WaitsForABetterSupplyAndGoesOn) {
    use(spec());
    install_and_try(package());
    board_->supply.is_low = true;
    for (int i = 0; i < 3; ++i) expect_waits(Error::low_battery);
    EXPECT_TRUE(board_->holds(SlotId::a, new_)) << "no unit was erased";
    board_->supply.is_low = false;
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatch, CannotBeUsedByABootloaderThatDoesNotKnowIt) {
    use(spec());
    install_and_try(package());
    board_->bootloader = [](Journal& journal, const BootDevice& device) {
        const CopyMover plain;
        BootDevice other = device;
        other.mover = &plain;
        return sb::boot(journal, other);
    };
    expect_waits(Error::tries_exhausted);
    EXPECT_TRUE(board_->holds(SlotId::a, new_));
}

/// Cut at every operation of install, copying and undoing, the journal kept or lost.
class ReverseCut : public ReversePatch,
                   public testing::WithParamInterface<std::tuple<bool, PayloadFormat, std::uint32_t>> {};

TEST_P(ReverseCut, EndsWithAnImageThatRuns) {
    const auto [wipe, format, patch_units] = GetParam();
    use(spec(0, patch_units));
    const Buffer sent = package(format);
    const Board::Moment begin = board_->moment();
    std::uint64_t back = 0;
    bool struck = true;
    std::uint64_t at = 0;
    while (struck) {
        board_->go_to(begin);
        struck = live(sent, ++at, wipe);
        ASSERT_FALSE(HasFatalFailure()) << "cut at " << at;
        EXPECT_TRUE(done_) << "cut at " << at;
        back += board_->holds(SlotId::a, old_) ? 1U : 0U;
    }
    EXPECT_GT(at, 100U);
    EXPECT_TRUE(back == at || wipe) << back << " of " << at << ": where records are kept it always goes back";
    EXPECT_GT(back, at / 2);
}

INSTANTIATE_TEST_SUITE_P(JournalKeptOrLost, ReverseCut,
                         testing::Combine(testing::Bool(),
                                          testing::Values(PayloadFormat::sbd, PayloadFormat::endsley_lzma),
                                          testing::Values(0U, 6U)));

TEST_F(ReversePatch, GoesOnWhereItsDownloadWasCut) {
    use(roomy());
    const Buffer sent = package(PayloadFormat::endsley);
    std::uint64_t before = 0;
    // A block of the reverse patch, and one of the other, must not come twice.
    for (const std::size_t part : {3000UL, 6000UL, 9000UL, sent.size() - 100}) {
        EXPECT_FALSE(board_->install(Bytes(sent).first(part)));
        EXPECT_GE(board_->resumed_from() + 2000, before);
        ASSERT_TRUE(board_->reset().slot);
        before = part;
    }
    ASSERT_TRUE(board_->install(sent));
    EXPECT_GT(board_->resumed_from() + 2000, before);
    expect_runs(new_, Decision::trial);
}

}  // namespace
}  // namespace sb::reverse_testing
