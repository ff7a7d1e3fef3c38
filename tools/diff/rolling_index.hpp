// tools/diff: finds equal stretches of two large files in little memory. The old file is cut into blocks, and a table
// keeps a hash of each; a hash that rolls over the new one, byte by byte, asks for the same. The method is that of
// rsync (Tridgell, 1999), with a polynomial hash.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/reader.hpp"

namespace sb::diff {

/// The hash of a window that moves on byte by byte.
class RollingHash {
public:
    explicit RollingHash(std::size_t window_bytes) {
        for (std::size_t i = 0; i < window_bytes; ++i) leaving_ *= factor;
    }
    void start(Bytes window) {
        value_ = 0;
        for (const std::uint8_t byte : window) value_ = value_ * factor + term(byte);
    }
    void roll(std::uint8_t leaves, std::uint8_t enters) {
        value_ = value_ * factor + term(enters) - leaving_ * term(leaves);
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    static constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;  // odd, with bits all over
    static std::uint64_t term(std::uint8_t byte) { return std::uint64_t{byte} + 1; }

    std::uint64_t leaving_ = 1;  // factor to the power of the window's length
    std::uint64_t value_ = 0;
};

/// Where blocks of the old file stand.
class RollingIndex {
public:
    /// Reads all of `old` once. The table takes at most `table_bytes`; the larger the file for it, the longer are the
    /// blocks. Throws std::runtime_error when reading fails.
    RollingIndex(Reader& old, std::size_t table_bytes, const std::function<void(double fraction)>& progress);

    [[nodiscard]] std::size_t block_bytes() const { return block_bytes_; }
    /// Offset of a block that probably has this hash; of equal ones the first.
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash) const;

private:
    void insert(std::uint64_t hash, std::uint32_t block);

    std::size_t block_bytes_;
    std::vector<std::uint32_t> blocks_;  ///< number + 1; 0: free
    std::vector<std::uint16_t> prints_;  ///< more bits of the hash
};

}  // namespace sb::diff
