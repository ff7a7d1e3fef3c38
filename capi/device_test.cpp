// A device through C: the same simulated boards as core's own tests, opened by what a program in C would write.
#include <gtest/gtest.h>

#include <functional>

#include "capi/switchback.h"
#include "capi/testing.hpp"
#include "core/install/testing.hpp"

namespace sb::capi_device_test {
namespace {

using install_testing::body;
using install_testing::shop;
using Buffer = std::vector<std::uint8_t>;
using sim::Board;
using sim::BoardSpec;

constexpr std::uint32_t decoder_memory = SWITCHBACK_LZMA_MEMORY_BYTES(16384);
constexpr std::size_t work_bytes = SWITCHBACK_INSTALL_WORK_BYTES(1024, decoder_memory);

class CapiDevice : public testing::Test {
protected:
    CapiDevice() : old_(shop().image({.major = 1}, body)), new_(shop().image({.major = 1, .minor = 1}, body)) {
        use({.name = "capi", .unit_bytes = 1024, .slot_units = 12});
    }

    void use(const BoardSpec& spec, const Buffer& golden = {}) {
        spec_ = spec;
        board_ = std::make_unique<Board>(spec, shop().identity(), crypto_);
        board_->provision(golden.empty() ? old_ : new_, golden);
        part_ = capi_testing::as_c(board_->flash());
        crypto_in_c_ = capi_testing::as_c(crypto_);
        copy(key_.point, shop().identity().keys[0].key);
        config_ = config();
    }
    [[nodiscard]] switchback_region region(const EraseUnit& unit) const { return {0, unit.offset, unit.bytes}; }
    [[nodiscard]] switchback_config config() {
        const sim::BoardMap& map = board_->regions();
        const FlashMap& told = board_->map();
        switchback_config made{};
        made.parts = &part_;
        made.part_count = 1;
        made.map.scheme = static_cast<switchback_scheme>(static_cast<int>(spec_.scheme) + 1);
        made.map.remap = spec_.remap;
        made.map.slot_a = {region(map.slots[0]), told.slots[0].address};
        made.map.slot_b = {region(map.slots[1]), told.slots[1].address};
        if (has_one_slot(spec_.scheme)) made.map.slot_b = {};
        made.map.journal = region(map.journal);
        made.map.golden = region(map.golden);
        made.map.patch = region(map.patch);
        made.map.swap_unit = told.swap_unit;
        made.map.layout_crc = told.layout_crc;
        made.map.header_bytes = told.header_bytes;
        made.map.ram_bytes = told.ram_bytes;
        made.crypto = &crypto_in_c_;
        made.keys = &key_;
        made.key_count = 1;
        copy(made.vendor, shop().identity().vendor);
        copy(made.device_class, shop().identity().device_class);
        made.grants = grants_;
        made.grant_count = std::size(grants_);
        return made;
    }

    switchback_result open() { return switchback_open(&device_, &config_); }
    switchback_boot_report boot() {
        switchback_boot_report report{};
        EXPECT_EQ(open(), SWITCHBACK_OK);
        EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, &report), SWITCHBACK_OK);
        return report;
    }
    switchback_result install(const Buffer& package, switchback_slot running = SWITCHBACK_SLOT_A,
                              std::size_t piece = 200, std::size_t enough = SIZE_MAX) {
        auto result = switchback_install_begin(&session_, &device_, running, work_, work_bytes);
        std::uint64_t at = 0;
        switchback_progress progress{};
        while (result == SWITCHBACK_OK && !progress.complete && at < std::min(enough, package.size())) {
            const std::size_t bytes = std::min<std::size_t>(piece, package.size() - at);
            result = switchback_install_write(&session_, at, package.data() + at, bytes, &at);
            EXPECT_EQ(switchback_install_progress(&session_, &progress), SWITCHBACK_OK);
            EXPECT_EQ(progress.wanted, at);
        }
        return result;
    }
    switchback_state status() {
        switchback_state state{};
        EXPECT_EQ(switchback_status(&device_, &state), SWITCHBACK_OK);
        return state;
    }
    [[nodiscard]] switchback_result confirm(switchback_slot running) {
        return switchback_confirm(&device_, running, work_, work_bytes);
    }

