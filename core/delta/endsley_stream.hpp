// core/delta: the instruction stream of ENDSLEY/BSDIFF43, decoded as it comes: a triple (diff bytes, extra bytes,
// seek in the old image), then the diff bytes, each added to the old image's byte at the same place, then the extra
// bytes. Fixed memory; reads the old image only, and only inside of it.
//
// Strictness beyond other people's readers: sizes are below 4 GiB; no triple makes more than is left of the image;
// the position in the old image counts modulo 2^32, and bytes outside the old image are 0, as in Percival's bspatch.
#pragma once

#include "core/base/reader.hpp"

namespace sb {

inline constexpr std::size_t endsley_header_bytes = 24;
inline constexpr std::size_t endsley_triple_bytes = 24;
inline constexpr std::array<std::uint8_t, 16> endsley_magic{'E', 'N', 'D', 'S', 'L', 'E', 'Y', '/',
                                                            'B', 'S', 'D', 'I', 'F', 'F', '4', '3'};

/// An integer of bsdiff: 63 bits of magnitude, low byte first, and the sign on top.
struct SignedMagnitude {
    std::uint32_t magnitude;
    bool negative;
};
/// Reads one from 8 bytes. Errors: too_large from 4 GiB.
[[nodiscard]] Result<SignedMagnitude> load_signed_magnitude(Bytes from);

/// The size of the new image in a header of 24 bytes. Errors: malformed, too_large.
[[nodiscard]] Result<std::uint32_t> parse_endsley_header(Bytes header);

/// The 24 bytes before the stream, compared as they come with the only ones that fit the announced image.
class EndsleyHeader {
public:
    /// Bytes taken from `in`. Errors: malformed (another format, or a patch to an image of another size).
    [[nodiscard]] Result<std::size_t> take(Bytes in, std::uint32_t image_bytes);
    [[nodiscard]] bool whole() const { return seen_ == endsley_header_bytes; }
    /// Goes to its end, or back to its start.
    void set(bool whole) { seen_ = whole ? endsley_header_bytes : 0; }

private:
    std::size_t seen_ = 0;
};

class EndsleyStream {
public:
    /// Requires: `old_image` outlives the stream.
    EndsleyStream(std::uint32_t image_bytes, Reader& old_image) : old_(&old_image), image_left_(image_bytes) {}

    /// Stream bytes that decode() can use at once with `room` bytes of output.
    [[nodiscard]] std::size_t wanted(std::size_t room) const;

    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
    };
    /// Decodes as far as `in` and `out` allow. Errors: bad_patch, too_large, those of the old image's reader.
    [[nodiscard]] Result<Step> decode(Bytes in, MutableBytes out);

    [[nodiscard]] bool done() const { return image_left_ == 0; }
    [[nodiscard]] std::uint32_t image_left() const { return image_left_; }
    /// Bytes of a triple that came in but are not whole yet.
    [[nodiscard]] std::uint32_t triple_held() const { return held_; }

    static constexpr std::size_t state_bytes = 16;
    /// Writes the 16 bytes that restore() needs; a triple that is not whole is forgotten: feed it again.
    void save(MutableBytes to) const;
    /// Goes on where save() was called, with `image_left` bytes still to make. Errors: malformed.
    [[nodiscard]] Result<void> restore(Bytes from, std::uint32_t image_left);

private:
    [[nodiscard]] Result<void> begin_triple();
    [[nodiscard]] Result<std::size_t> add_to_old(Bytes diff, MutableBytes out);

    Reader* old_;
    std::uint32_t image_left_;
    std::uint32_t old_position_ = 0;
    std::uint32_t diff_left_ = 0;
    std::uint32_t extra_left_ = 0;
    std::uint32_t seek_ = 0;  // added to the old position after the diff bytes
    std::uint32_t held_ = 0;
    std::array<std::uint8_t, endsley_triple_bytes> triple_;
};

}  // namespace sb
