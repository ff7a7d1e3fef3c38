// core/delta: patches that cannot be decoded as they come, since their parts stand one behind the other and are read
// side by side: a PatchSource holds the whole patch (a file, or a patch staged in flash), ByteStreams read its parts,
// unpacked where they are packed, and a PullDecoder draws from them.
#pragma once

#include <algorithm>

#include "core/base/reader.hpp"

namespace sb {

/// The whole patch at random.
using PatchSource = Reader;

/// Bytes one after another.
class ByteStream {
public:
    /// Reads up to to.size() bytes to the front of `to`: at least one unless the stream is at its end or `to` is
    /// empty. Errors: those of the place; malformed and truncated where the bytes are unpacked.
    [[nodiscard]] virtual Result<std::size_t> read(MutableBytes to) = 0;

protected:
    ~ByteStream() = default;
};

/// A part of a patch, as it stands there.
class RangeStream final : public ByteStream {
public:
    /// Requires: the range lies inside `source`, which outlives the stream.
    RangeStream(PatchSource& source, std::uint32_t from, std::uint32_t bytes)
        : source_(&source), at_(from), left_(bytes) {}

    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override {
        const std::size_t count = std::min<std::size_t>(left_, to.size());
        SB_TRY(source_->read(at_, to.first(count)));
        at_ += static_cast<std::uint32_t>(count);
        left_ -= static_cast<std::uint32_t>(count);
        return count;
    }

private:
    PatchSource* source_;
    std::uint32_t at_;
    std::uint32_t left_;
};

/// Fills `to` whole. Errors: truncated when the stream ends before.
[[nodiscard]] inline Result<void> read_exactly(ByteStream& stream, MutableBytes to) {
    while (!to.empty()) {
        SB_TRY_ASSIGN(const std::size_t count, stream.read(to));
        if (count == 0) return fail(Error::truncated);
        to = to.subspan(count);
    }
    return {};
}

/// A decoder that reads its patch by itself.
class PullDecoder {
public:
    /// Makes the next bytes of the new image, in order: at least one unless the image is complete or `out` is empty.
    /// Errors: bad_patch, malformed, truncated, too_large, those of the patch and of the old image.
    [[nodiscard]] virtual Result<std::size_t> produce(MutableBytes out) = 0;

protected:
    ~PullDecoder() = default;
};

}  // namespace sb