    OpensslCrypto crypto_;
    Buffer old_, new_;
    BoardSpec spec_;
    std::unique_ptr<Board> board_;
    switchback_flash part_{};
    switchback_crypto crypto_in_c_{};
    switchback_key key_{};
    switchback_grant grants_[3] = {{&switchback_decoder_raw, 0},
                                   {&switchback_decoder_endsley, 0},
                                   {&switchback_decoder_endsley_lzma, decoder_memory}};
    switchback_config config_{};
    switchback_device device_{};
    switchback_session session_{};
    alignas(8) unsigned char work_[work_bytes]{};
};

TEST_F(CapiDevice, InstallsBootsAndConfirms) {
    for (const Buffer& package : {shop().full(new_), shop().delta(old_, new_)}) {
        use(spec_);
        EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_A);
        ASSERT_EQ(install(package), SWITCHBACK_OK);
        EXPECT_EQ(status().phase, SWITCHBACK_PHASE_CANDIDATE);
        ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
        EXPECT_EQ(status().phase, SWITCHBACK_PHASE_STAGED);
        const switchback_boot_report report = boot();
        EXPECT_EQ(report.slot, SWITCHBACK_SLOT_B);
        EXPECT_EQ(report.decision, SWITCHBACK_TRIAL);
        EXPECT_EQ(report.address, board_->map().slots[0].address + board_->map().header_bytes);
        EXPECT_TRUE(board_->holds(SlotId::b, new_));
        const switchback_state trial = status();
        EXPECT_EQ(trial.running, SWITCHBACK_SLOT_B);
        EXPECT_EQ(trial.active, SWITCHBACK_SLOT_A);
        ASSERT_EQ(confirm(SWITCHBACK_SLOT_B), SWITCHBACK_OK);
        EXPECT_EQ(status().active, SWITCHBACK_SLOT_B);
        EXPECT_TRUE(status().active_confirmed);
        EXPECT_EQ(boot().decision, SWITCHBACK_ACTIVE);
    }
}

TEST_F(CapiDevice, SwitchesBackWhenNothingIsConfirmed) {
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    ASSERT_EQ(install(shop().full(new_)), SWITCHBACK_OK);
    ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_B);
    const switchback_boot_report report = boot();
    EXPECT_EQ(report.slot, SWITCHBACK_SLOT_A);
    EXPECT_EQ(report.decision, SWITCHBACK_SWITCH_BACK);
    EXPECT_EQ(status().cause, SWITCHBACK_TRIES_EXHAUSTED);
    EXPECT_EQ(status().running, SWITCHBACK_SLOT_A);
}

TEST_F(CapiDevice, ExchangesAndCopiesWithTheMoverThatWasNamed) {
    for (const auto& [scheme, mover] :
         {std::pair{Scheme::swap, &switchback_mover_swap}, std::pair{Scheme::copy, &switchback_mover_copy},
          std::pair{Scheme::copy, &switchback_mover_undo}}) {
        use({.name = "moves", .unit_bytes = 1024, .slot_units = 12, .scheme = scheme});
        config_.mover = mover;
        EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_A);
        ASSERT_EQ(install(shop().full(new_)), SWITCHBACK_OK);
        ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
        const switchback_boot_report report = boot();
        EXPECT_EQ(report.slot, SWITCHBACK_SLOT_A);
        EXPECT_EQ(report.decision, SWITCHBACK_TRIAL);
        EXPECT_TRUE(board_->holds(SlotId::a, new_));
        EXPECT_EQ(status().running, SWITCHBACK_SLOT_A);
        EXPECT_EQ(confirm(SWITCHBACK_SLOT_A), SWITCHBACK_OK);
        EXPECT_EQ(boot().decision, SWITCHBACK_ACTIVE);
    }
}

