// The flow of patch_flow.c on a strict SPI NOR: what it does, what it refuses before it erases, what a failure leaves.
#include "examples/c/patch_flow.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/delta/testing.hpp"
#include "examples/c/spi_nor.h"
#include "tools/diff/patch.hpp"

namespace sb::examples_flow_test {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;

const Pair& programs() {
    static const Pair pair = delta_testing::two_builds(20000, 9);
    return pair;
}

const Buffer& patch_in(const char* format) {
    const auto make = [](const char* name) {
        diff::DiffOptions options;
        options.format = name;
        if (options.format == "sbd") options.ram_bytes = 4096;
        if (options.format == "endsley") options.compress = "none";
        return diff::make_patch(programs().old_image, programs().new_image, options).bytes;
    };
    static const Buffer sbd = make("sbd"), endsley = make("endsley");
    return std::string_view(format) == "sbd" ? sbd : endsley;
}

std::uint32_t size_of(const Buffer& bytes) {
    return static_cast<std::uint32_t>(bytes.size());
}
std::uint32_t crc_of(const Buffer& bytes) {
    return switchback_crc32(bytes.data(), bytes.size(), 0);
}

class PatchFlow : public testing::Test {
protected:
    PatchFlow() {
        spi_nor_erase_all(flash_.get());
        put(FLOW_SLOT_A_AT, programs().old_image);
        EXPECT_EQ(flow_leave_factory(flash_.get(), size_of(programs().old_image)), SWITCHBACK_OK);
        receive(patch_in("sbd"));
    }
    void put(std::uint32_t at, const Buffer& bytes) { std::copy(bytes.begin(), bytes.end(), flash_->cells + at); }
    void receive(const Buffer& patch, std::uint32_t new_bytes = size_of(programs().new_image)) {
        std::uint8_t header[FLOW_PATCH_HEADER_BYTES];
        flow_write_patch_header(header, size_of(patch), crc_of(patch), crc_of(programs().old_image), new_bytes,
                                crc_of(programs().new_image));
        std::fill_n(flash_->cells + FLOW_PATCH_AT, FLOW_PATCH_BYTES, std::uint8_t{0xFF});
        put(FLOW_PATCH_AT, Buffer(header, header + sizeof header));
        put(FLOW_PATCH_AT + FLOW_PATCH_HEADER_BYTES, patch);
        start_to_count();
    }
    void start_to_count() { flash_->erases = flash_->programs = 0; }
    /// Nothing was erased or programmed, and slot A runs.
    void expect_refused(switchback_result why) {
        start_to_count();
        EXPECT_EQ(flow_run(flash_.get()), why);
        EXPECT_EQ(flash_->erases + flash_->programs, 0U);
    }
    char slot() {
        char slot = 0;
        EXPECT_EQ(flow_boot_slot(flash_.get(), &slot), SWITCHBACK_OK);
        return slot;
    }

    std::unique_ptr<flow_flash> flash_ = std::make_unique<flow_flash>();
};

TEST_F(PatchFlow, MakesTheNewProgramInTheOtherSlotAndStartsIt) {
    for (const char* format : {"sbd", "endsley"}) {
        receive(patch_in(format));
        ASSERT_EQ(flow_run(flash_.get()), SWITCHBACK_OK) << format;
        EXPECT_FALSE(flash_->rule_broken);
        const Buffer& made = programs().new_image;
        EXPECT_TRUE(std::equal(made.begin(), made.end(), flash_->cells + FLOW_SLOT_B_AT));
        EXPECT_EQ(slot(), 'B');
        // from the factory again
        spi_nor_erase_all(flash_.get());
        put(FLOW_SLOT_A_AT, programs().old_image);
        ASSERT_EQ(flow_leave_factory(flash_.get(), size_of(programs().old_image)), SWITCHBACK_OK);
    }
}

TEST_F(PatchFlow, NeverTakesAnUnsetSlotVariableForB) {
    for (const std::uint8_t fill : {std::uint8_t{0xFF}, std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
        std::fill_n(flash_->cells, 4096, fill);
        expect_refused(SWITCHBACK_BAD_STATE);
        char slot = 0;
        EXPECT_EQ(flow_boot_slot(flash_.get(), &slot), SWITCHBACK_BAD_STATE);
        EXPECT_EQ(slot, '?');
    }
}

TEST_F(PatchFlow, TakesNoSlotVariableWithADamagedBit) {
    const Buffer good(flash_->cells, flash_->cells + 20);
    for (std::size_t bit = 0; bit < 160; ++bit) {
        put(0, good);
        flash_->cells[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        expect_refused(SWITCHBACK_BAD_STATE);
    }
}

TEST_F(PatchFlow, RefusesADamagedPatchBeforeItErases) {
    for (std::size_t at = 0; at < patch_in("sbd").size(); at += 41) {
        receive(patch_in("sbd"));
        flash_->cells[FLOW_PATCH_AT + FLOW_PATCH_HEADER_BYTES + at] ^= 4;
        expect_refused(SWITCHBACK_BAD_DIGEST);
    }
    EXPECT_EQ(slot(), 'A');
}

TEST_F(PatchFlow, RefusesAnotherOldProgramBeforeItErases) {
    flash_->cells[FLOW_SLOT_A_AT + 777] ^= 1;
    expect_refused(SWITCHBACK_WRONG_SOURCE);
}

TEST_F(PatchFlow, RefusesWhatWouldNotFitBeforeItErases) {
    receive(patch_in("sbd"), FLOW_SLOT_BYTES + 1);
    expect_refused(SWITCHBACK_TOO_LARGE);
    receive(patch_in("sbd"), size_of(programs().new_image) - 1);
    expect_refused(SWITCHBACK_IMAGE_MISMATCH);
    std::fill_n(flash_->cells + FLOW_PATCH_AT, FLOW_PATCH_BYTES, std::uint8_t{0xFF});
    expect_refused(SWITCHBACK_MALFORMED);
    receive(Buffer(100, 7));
    expect_refused(SWITCHBACK_MALFORMED);
}

TEST_F(PatchFlow, KeepsTheOldProgramWhicheverOperationFails) {
    ASSERT_EQ(flow_run(flash_.get()), SWITCHBACK_OK);
    const unsigned operations = flash_->erases + flash_->programs;
    constexpr unsigned of_the_variable = 2;  // its erase and its program come last
    for (unsigned at = 1; at <= operations - of_the_variable; ++at) {
        spi_nor_erase_all(flash_.get());
        put(FLOW_SLOT_A_AT, programs().old_image);
        ASSERT_EQ(flow_leave_factory(flash_.get(), size_of(programs().old_image)), SWITCHBACK_OK);
        receive(patch_in("sbd"));
        flash_->fails_at = at;
        ASSERT_EQ(flow_run(flash_.get()), SWITCHBACK_IO);
        flash_->fails_at = 0;
        ASSERT_EQ(slot(), 'A');
        start_to_count();
        ASSERT_EQ(flow_run(flash_.get()), SWITCHBACK_OK) << "and the next turn does it all again";
        ASSERT_EQ(slot(), 'B');
    }
}

TEST_F(PatchFlow, FindsAProgramThatWasDamagedLater) {
    ASSERT_EQ(flow_run(flash_.get()), SWITCHBACK_OK);
    flash_->cells[FLOW_SLOT_B_AT + 500] ^= 1;
    char slot = 0;
    EXPECT_EQ(flow_boot_slot(flash_.get(), &slot), SWITCHBACK_SLOT_INVALID);
}

}  // namespace
}  // namespace sb::examples_flow_test
