// tools/diff: room for work that is as large as an image. Where the system offers huge pages it is made of them: to be
// given a megabyte in pages of 4 KB takes longer than to decode it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// Bytes that hold nothing in particular; memory is taken where they are written to.
class BigBuffer {
public:
    static constexpr std::size_t quick = std::size_t{1} << 19;

    BigBuffer() = default;
    /// Throws std::bad_alloc. `least_huge`: how much has to be used of a huge page for it to be worth its memory; from
    /// a quarter of it on (`quick`) it is worth its time. Quick ones below that are given their memory at once.
    explicit BigBuffer(std::size_t bytes, std::size_t least_huge = std::size_t{3} << 19);
    BigBuffer(BigBuffer&& other) noexcept
        : begin_(std::exchange(other.begin_, nullptr)),
          bytes_(std::exchange(other.bytes_, 0)),
          mapped_(std::exchange(other.mapped_, 0)) {}
    BigBuffer& operator=(BigBuffer&& other) noexcept {
        std::swap(begin_, other.begin_);
        std::swap(bytes_, other.bytes_);
        std::swap(mapped_, other.mapped_);
        return *this;
    }
    ~BigBuffer();

    /// Aligned for every type.
    [[nodiscard]] std::uint8_t* data() const { return begin_; }
    [[nodiscard]] std::size_t size() const { return bytes_; }
    [[nodiscard]] MutableBytes all() const { return {begin_, bytes_}; }
    /// Gives back what is behind the first `bytes`. Requires: bytes <= size().
    void shrink(std::size_t bytes);

private:
    std::uint8_t* begin_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t mapped_ = 0;  ///< whole pages
};

}  // namespace sb::diff
