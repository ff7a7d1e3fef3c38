#include "sim/flash/fingerprint.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

namespace {

// Odd constants without structure: digits of pi.
constexpr std::uint64_t pi[] = {0x243F6A8885A308D3U, 0x13198A2E03707345U, 0xA4093822299F31D1U, 0x082EFA98EC4E6C89U};
// What stands beside a lone number; never one of the above, which it would cancel.
constexpr std::uint64_t of_length = 0x452821E638D01377U;
constexpr std::uint64_t of_value = 0xBE5466CF34E90C6DU;

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

void mix(Fingerprint& f, std::uint64_t x, std::uint64_t y) {
    f.low = fold(f.low ^ x ^ pi[0], y ^ pi[1]);
    f.high = fold(std::rotl(f.high, 29) ^ y ^ pi[2], x ^ pi[3]);
}

/// Two pairs of words, each into a half of its own: two steps that do not wait for each other.
void mix(Fingerprint& f, std::uint64_t x, std::uint64_t y, std::uint64_t z, std::uint64_t w) {
    f.low = fold(f.low ^ x ^ pi[0], y ^ pi[1]);
    f.high = fold(f.high ^ z ^ pi[2], w ^ pi[3]);
}

std::uint64_t word(const std::uint8_t* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

}  // namespace

Fingerprint fingerprint(Bytes data, Fingerprint before) {
    mix(before, data.size(), of_length);
    const std::uint8_t* at = data.data();
    const std::uint8_t* const end = at + data.size();
    for (; end - at >= 32; at += 32) mix(before, word(at), word(at + 8), word(at + 16), word(at + 24));
    if (at != end) {
        std::array<std::uint8_t, 32> tail{};
        std::memcpy(tail.data(), at, static_cast<std::size_t>(end - at));
        mix(before, word(tail.data()), word(tail.data() + 8), word(tail.data() + 16), word(tail.data() + 24));
    }
    mix(before, before.low, before.high);
    return before;
}

Fingerprint fingerprint(std::uint64_t value, Fingerprint before) {
    mix(before, value, of_value);
    return before;
}

void ContentFingerprint::forget() {
    blocks_.clear();
    stale_.clear();
    is_stale_.clear();
    sum_ = {};
}

void ContentFingerprint::touch(std::uint32_t offset, std::uint32_t bytes) {
    if (blocks_.empty() || bytes == 0) return;
    for (std::uint32_t block = offset / block_bytes; block <= (offset + bytes - 1) / block_bytes; ++block) {
        if (is_stale_[block] != 0) continue;
        is_stale_[block] = 1;
        stale_.push_back(block);
    }
}

Fingerprint ContentFingerprint::compute(const FlashContent& content, std::uint32_t block) const {
    const auto size = static_cast<std::uint32_t>(content.cells.size());
    const std::uint32_t from = block * block_bytes;
    const std::uint32_t to = std::min(from + block_bytes, size);
    const std::uint32_t first = from / granule_;
    const std::uint32_t granules = (to + granule_ - 1) / granule_ - first;
    const Fingerprint f = fingerprint(Bytes(content.cells).subspan(from, to - from), fingerprint(block, {}));
    // Three flags of a granule, 0 or 1 each, fit into one byte.
    std::array<std::uint8_t, block_bytes> flags{};
    for (std::uint32_t i = 0; i < granules; ++i) {
        const std::size_t g = first + i;
        flags[i] = static_cast<std::uint8_t>(content.programmed[g] | content.torn[g] << 1 | content.unreadable[g] << 2);
    }
    return fingerprint(Bytes(flags).first(granules), f);
}

Fingerprint ContentFingerprint::of(const FlashContent& content) {
    if (blocks_.empty()) {
        const auto count = static_cast<std::uint32_t>((content.cells.size() + block_bytes - 1) / block_bytes);
        blocks_.assign(count, {});
        is_stale_.assign(count, 1);
        for (std::uint32_t block = 0; block < count; ++block) stale_.push_back(block);
    }
    for (const std::uint32_t block : stale_)
        if (is_stale_[block] != 0) refresh(content, block);
    stale_.clear();
    return sum_;
}

Fingerprint ContentFingerprint::of_block(const FlashContent& content, std::uint32_t block) {
    if (blocks_.empty()) static_cast<void>(of(content));
    if (is_stale_[block] != 0) refresh(content, block);
    return blocks_[block];
}

/// A sum does not care for the order, so one block can be exchanged for another.
void ContentFingerprint::refresh(const FlashContent& content, std::uint32_t block) {
    const Fingerprint fresh = compute(content, block);
    sum_.low += fresh.low - blocks_[block].low;
    sum_.high += fresh.high - blocks_[block].high;
    blocks_[block] = fresh;
    is_stale_[block] = 0;
}

}  // namespace sb::sim