TEST_F(CapiDevice, RewritesInPlaceAndUndoesIt) {
    use({.name = "inplace", .unit_bytes = 1024, .slot_units = 16, .scheme = Scheme::inplace, .patch_units = 20});
    config_.mover = &switchback_mover_rewrite;
    config_.staging = &switchback_patch_staging;
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    const Buffer package = shop().in_place(old_, new_, 16 * 1024, 1024, true, PayloadFormat::endsley_lzma);
    ASSERT_EQ(install(package), SWITCHBACK_OK);
    ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
    EXPECT_TRUE(board_->holds(SlotId::a, old_)) << "until the boot";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(boot().decision, SWITCHBACK_TRIAL);
    EXPECT_TRUE(board_->holds(SlotId::a, new_));
    EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(CapiDevice, LoadsToRamWhatRunsThere) {
    const std::uint32_t ram_bytes = 12 * 1024;
    use({.name = "ram",
         .unit_bytes = 1024,
         .slot_units = 12,
         .scheme = Scheme::ram_load,
         .terms = sim::BoardTerms{.ram_bytes = ram_bytes}});
    Buffer ram(ram_bytes);
    config_.map.ram_bytes = ram_bytes;
    switchback_boot_report report{};
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, &report), SWITCHBACK_BAD_ARGUMENT) << "no RAM was named";
    config_.ram = ram.data();
    EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    EXPECT_TRUE(std::equal(old_.begin(), old_.end(), ram.begin()));
}

TEST_F(CapiDevice, GoesOnWhereAResetStoppedIt) {
    const Buffer package = shop().full(new_);
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    ASSERT_EQ(install(package, SWITCHBACK_SLOT_A, 200, package.size() / 2), SWITCHBACK_OK);
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(status().phase, SWITCHBACK_PHASE_WRITING);
    EXPECT_GT(status().image_bytes, 0U);
    ASSERT_EQ(install(package), SWITCHBACK_OK);
    switchback_progress progress{};
    ASSERT_EQ(switchback_install_progress(&session_, &progress), SWITCHBACK_OK);
    EXPECT_GT(progress.resumed_from, 0U);
    EXPECT_TRUE(progress.complete);
    EXPECT_EQ(progress.package_bytes, package.size());
}

TEST_F(CapiDevice, AsksForABadBlockAgain) {
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    const Buffer package = shop().full(new_);
    Buffer damaged = package;
    damaged.back() ^= 1;
    ASSERT_EQ(install(damaged), SWITCHBACK_BAD_DIGEST);
    switchback_progress progress{};
    ASSERT_EQ(switchback_install_progress(&session_, &progress), SWITCHBACK_OK);
    ASSERT_LT(progress.wanted, package.size());
    std::uint64_t wanted = 0;
    EXPECT_EQ(switchback_install_write(&session_, progress.wanted, package.data() + progress.wanted,
                                       package.size() - progress.wanted, &wanted),
              SWITCHBACK_OK);
    EXPECT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
}

TEST_F(CapiDevice, TellsCoresErrorsOfBadPackages) {
    const sim::Workshop stranger;
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    EXPECT_EQ(install(stranger.full(stranger.image({.major = 2}, body))), SWITCHBACK_UNKNOWN_KEY);
    EXPECT_EQ(switchback_install_stage(&session_), SWITCHBACK_BAD_STATE);
    EXPECT_EQ(install(shop().full(shop().image({.major = 0, .minor = 9}, body))), SWITCHBACK_OLDER);
    EXPECT_EQ(install(shop().delta(shop().image({.major = 1}, body, 3), new_)), SWITCHBACK_WRONG_SOURCE);
    EXPECT_EQ(install(Buffer(2000, 0x11)), SWITCHBACK_MALFORMED);
    grants_[2] = grants_[1];
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(install(shop().delta(old_, new_, PayloadFormat::endsley_lzma)), SWITCHBACK_NO_DECODER);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(CapiDevice, ErasesNothingWhileTheSupplyIsLow) {
    bool low = true;
    config_.supply_low = [](void* self) { return *static_cast<bool*>(self); };
    config_.supply_context = &low;
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    EXPECT_EQ(install(shop().full(new_)), SWITCHBACK_LOW_BATTERY);
    low = false;
    EXPECT_EQ(install(shop().full(new_)), SWITCHBACK_OK);
}

TEST_F(CapiDevice, TellsABlankJournalAndConfirmsWithoutOne) {
    board_->wipe_journal();
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_TRUE(status().journal_lost);
    EXPECT_EQ(boot().decision, SWITCHBACK_RECOVERED);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_A), SWITCHBACK_OK);
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_FALSE(status().journal_lost);
    EXPECT_TRUE(status().active_confirmed);
}

