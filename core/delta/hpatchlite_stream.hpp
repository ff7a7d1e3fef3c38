// core/delta: HPatchLite's patch, decoded as it comes: a header of a few bytes, then covers, each a handful of small
// numbers, the bytes of the new image before it, and differences to the old image that are left out where there are
// none. Fixed memory; reads the old image only, and only inside of it. The format is explained in
// docs/format-delta.md, worked out from its public sources and from patches made by hdiffi.
//
// Strictness beyond other people's readers: numbers are below 4 GiB; no cover makes more than is left of the image.
#pragma once

#include "core/base/reader.hpp"
#include "core/delta/decoder.hpp"

namespace sb {

/// How the stream behind the header is packed; numbers of the format.
enum class HpatchliteCompression : std::uint8_t { none = 0, tinyuz = 1, lzma = 3 };

/// The first bytes of a patch, and the dictionary size of tinyuz behind them.
class HpatchliteHeader {
public:
    /// Takes the next byte, until whole(). Errors (none: all is well): malformed, unsupported (another version),
    /// too_large (a size of 4 GiB or more).
    [[nodiscard]] Error take(std::uint8_t byte);
    [[nodiscard]] bool whole() const { return whole_; }
    /// Goes to its start, or to its end without knowing its sizes.
    void set(bool whole) {
        held_ = 0;
        wanted_ = 4;
        whole_ = whole;
    }

    // Requires: whole().
    [[nodiscard]] std::uint8_t bytes() const { return held_; }
    [[nodiscard]] HpatchliteCompression compression() const { return HpatchliteCompression{head_[2]}; }
    [[nodiscard]] std::uint32_t new_bytes() const { return new_bytes_; }
    /// Of the stream once unpacked; 0 where it is not packed.
    [[nodiscard]] std::uint32_t plain_bytes() const { return plain_bytes_; }
    /// Of tinyuz; without meaning elsewhere.
    [[nodiscard]] std::uint32_t dictionary_bytes() const { return dictionary_bytes_; }

private:
    [[nodiscard]] Error measure();
    [[nodiscard]] std::uint32_t field(std::size_t at, std::size_t width) const;

    std::array<std::uint8_t, 21> head_;
    std::uint8_t held_ = 0;
    std::uint8_t wanted_ = 4;
    bool whole_ = false;
    std::uint32_t new_bytes_ = 0;
    std::uint32_t plain_bytes_ = 0;
    std::uint32_t dictionary_bytes_ = 0;
};

class HpatchliteStream {
public:
    /// Requires: `old_image` outlives the stream.
    HpatchliteStream(std::uint32_t image_bytes, Reader& old_image) : old_(&old_image), image_left_(image_bytes) {}

    /// Stream bytes that decode() can use at once with `room` bytes of output.
    [[nodiscard]] std::size_t wanted(std::size_t room) const;

    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
    };
    /// Decodes as far as `in` and `out` allow. Errors: bad_patch, too_large, those of the old image's reader.
    [[nodiscard]] Result<Step> decode(Bytes in, MutableBytes out);

    [[nodiscard]] bool done() const { return state_.reads == Reads::nothing; }
    [[nodiscard]] std::uint32_t image_left() const { return image_left_; }

    void save(Checkpoint& to) const;
    /// Goes on where save() was called, with `image_left` bytes still to make. Errors: malformed.
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t image_left);

private:
    enum class Reads : std::uint8_t { count, length, place, far_place, gap, bytes, nothing };

    /// What a checkpoint keeps, as it stands in memory: the same build reads it.
    struct State {
        std::uint32_t covers_left = 0;
        std::uint32_t old_at = 0;
        std::uint32_t gap_left = 0;    // bytes of the new image before the cover
        std::uint32_t cover_left = 0;  // bytes of the cover
        std::uint32_t number = 0;      // as far as its bytes came in
        std::uint8_t flags = 0;        // of the cover's place
        Reads reads = Reads::count;
    };

    [[nodiscard]] bool unchanged() const { return (state_.flags & 0x80) != 0; }
    // Error::none: all is well. (A Result costs a Cortex-M0 a dozen bytes at each return.)
    [[nodiscard]] Error take_byte(std::uint32_t byte);
    [[nodiscard]] Error end_number(std::uint32_t number);
    [[nodiscard]] Error end_cover();
    [[nodiscard]] Error make(MutableBytes out, const std::uint8_t* added);

    Reader* old_;
    std::uint32_t image_left_;
    State state_;
};

}  // namespace sb
