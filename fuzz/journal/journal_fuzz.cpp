// Any flash content at all: open() must say something sane, and a commit must hold from then on, cut or not.
// Input: byte 0 chooses the geometry, byte 1 a power cut, bytes 2 and 3 which slots get a right CRC (without that no
// mutation would ever be a record); the rest is the flash, repeated until it is full.
#include <algorithm>
#include <cstdlib>

#include "core/base/crc32.hpp"
#include "core/journal/journal.hpp"
#include "sim/flash/nor_flash.hpp"

namespace {

using namespace sb;

constexpr std::uint32_t page_bytes = 512;
constexpr std::uint32_t flash_bytes = 4 * page_bytes;

void require(bool holds) {
    if (!holds) std::abort();
}

Geometry geometry_of(std::uint8_t choice) {
    static constexpr std::uint32_t granules[] = {1, 4, 8, 32, 128};
    Geometry g;
    g.granule = granules[choice % 5];
    g.erased = (choice & 0x20) != 0 ? 0x00 : 0xFF;
    g.ecc = (choice & 0x40) != 0;
    g.reprogram_same = !g.ecc;
    g.erased_readable = !g.ecc || (choice & 0x80) == 0;
    return g;
}

std::vector<std::uint8_t> content_of(Bytes input, std::uint32_t right_crc) {
    std::vector<std::uint8_t> bytes(flash_bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = input[i % input.size()];
    for (std::uint32_t slot = 0; slot < flash_bytes / record_bytes; ++slot) {
        if ((right_crc >> slot & 1U) == 0) continue;
        const MutableBytes record = MutableBytes(bytes).subspan(slot * record_bytes, record_bytes);
        record[0] = 0x53;
        record[1] = 1;
        record[8] &= 7;
        record[9] &= 3;
        record[10] &= 1;
        record[13] &= 7;
        record[19] = record[21] = 0;  // steps done are at most those there are, and none without a plan
        record[20] = record[9] == 0 ? 0 : record[20];
        record[18] = std::min(record[18], record[20]);
        store_le<std::uint32_t>(record, 124, crc32(record.first(124)));
    }
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 5) return 0;
    sim::NorFlash flash(geometry_of(data[0]), {{4, page_bytes}}, data[1]);
    const auto right_crc = static_cast<std::uint32_t>(data[2] | data[3] << 8);
    flash.poke(0, content_of(Bytes(data + 4, size - 4), right_crc));
    const Region region(flash, 0, flash_bytes);

    Journal journal(region);
    const auto opened = journal.open();
    require(opened.has_value() || opened.error() == Error::journal_lost);
    require(opened.has_value() || right_crc == 0 || !flash.geometry().erased_readable);
    const State before = journal.state();
    State next = before;
    next.boot.security_floor += 1;

    // A commit that power cuts somewhere, then one that holds.
    flash.arm({1U + data[1] % 8U, static_cast<sim::Torn>(data[1] / 8 % sim::torn_kinds), data[1],
               static_cast<sim::WeakReads>(data[1] / 64)});
    const auto cut = journal.commit(next);
    require(cut.has_value() || cut.error() == Error::power_lost);
    flash.power_on();

    Journal again(region);
    const auto opened_again = again.open();
    require(opened_again.has_value() || !cut.has_value());
    if (cut.has_value()) require(again.state() == next && again.sealed());
    const State held = again.state();
    require(again.commit(held).has_value() && again.sealed());
    for (int i = 0; i < 3; ++i) {
        Journal later(region);
        require(later.open().has_value() && later.state() == held && later.sealed());
    }
    require(again.append(next).has_value());
    require(flash.rule_breaks() == 0);
    return 0;
}