TEST_F(CapiDevice, WaitsForAnUpdateWhenAskedTo) {
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    ASSERT_EQ(switchback_request_update_mode(&device_), SWITCHBACK_OK);
    EXPECT_TRUE(status().update_mode);
    const switchback_boot_report waits = boot();
    EXPECT_EQ(waits.slot, SWITCHBACK_SLOT_NONE);
    EXPECT_EQ(waits.decision, SWITCHBACK_UPDATE_MODE);
    EXPECT_EQ(waits.address, 0U);
    ASSERT_EQ(switchback_leave_update_mode(&device_), SWITCHBACK_OK);
    EXPECT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    ASSERT_EQ(install(shop().full(new_)), SWITCHBACK_OK);
    ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
    EXPECT_EQ(switchback_request_update_mode(&device_), SWITCHBACK_BAD_STATE);
}

TEST_F(CapiDevice, RestoresTheFactoryImageWhenAskedTo) {
    use({.name = "golden", .unit_bytes = 1024, .slot_units = 12, .golden_units = 12}, old_);
    config_.mover = &switchback_mover_copy;
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    ASSERT_EQ(switchback_request_factory_reset(&device_, true), SWITCHBACK_OK);
    EXPECT_TRUE(status().factory_reset);
    EXPECT_EQ(boot().decision, SWITCHBACK_FACTORY_RESET);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(CapiDevice, ConfirmsOnlyWhatRuns) {
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_A);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_B), SWITCHBACK_MALFORMED) << "no image stands there";
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_NONE), SWITCHBACK_BAD_ARGUMENT);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_GOLDEN), SWITCHBACK_BAD_ARGUMENT);
    EXPECT_EQ(confirm(200), SWITCHBACK_BAD_ARGUMENT);
    ASSERT_EQ(install(shop().full(new_)), SWITCHBACK_OK);
    ASSERT_EQ(switchback_install_stage(&session_), SWITCHBACK_OK);
    ASSERT_EQ(boot().slot, SWITCHBACK_SLOT_B);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_A), SWITCHBACK_NOT_RUNNING);
    EXPECT_EQ(install(shop().full(new_), SWITCHBACK_SLOT_NONE), SWITCHBACK_OK) << "complete already";
}

TEST_F(CapiDevice, ReportsAJournalThatCannotBeReadAndBootsAllTheSame) {
    part_.read = [](void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        auto& flash = *static_cast<sim::NorFlash*>(self);
        const std::uint32_t journal = 24 * 1024;
        if (offset >= journal) return int{SWITCHBACK_IO};
        return capi_testing::answer(flash.read(offset, {static_cast<std::uint8_t*>(to), bytes}));
    };
    part_.context = &board_->flash();
    ASSERT_EQ(board_->regions().journal.offset, 24U * 1024);
    EXPECT_EQ(open(), SWITCHBACK_IO);
    switchback_state state{};
    EXPECT_EQ(switchback_status(&device_, &state), SWITCHBACK_BAD_ARGUMENT);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_A), SWITCHBACK_BAD_ARGUMENT);
    switchback_boot_report report{};
    EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, &report), SWITCHBACK_OK);
    EXPECT_EQ(report.slot, SWITCHBACK_SLOT_A);
    EXPECT_FALSE(report.recorded);
}

using Spoil = std::function<void(switchback_config&)>;

