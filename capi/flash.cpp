#include "capi/flash.hpp"

#include <algorithm>

namespace sb::capi {
namespace {

constexpr std::uint32_t largest_granule = 512;  // SlotWriter, Journal
constexpr std::uint32_t usual_cycles = 10'000;

// The same two numbers in both languages, so that a table of C's is read where it stands.
static_assert(sizeof(EraseRun) == sizeof(switchback_erase_run));
static_assert(offsetof(EraseRun, units) == offsetof(switchback_erase_run, units));
static_assert(offsetof(EraseRun, unit_bytes) == offsetof(switchback_erase_run, unit_bytes));

bool adds_up(const switchback_flash& part) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < part.erase_runs; ++i) {
        const switchback_erase_run& run = part.erase_map[i];
        if (run.units == 0 || run.unit_bytes == 0 || run.unit_bytes % part.granule != 0) return false;
        sum += std::uint64_t{run.units} * run.unit_bytes;
        if (sum > part.bytes) return false;
    }
    return sum == part.bytes;
}

}  // namespace

bool CallbackFlash::accepts(const switchback_flash& part) {
    const bool granule =
        part.granule != 0 && part.granule <= largest_granule && (part.granule & (part.granule - 1)) == 0;
    return part.read != nullptr && part.program != nullptr && part.erase != nullptr && part.erase_map != nullptr &&
           is_aligned(part.erase_map, alignof(switchback_erase_run)) && granule && part.bytes != 0 && adds_up(part);
}

CallbackFlash::CallbackFlash(const switchback_flash& part) : part_(part) {
    geometry_.erase_map = {static_cast<const EraseRun*>(static_cast<const void*>(part.erase_map)), part.erase_runs};
    geometry_.bytes = part.bytes;
    geometry_.granule = part.granule;
    geometry_.rated_cycles = part.rated_cycles != 0 ? part.rated_cycles : usual_cycles;
    geometry_.erased = part.erased;
    geometry_.erased_readable = !part.erased_unreadable;
    geometry_.reprogram_same = part.reprogram_same && !part.ecc;
    geometry_.ecc = part.ecc;
}

Result<void> CallbackFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    if (out.empty()) return {};
    return from_callback(part_.read(part_.context, offset, out.data(), out.size()));
}

Result<void> CallbackFlash::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    if ((offset | data.size()) % geometry_.granule != 0) return fail(Error::unaligned);
    if (data.empty()) return {};
    return from_callback(part_.program(part_.context, offset, data.data(), data.size()));
}

Result<void> CallbackFlash::erase(std::uint32_t offset) {
    if (!holds(offset, 1)) return fail(Error::out_of_range);
    if (geometry_.unit_at(offset).offset != offset) return fail(Error::unaligned);
    return from_callback(part_.erase(part_.context, offset));
}

Result<bool> CallbackFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    if (part_.is_blank != nullptr) {
        bool blank = false;
        SB_TRY(from_callback(part_.is_blank(part_.context, offset, length, &blank)));
        return blank;
    }
    std::array<std::uint8_t, 64> seen;
    for (std::uint32_t at = 0; at < length;) {
        const MutableBytes piece = MutableBytes(seen).first(std::min<std::size_t>(seen.size(), length - at));
        SB_TRY(read(offset + at, piece));
        if (!std::ranges::all_of(piece, [this](std::uint8_t byte) { return byte == geometry_.erased; })) return false;
        at += static_cast<std::uint32_t>(piece.size());
    }
    return true;
}

}  // namespace sb::capi
