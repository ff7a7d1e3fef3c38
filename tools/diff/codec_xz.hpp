// tools/diff: xz streams in pieces, over liblzma: what xdelta3 calls LZMA secondary compression. All sections of one
// kind are one xz stream, flushed at the end of each window and never ended, so that a section can be unpacked as soon
// as it is there. Facts: the .xz file format 1.1.0; patches of xdelta3 3.0.11.
#pragma once

#include <lzma.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb::diff {

struct LzmaStreamEnd {
    void operator()(lzma_stream* stream) const {
        lzma_end(stream);
        delete stream;
    }
};
using LzmaStream = std::unique_ptr<lzma_stream, LzmaStreamEnd>;

class XzUnpacker {
public:
    /// Throws std::bad_alloc.
    XzUnpacker();

    /// Unpacks the next piece, all of it, to the `plain_bytes` bytes that it must give; memory grows only with what
    /// is really made. Errors: malformed, truncated, too_large (a dictionary beyond 512 MiB), unsupported.
    [[nodiscard]] Result<std::vector<std::uint8_t>> unpack(Bytes packed, std::size_t plain_bytes);

private:
    [[nodiscard]] bool holds_more();

    LzmaStream stream_;
};

/// How liblzma models what it packs.
struct XzSetting {
    std::uint32_t literal_context_bits = 3;
    std::uint32_t literal_position_bits = 0;
    std::uint32_t position_bits = 0;
};

class XzPacker {
public:
    /// For pieces of at most `plain_bytes` in all. Throws std::bad_alloc, std::runtime_error.
    XzPacker(const XzSetting& setting, std::size_t plain_bytes);

    /// Packs the next piece.
    [[nodiscard]] std::vector<std::uint8_t> pack(Bytes plain);

private:
    LzmaStream stream_;
};

}  // namespace sb::diff