TEST_F(CapiDevice, RefusesAConfigurationThatIsNone) {
    const std::vector<std::pair<const char*, Spoil>> spoils = {
        {"no parts", [](auto& c) { c.parts = nullptr; }},
        {"no part", [](auto& c) { c.part_count = 0; }},
        {"too many parts", [](auto& c) { c.part_count = SWITCHBACK_MAX_PARTS + 1; }},
        {"no cryptography", [](auto& c) { c.crypto = nullptr; }},
        {"no keys", [](auto& c) { c.keys = nullptr; }},
        {"no key", [](auto& c) { c.key_count = 0; }},
        {"too many keys", [](auto& c) { c.key_count = SWITCHBACK_MAX_KEYS + 1; }},
        {"no grants", [](auto& c) { c.grants = nullptr; }},
        {"too many grants", [](auto& c) { c.grant_count = SWITCHBACK_MAX_DECODERS + 1; }},
        {"small blocks", [](auto& c) { c.max_block_bytes = 255; }},
        {"large blocks", [](auto& c) { c.max_block_bytes = 4097; }},
        {"a scheme that nobody set", [](auto& c) { c.map.scheme = 0; }},
        {"no such scheme", [](auto& c) { c.map.scheme = 7; }},
        {"no slot A", [](auto& c) { c.map.slot_a.region.bytes = 0; }},
        {"no slot B", [](auto& c) { c.map.slot_b.region.bytes = 0; }},
        {"no journal", [](auto& c) { c.map.journal.bytes = 0; }},
        {"no such part", [](auto& c) { c.map.journal.part = 1; }},
        {"beyond the part", [](auto& c) { c.map.journal.offset += 1024; }},
        {"far beyond the part", [](auto& c) { c.map.journal.offset = 0xffffff00; }},
        {"longer than anything", [](auto& c) { c.map.slot_a.region.bytes = 0xfffffc00; }},
        {"inside an erase unit", [](auto& c) { c.map.slot_b.region.offset += 4; }},
        {"ends inside an erase unit", [](auto& c) { c.map.slot_b.region.bytes -= 4; }},
        {"one over the other", [](auto& c) { c.map.slot_b.region.offset -= 1024; }},
        {"no header", [](auto& c) { c.map.header_bytes = 31; }},
        {"a header beyond the slot", [](auto& c) { c.map.header_bytes = 13 * 1024; }},
        {"swap without a unit", [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_SWAP, c.map.swap_unit = 0; }},
        {"swap in crooked units", [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_SWAP, c.map.swap_unit = 1536; }},
        {"swap in one unit", [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_SWAP, c.map.swap_unit = 12 * 1024; }},
        {"single with two", [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_SINGLE; }},
        {"inplace without a patch area",
         [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_INPLACE, c.map.slot_b.region.bytes = 0; }},
        {"ram_load without RAM", [](auto& c) { c.map.scheme = SWITCHBACK_SCHEME_RAM_LOAD; }},
    };
    const switchback_config good = config_;
    for (const auto& [what, spoil] : spoils) {
        config_ = good;
        ASSERT_EQ(open(), SWITCHBACK_OK);
        spoil(config_);
        EXPECT_EQ(open(), SWITCHBACK_BAD_ARGUMENT) << what;
        switchback_state state{};
        EXPECT_EQ(switchback_status(&device_, &state), SWITCHBACK_BAD_ARGUMENT) << what << ": nothing is open";
    }
    config_ = good;
    config_.map.journal.bytes = 3 * 1024;
    EXPECT_EQ(open(), SWITCHBACK_OUT_OF_RANGE);
    EXPECT_EQ(switchback_open(nullptr, &good), SWITCHBACK_BAD_ARGUMENT);
    EXPECT_EQ(switchback_open(&device_, nullptr), SWITCHBACK_BAD_ARGUMENT);
    EXPECT_EQ(switchback_open(reinterpret_cast<switchback_device*>(work_ + 4), &good), SWITCHBACK_BAD_ARGUMENT);
}

TEST_F(CapiDevice, RefusesAPartThatIsNone) {
    const switchback_flash good = part_;
    const std::vector<std::pair<const char*, std::function<void(switchback_flash&)>>> spoils = {
        {"read", [](auto& p) { p.read = nullptr; }},        {"program", [](auto& p) { p.program = nullptr; }},
        {"erase", [](auto& p) { p.erase = nullptr; }},      {"map", [](auto& p) { p.erase_map = nullptr; }},
        {"runs", [](auto& p) { p.erase_runs = 0; }},        {"size", [](auto& p) { p.bytes += 1024; }},
        {"less", [](auto& p) { p.bytes -= 1024; }},         {"nothing", [](auto& p) { p.bytes = 0; }},
        {"granule 0", [](auto& p) { p.granule = 0; }},      {"granule 3", [](auto& p) { p.granule = 3; }},
        {"granule 1024", [](auto& p) { p.granule = 1024; }}};
    for (const auto& [what, spoil] : spoils) {
        part_ = good;
        spoil(part_);
        EXPECT_EQ(open(), SWITCHBACK_BAD_ARGUMENT) << what;
    }
    part_ = good;
    for (auto spoil : {+[](switchback_crypto& c) { c.sha256_start = nullptr; },
                       +[](switchback_crypto& c) { c.sha256_update = nullptr; },
                       +[](switchback_crypto& c) { c.sha256_digest = nullptr; },
                       +[](switchback_crypto& c) { c.p256_verify = nullptr; }}) {
        crypto_in_c_ = capi_testing::as_c(crypto_);
        spoil(crypto_in_c_);
        EXPECT_EQ(open(), SWITCHBACK_BAD_ARGUMENT);
    }
}

