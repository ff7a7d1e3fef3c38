// tools/diff: zlib's deflate as HDiffPatch writes it: one byte of window bits (signed; negative: bare deflate,
// positive: with zlib's header and checksum), then the stream.
#pragma once

#include <memory>
#include <vector>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

/// Packs with the settings that make the smallest result. Throws std::runtime_error when zlib fails.
[[nodiscard]] std::vector<std::uint8_t> pack_zlib(Bytes plain);

class ZlibStream final : public ByteStream {
public:
    /// Requires: `packed` outlives the stream.
    explicit ZlibStream(ByteStream& packed);
    ~ZlibStream();
    ZlibStream(const ZlibStream&) = delete;
    ZlibStream& operator=(const ZlibStream&) = delete;

    /// Errors: malformed, truncated, trailing_data, those of `packed`.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff
