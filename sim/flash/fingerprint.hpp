// sim/flash: a quick 128-bit fingerprint of bytes, and of a whole part kept up to date block by block. Two states with
// the same fingerprint are taken for equal by the power-cut checker, which repeats a part of its runs without that.
// Nothing here is cryptography: nobody who could choose the bytes gains anything by a collision.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::sim {

struct Fingerprint {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Fingerprint&) const = default;
};

/// The fingerprint of `data` when `before` was seen first.
[[nodiscard]] Fingerprint fingerprint(Bytes data, Fingerprint before = {});
[[nodiscard]] Fingerprint fingerprint(std::uint64_t value, Fingerprint before);

struct FlashContent;

/// The fingerprint of what a part holds and would read as: cells and what cells cannot say. Not its wear.
class ContentFingerprint {
public:
    static constexpr std::uint32_t block_bytes = 512;

    explicit ContentFingerprint(std::uint32_t granule = 1) : granule_(granule) {}
    /// All bytes may have changed.
    void forget();
    /// The bytes from `offset` on may have changed.
    void touch(std::uint32_t offset, std::uint32_t bytes);
    /// Of `content`, whose blocks are as they were the last time unless they were touched. Weak ranges are left out.
    [[nodiscard]] Fingerprint of(const FlashContent& content);

    /// Of one block alone: what it reads as, and more.
    [[nodiscard]] Fingerprint of_block(const FlashContent& content, std::uint32_t block);

private:
    [[nodiscard]] Fingerprint compute(const FlashContent& content, std::uint32_t block) const;
    void refresh(const FlashContent& content, std::uint32_t block);

    std::uint32_t granule_;
    std::vector<Fingerprint> blocks_;
    std::vector<std::uint32_t> stale_;
    std::vector<std::uint8_t> is_stale_;
    Fingerprint sum_;
};

}  // namespace sb::sim