TEST_F(CapiDevice, RefusesArgumentsThatAreNone) {
    const auto bad = SWITCHBACK_BAD_ARGUMENT;
    switchback_boot_report report{};
    switchback_progress progress{};
    switchback_state state{};
    std::uint64_t wanted = 0;
    // nothing was opened or begun
    EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, &report), bad);
    EXPECT_EQ(switchback_install_begin(&session_, &device_, SWITCHBACK_SLOT_A, work_, work_bytes), bad);
    EXPECT_EQ(switchback_install_write(&session_, 0, work_, 1, &wanted), bad);
    EXPECT_EQ(switchback_install_progress(&session_, &progress), bad);
    EXPECT_EQ(switchback_install_stage(&session_), bad);
    EXPECT_EQ(confirm(SWITCHBACK_SLOT_A), bad);
    EXPECT_EQ(switchback_request_update_mode(&device_), bad);
    EXPECT_EQ(switchback_leave_update_mode(nullptr), bad);
    EXPECT_EQ(switchback_request_factory_reset(nullptr, false), bad);
    EXPECT_EQ(switchback_status(&device_, &state), bad);
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, nullptr), bad);
    EXPECT_EQ(switchback_boot(&device_, nullptr, work_bytes, &report), bad);
    EXPECT_EQ(switchback_boot(&device_, work_ + 1, work_bytes - 1, &report), bad);
    EXPECT_EQ(switchback_boot(&device_, work_, SWITCHBACK_BOOT_WORK_BYTES - 1, &report), bad);
    EXPECT_EQ(switchback_boot(&device_, work_, SWITCHBACK_BOOT_WORK_BYTES, &report), SWITCHBACK_OK);
    const auto begin = [&](switchback_slot running, void* at, std::size_t bytes) {
        return switchback_install_begin(&session_, &device_, running, at, bytes);
    };
    EXPECT_EQ(begin(SWITCHBACK_SLOT_GOLDEN, work_, work_bytes), bad);
    EXPECT_EQ(begin(255, work_, work_bytes), bad);
    EXPECT_EQ(begin(SWITCHBACK_SLOT_A, nullptr, work_bytes), bad);
    EXPECT_EQ(begin(SWITCHBACK_SLOT_A, work_ + 4, work_bytes), bad);
    EXPECT_EQ(begin(SWITCHBACK_SLOT_A, work_, work_bytes - 1), bad);
    EXPECT_EQ(switchback_install_begin(nullptr, &device_, SWITCHBACK_SLOT_A, work_, work_bytes), bad);
    ASSERT_EQ(begin(SWITCHBACK_SLOT_A, work_, work_bytes), SWITCHBACK_OK);
    EXPECT_EQ(switchback_install_write(&session_, 0, work_, 1, nullptr), bad);
    EXPECT_EQ(switchback_install_write(&session_, 0, nullptr, 1, &wanted), bad);
    EXPECT_EQ(switchback_install_write(&session_, 0, nullptr, 0, &wanted), SWITCHBACK_OK);
    EXPECT_EQ(switchback_install_progress(&session_, nullptr), bad);
    EXPECT_EQ(switchback_confirm(&device_, SWITCHBACK_SLOT_A, work_, 63), bad);
    EXPECT_EQ(switchback_confirm(&device_, SWITCHBACK_SLOT_A, work_ + 1, 64), bad);
    EXPECT_EQ(switchback_confirm(&device_, SWITCHBACK_SLOT_A, work_, 64), SWITCHBACK_OK);
    EXPECT_EQ(switchback_status(&device_, nullptr), bad);
    config_.mover = nullptr;
    config_.map.scheme = SWITCHBACK_SCHEME_COPY;
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(switchback_boot(&device_, work_, work_bytes, &report), bad) << "no mover";
    EXPECT_EQ(begin(SWITCHBACK_SLOT_B, work_, work_bytes), bad) << "nothing runs from B there";
    config_.mover = &switchback_mover_undo;
    ASSERT_EQ(open(), SWITCHBACK_OK);
    EXPECT_EQ(switchback_boot(&device_, work_, SWITCHBACK_BOOT_WORK_BYTES, &report), bad) << "undoing takes more";
}

}  // namespace
}  // namespace sb::capi_device_test
