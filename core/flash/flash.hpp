// core/flash: what a port implements, once for each flash part.
// Flash physics as the core sees it: erase sets a whole unit to `erased`; program changes erased granules and
// must not be repeated on a granule unless `reprogram_same`; both can be cut by power loss at any moment and
// leave cells that read differently every time. `read` therefore never proves that an operation was complete.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// `units` consecutive erase units of `unit_bytes` each; a part's erase map is a short list of these.
struct EraseRun {
    std::uint32_t units;
    std::uint32_t unit_bytes;
};

/// One erase unit: where it starts (bytes from the start of the part) and how long it is.
struct EraseUnit {
    std::uint32_t offset;
    std::uint32_t bytes;
};

/// The facts of one part, from its datasheet by way of the layout file.
struct Geometry {
    std::span<const EraseRun> erase_map{};  ///< covers the whole part, in order of addresses
    std::uint32_t bytes = 0;                ///< size of the part
    std::uint32_t granule = 4;              ///< program unit: offsets and lengths are multiples of it
    std::uint32_t rated_cycles = 10'000;    ///< erase cycles a unit is rated for
    std::uint8_t erased = 0xFF;             ///< value of an erased byte
    bool erased_readable = true;            ///< false: reading a blank granule is an ECC error on this part
    bool reprogram_same = false;            ///< a granule may be programmed again with the same bytes (never with ECC)
    bool ecc = false;                       ///< a torn granule reads as Error::unreadable

    /// The erase unit that holds `offset`. Requires: offset < bytes.
    [[nodiscard]] EraseUnit unit_at(std::uint32_t offset) const;
};

class Flash {
public:
    [[nodiscard]] virtual const Geometry& geometry() const = 0;

    /// Reads out.size() bytes from `offset`. Any alignment.
    /// Errors: unreadable when a granule of the range has an uncorrectable ECC fault (the bytes of the other
    /// granules are delivered, so a caller that wants to know which one reads granule by granule); io;
    /// out_of_range. Never faults the program.
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, MutableBytes out) = 0;

    /// Programs `data` at `offset`. Requires: both are multiples of the granule and the range was erased.
    /// Errors: unaligned, out_of_range, io.
    [[nodiscard]] virtual Result<void> program(std::uint32_t offset, Bytes data) = 0;

    /// Erases the one unit that starts at `offset`. Errors: unaligned (not the start of a unit), out_of_range, io.
    [[nodiscard]] virtual Result<void> erase(std::uint32_t offset) = 0;

    /// Whether the range reads blank, asked of the controller where it has a blank check of its own.
    /// True proves nothing about an erase that power loss may have cut, so the core never acts on it: it is for
    /// reports and tools. Any alignment. Errors: out_of_range, io.
    [[nodiscard]] virtual Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) = 0;

protected:
    ~Flash() = default;
};

}  // namespace sb
