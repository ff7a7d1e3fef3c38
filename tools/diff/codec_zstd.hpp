// tools/diff: Zstandard: one frame (RFC 8878), as HDiffPatch writes it.
#pragma once

#include <memory>
#include <vector>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

/// Packs at the highest level, with a window that holds all. Throws std::runtime_error when libzstd fails.
[[nodiscard]] std::vector<std::uint8_t> pack_zstd(Bytes plain);

class ZstdStream final : public ByteStream {
public:
    /// Requires: `packed` outlives the stream.
    explicit ZstdStream(ByteStream& packed);
    ~ZstdStream();
    ZstdStream(const ZstdStream&) = delete;
    ZstdStream& operator=(const ZstdStream&) = delete;

    /// Errors: malformed, truncated, trailing_data, too_large (a window of more than 256 MiB), those of `packed`.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff
